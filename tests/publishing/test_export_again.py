"""An export that takes an earlier one's place costs by what has changed, and never mixes the two."""

import os
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils.timezone import now

from incidents.models import Page
from incidents.publishing.publisher import publish_due, publish_page, the_store
from tests import factories
from tests.peers.stepped_clock import touch
from tests.publishing.conftest import folder_of


@pytest.fixture
def site(page: Page, tmp_path: Path) -> Path:
    """An export of a monitored page whose documents are an hour old."""
    factories.make_probe(factories.make_component(page, "Network"), last_at=now())
    publish_due(at=now())
    touch(the_store().heartbeat)
    for file in folder_of(page).files():
        an_hour_ago = time.time() - 3600
        os.utime(file, (an_hour_ago, an_hour_ago))
    again(tmp_path / "site")
    return tmp_path / "site"


def again(site: Path) -> None:
    call_command("export", str(site), "--replace")


def inodes(site: Path) -> dict[str, int]:
    return {str(file.relative_to(site)): file.stat().st_ino for file in site.rglob("*") if file.is_file()}


def test_what_has_not_changed_is_linked_with_its_neighbours(page: Page, site: Path) -> None:
    before = inodes(site)
    factories.make_incident(page, "Something new")
    publish_page(page.pk)
    again(site)
    after = inodes(site)
    assert "Something new" in (site / "index.html").read_text()
    same = {name for name in before if before[name] == after[name]}
    assert {"robots.txt", "api/index.html", "api/index.html.gz", "api/index.html.br"} <= same
    assert not {"index.html", "index.html.gz", "api/v2/summary.json"} & same


def test_the_copy_in_use_is_never_written_into(page: Page, site: Path) -> None:
    with (site / "index.html").open() as reader:
        before = (site / "index.html").read_text()
        factories.make_incident(page, "Something new")
        publish_page(page.pk)
        again(site)
        again(site)
        assert reader.read() == before
    assert "Something new" in (site / "index.html").read_text()


def test_silence_of_monitoring_comes_and_goes_with_each_copy(site: Path) -> None:
    assert "Not confirmed" not in (site / "index.html").read_text()
    the_store().heartbeat.unlink()
    for _ in range(2):
        again(site)
        assert "Not confirmed since" in (site / "index.html").read_text()
    touch(the_store().heartbeat)
    again(site)
    assert "Not confirmed" not in (site / "index.html").read_text()


def test_what_was_written_while_the_earlier_one_ran_is_read_anew(page: Page, tmp_path: Path) -> None:
    publish_page(page.pk)
    site = tmp_path / "site"
    again(site)
    before = inodes(site)
    again(site)
    assert inodes(site)["robots.txt"] != before["robots.txt"]


def test_a_second_page_moves_the_first_into_a_folder_of_its_own(page: Page, site: Path) -> None:
    other = factories.make_page("2talk", hosts=("status.2talk.test",))
    publish_page(other.pk)
    again(site)
    assert not (site / "index.html").exists()
    assert "2talk" in (site / "status.2talk.test" / "index.html").read_text()
    before = inodes(site)
    again(site)
    assert inodes(site)[f"{page.code}/api/index.html"] == before[f"{page.code}/api/index.html"]


def test_documents_that_were_only_linked_still_have_their_style_and_icons(site: Path) -> None:
    before = inodes(site)
    again(site)
    assert inodes(site)["index.html"] == before["index.html"]
    assert inodes(site).keys() == before.keys()
    assert (site / "static" / "page.css.gz").exists()
