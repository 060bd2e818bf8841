"""Changing a component's status outside any incident."""

import pytest
from django.test import Client

from incidents.domain.components import ComponentStatus
from incidents.domain.journal import EventKind
from incidents.models import Component, Event, Incident, Page
from tests.console.forms import fields, post, send
from tests.factories import make_component, make_page


def url(page: Page) -> str:
    return f"/console/pages/{page.code}/status"


def changes() -> int:
    return Event.objects.filter(kind=EventKind.COMPONENT_CHANGED).count()


def test_the_home_screen_leads_to_it(staff: Client, page: Page) -> None:
    assert f'href="{url(page)}"' in staff.get("/console/").content.decode()


def test_a_component_left_in_trouble_is_set_operational_and_machines_alone_are_told(
    staff: Client, incident: Incident, network: Component
) -> None:
    post(staff, f"/console/incidents/{incident.code}", status="resolved", body="Over.", restore=None)
    assert "(major outage)" in staff.get(url(incident.page)).content.decode()
    response = post(staff, url(incident.page), target=network.code, state="operational")
    assert (response.status_code, response.headers["Location"]) == (302, "/console/")
    network.refresh_from_db()
    event = Event.objects.latest("id")
    assert network.state == ComponentStatus.OPERATIONAL
    assert event.component == network
    assert (event.kind, event.actor, event.notifies) == (EventKind.COMPONENT_CHANGED, "dana", True)
    assert "Calling Platform - Network: operational." in staff.get("/console/").content.decode()


def test_a_second_tap_changes_nothing(staff: Client, page: Page, pbx: Component) -> None:
    values = fields(staff.get(url(page)))
    for _ in range(2):
        send(staff, url(page), values, target=pbx.code, state="partial_outage")
    assert changes() == 1


@pytest.mark.parametrize(
    "values",
    [
        {"target": ""},
        {"target": "abcdefghijkl"},
        {"target": "x" * 100_000},
        {"state": ""},
        {"state": "unknown"},
        {"state": "operational\x00"},
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(
    staff: Client, page: Page, pbx: Component, values: dict[str, str]
) -> None:
    sent = {"target": pbx.code, "state": "major_outage"} | values
    response = staff.post(url(page), sent)
    assert response.status_code == 422
    assert b"errorlist" in response.content
    pbx.refresh_from_db()
    assert (pbx.state, changes()) == (ComponentStatus.OPERATIONAL, 0)


def test_a_component_of_another_page_is_not_changed_from_here(staff: Client, page: Page) -> None:
    stranger = make_component(make_page("Arena"))
    response = staff.post(url(page), {"target": stranger.code, "state": "major_outage"})
    assert (response.status_code, changes()) == (422, 0)


def test_an_unknown_page_is_not_found(staff: Client, page: Page) -> None:
    assert staff.get("/console/pages/abcdefghijkl/status").status_code == 404
