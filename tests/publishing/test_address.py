"""A server whose SITE_URL is not the published one goes on publishing and says so; a command does not, unless told."""

from typing import Any

import pytest
from django.core.management import call_command

from incidents.publishing import address
from incidents.publishing.address import OtherAddress, accept_address
from incidents.publishing.publisher import publish_hosts, publish_page, the_store
from tests.factories import make_component, make_page

MOVED = "https://moved.sipcity.test"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address._State, "is_accepted", False)
    monkeypatch.setattr(address._State, "next_log", 0.0)


@pytest.mark.django_db(transaction=True)
def test_a_server_publishes_and_says_once_a_minute_that_its_address_is_another(
    settings: Any, tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.PUBLISH_DIR = tmp_path
    page = make_page("SIPcity")
    make_component(page, "Network")
    publish_page(page.pk, everything=True)
    was = settings.SITE_URL
    assert the_store().site_url() == was
    settings.SITE_URL = MOVED
    for _ in range(3):
        publish_page(page.pk, everything=True)
    said = [record for record in caplog.records if record.name == "incidents.publishing.address"]
    assert [record.levelname for record in said] == ["ERROR"]
    sitemap = the_store().page(page.code).read("/sitemap.xml")
    assert sitemap
    assert MOVED in sitemap.fresh.bodies["identity"].decode()
    assert the_store().site_url() == was, "nobody has agreed to the move"


@pytest.mark.django_db(transaction=True)
def test_a_command_publishes_under_another_address_only_when_told(settings: Any, tmp_path: Any) -> None:
    settings.PUBLISH_DIR = tmp_path
    page = make_page("SIPcity")
    publish_page(page.pk, everything=True)
    settings.SITE_URL, settings.IS_MANAGE_COMMAND = MOVED, True
    with pytest.raises(OtherAddress, match="--yes"):
        publish_page(page.pk, everything=True)
    accept_address()
    publish_page(page.pk, everything=True)


@pytest.mark.django_db(transaction=True)
def test_an_address_that_cannot_be_read_is_learned_again(settings: Any, tmp_path: Any) -> None:
    settings.PUBLISH_DIR = tmp_path
    page = make_page("SIPcity")
    for torn in (b"", b"\xff\xfe", b"\n"):
        (tmp_path / "site-url").write_bytes(torn)
        publish_page(page.pk, everything=True)
        assert the_store().site_url() == settings.SITE_URL


@pytest.mark.django_db(transaction=True)
def test_an_installation_without_pages_has_no_address_yet(settings: Any, tmp_path: Any) -> None:
    settings.PUBLISH_DIR = tmp_path
    publish_hosts(the_store())
    call_command("publish", "--all")
    assert the_store().site_url() is None
