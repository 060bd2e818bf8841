"""The demo's brands: three pages by host and zone, one outage on two of them, and an older demo brought up to them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from pytest_django import Settings

from incidents.domain.components import ComponentStatus
from incidents.models import Component, ComponentGroup, Event, Incident, Page, PageHost, Probe
from incidents.operations.actors import Actor
from incidents.operations.pages import create_page, set_address
from tests.factories import BEGAN, DEMO, make_component, make_page

pytestmark = pytest.mark.django_db
ZONES = {"SIPcity": "Australia/Sydney", "2talk": "Pacific/Auckland", "Vaitel": "America/New_York"}


def rows() -> list[int]:
    return [model.objects.count() for model in (Page, PageHost, Component, Incident, Event, Probe)]


def test_three_brands_have_their_own_zone_host_services_and_past() -> None:
    call_command("demo")
    assert dict(Page.objects.values_list("name", "zone_name")) == ZONES
    assert Page.objects.get(is_default=True).name == "SIPcity"
    for page in Page.objects.all():
        assert page.hosts.get().host == f"{page.name.lower()}.localhost"
        assert ComponentGroup.objects.filter(page=page).exists()
        own = page.incidents.unplanned().filter(twin_of=None)
        assert own.filter(started_at__gte=datetime.now(UTC) - timedelta(days=90)).count() >= 2
    titles = list(Incident.objects.values_list("title", flat=True))
    assert len(titles) == len(set(titles))


def test_one_outage_is_told_on_two_pages_in_different_words_and_is_over() -> None:
    call_command("demo")
    twin = Incident.objects.select_related("twin_of__page", "page").get(twin_of__isnull=False)
    first = twin.twin_of
    assert first is not None
    assert (first.page.name, twin.page.name) == ("SIPcity", "2talk")
    said = [{update.body for update in each.updates.all()} for each in (first, twin)]
    assert [len(words) for words in said] == [4, 4]
    assert not said[0] & said[1]
    assert first.title != twin.title
    assert {first.status, twin.status} == {"resolved"}
    assert {each.new_status for each in first.updates.all()[1].affected.all()} == {"partial_outage"}
    assert set(Component.objects.values_list("status", flat=True)) == {ComponentStatus.OPERATIONAL}


def test_one_nights_work_lies_behind_and_one_ahead() -> None:
    call_command("demo")
    over, ahead = Incident.objects.planned().order_by("started_at").select_related("maintenance", "page")
    assert [(each.page.name, each.status) for each in (over, ahead)] == [
        ("SIPcity", "completed"),
        ("SIPcity", "scheduled"),
    ]
    for each in (over, ahead):
        plan = each.maintenance
        assert plan.scheduled_until - plan.scheduled_for == timedelta(hours=2)
        assert plan.scheduled_for.astimezone(each.page.zone).hour == 1
    assert timedelta(days=2) < ahead.maintenance.scheduled_for - datetime.now(UTC) < timedelta(days=4)


def test_running_it_again_changes_nothing() -> None:
    call_command("demo")
    before = rows()
    call_command("demo")
    assert rows() == before


def test_an_older_demo_gets_what_it_lacks_and_keeps_what_it_has() -> None:
    page = make_page("SIPcity")
    network = make_component(page, "Network")
    before = set(Component.objects.filter(page=page))
    call_command("demo")
    assert set(Page.objects.values_list("name", flat=True)) == set(ZONES)
    assert set(Component.objects.filter(page=page)) == before
    assert Page.objects.get(is_default=True) == page
    assert page.hosts.get().host == "sipcity.localhost"
    assert Incident.objects.planned().filter(page=page).count() == 2
    assert Incident.objects.get(twin_of__isnull=False).page.name == "2talk"
    network.refresh_from_db()
    assert network.state == ComponentStatus.OPERATIONAL


@pytest.mark.parametrize("name", ["Acme", "SIPcity"])
def test_an_installation_that_is_no_demo_gets_no_brands(name: str) -> None:
    create_page(name=name, zone_name="UTC", by=Actor("dana"), at=BEGAN)
    call_command("demo")
    assert Page.objects.get().name == name
    assert not Incident.objects.exists()


def test_addresses_follow_the_sites_port_except_where_staff_gave_their_own(settings: Settings) -> None:
    settings.SITE_URL = "http://127.0.0.1:8000"
    call_command("demo")
    vaitel = Page.objects.get(name="Vaitel")
    set_address(vaitel, url="https://status.vaitel.example", hosts=(), by=DEMO, at=datetime.now(UTC))
    settings.SITE_URL = "http://127.0.0.1:8123"
    call_command("demo")
    assert dict(Page.objects.values_list("name", "url")) == {
        "SIPcity": "http://127.0.0.1:8123",
        "2talk": "http://2talk.localhost:8123",
        "Vaitel": "https://status.vaitel.example",
    }


def test_the_addresses_are_written_down_for_whoever_starts_it() -> None:
    call_command("demo")
    lines = (Path(settings.DATA_DIR) / "demo-brands.txt").read_text().split()
    assert lines == [f"http://{name}.localhost/" for name in ("sipcity", "2talk", "vaitel")]
