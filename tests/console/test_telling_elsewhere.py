"""Telling an incident on another page too: offered, begun with the words at hand, and done once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from incidents.console.forms.components import field_name
from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import IncidentStatus
from incidents.models import Component, Event, Incident, Page
from tests.console.forms import fields, post, send
from tests.factories import (
    make_component,
    make_incident,
    make_maintenance,
    make_page,
    make_rfo,
    make_update,
    resolve,
)


@pytest.fixture
def talk(page: Page) -> Page:
    """Made after the default page."""
    return make_page("2talk", zone="Pacific/Auckland")


@pytest.fixture
def trunks(talk: Page) -> Component:
    return make_component(talk, "Trunks")


def url(incident: Incident, page: Page) -> str:
    return f"/console/incidents/{incident.code}/on/{page.code}"


def screen(client: Client, incident: Incident) -> str:
    return client.get(f"/console/incidents/{incident.code}").content.decode()


def twin_of(incident: Incident) -> Incident:
    return Incident.objects.get(twin_of=incident)


def test_an_incident_offers_every_page_that_does_not_tell_of_it(
    staff: Client, incident: Incident, talk: Page
) -> None:
    vaitel = make_page("Vaitel")
    content = screen(staff, incident)
    assert "Also tell on 2talk" in content
    assert url(incident, vaitel) in content
    assert "Also tell on SIPcity" not in content


def test_with_a_single_page_there_is_nothing_to_offer(staff: Client, incident: Incident) -> None:
    assert "Other pages" not in screen(staff, incident)


def test_the_form_begins_with_the_title_the_newest_words_the_status_and_the_promise(
    staff: Client, incident: Incident, talk: Page, trunks: Component
) -> None:
    at = now()
    make_update(
        incident,
        "We have found it.\nMore soon.",
        at=at,
        next_update_by=at + timedelta(minutes=14, seconds=50),
    )
    values = fields(staff.get(url(incident, talk)))
    assert (values["title"], values["body"]) == ("Calls fail", "We have found it.\nMore soon.")
    assert (values["status"], values["next_update"]) == ("identified", "15")
    assert {name for name in values if name.startswith("component-")} == {field_name(trunks)}


@pytest.mark.parametrize(
    ("minutes", "offered"), [(None, ""), (-5, "15"), (5, "15"), (16, "30"), (31, "60"), (180, "60")]
)
def test_the_promise_on_offer_is_none_that_customers_of_the_other_page_do_not_have(
    staff: Client, incident: Incident, talk: Page, minutes: int | None, offered: str
) -> None:
    at = now() - timedelta(hours=1)
    promise = None if minutes is None else now() + timedelta(minutes=minutes)
    make_update(incident, at=at, next_update_by=promise)
    assert fields(staff.get(url(incident, talk)))["next_update"] == offered


def test_of_what_is_over_the_last_words_are_offered_and_not_the_rfo(
    staff: Client, incident: Incident, talk: Page
) -> None:
    resolve(incident, "It is over.")
    make_rfo(incident)
    values = fields(staff.get(url(incident, talk)))
    assert (values["body"], values["status"]) == ("It is over.", "investigating")


def test_posting_makes_an_incident_of_that_page_and_leaves_the_first_alone(
    staff: Client, incident: Incident, talk: Page, trunks: Component, network: Component
) -> None:
    before = Incident.objects.get(pk=incident.pk).version
    response = post(
        staff,
        url(incident, talk),
        title="Calls to Australia fail",
        body="We are looking.",
        **{field_name(trunks): "major_outage"},
    )
    twin = twin_of(incident)
    assert response.headers["Location"] == f"/console/incidents/{twin.code}"
    assert (twin.page, twin.title) == (talk, "Calls to Australia fail")
    assert [row.component for row in twin.updates.get().affected.all()] == [trunks]
    assert Incident.objects.get(pk=incident.pk).version == before
    event = Event.objects.get(incident=twin)
    assert (event.page, event.notifies, event.hold_until - event.at) == (talk, True, timedelta(seconds=30))
    network.refresh_from_db()
    assert network.state == ComponentStatus.MAJOR_OUTAGE


def test_from_then_on_each_page_of_it_names_the_other(staff: Client, incident: Incident, talk: Page) -> None:
    post(staff, url(incident, talk), title="Calls to Australia fail", status="identified")
    twin = twin_of(incident)
    here, there = screen(staff, incident), screen(staff, twin)
    assert f'<a href="/console/incidents/{twin.code}">2talk</a>' in here
    assert "Identified · Calls to Australia fail" in " ".join(here.split())
    assert "Also tell on 2talk" not in here
    assert f'<a href="/console/incidents/{incident.code}">SIPcity</a>' in there
    assert "Also tell on SIPcity" not in there


def test_from_a_twin_it_is_told_on_a_third_page_and_all_three_are_one_family(
    staff: Client, incident: Incident, talk: Page
) -> None:
    vaitel = make_page("Vaitel")
    post(staff, url(incident, talk))
    post(staff, url(twin_of(incident), vaitel))
    assert Incident.objects.get(page=vaitel).twin_of == incident
    assert Incident.objects.family(incident).count() == 3


def test_where_it_is_told_already_the_link_leads_there(staff: Client, incident: Incident, talk: Page) -> None:
    post(staff, url(incident, talk))
    for page, known in ((talk, twin_of(incident)), (incident.page, incident)):
        assert staff.get(url(incident, page)).headers["Location"] == f"/console/incidents/{known.code}"


def test_when_a_colleague_was_first_the_words_are_kept_and_theirs_are_a_link_away(
    staff: Client, colleague: Client, incident: Incident, talk: Page
) -> None:
    values = fields(staff.get(url(incident, talk)))
    post(colleague, url(incident, talk), title="Theirs")
    events = Event.objects.count()
    response = send(staff, url(incident, talk), values, title="Mine", body="My own words.")
    content = response.content.decode()
    assert response.status_code == 422
    assert "2talk tells of this already" in content
    assert f"/console/incidents/{twin_of(incident).code}" in content
    again = fields(response)
    assert (again["title"], again["body"]) == ("Mine", "My own words.")
    assert (Incident.objects.count(), Event.objects.count()) == (2, events)


def test_a_double_tap_tells_it_once(staff: Client, incident: Incident, talk: Page) -> None:
    values = fields(staff.get(url(incident, talk)))
    taps = [send(staff, url(incident, talk), values, body="We are looking.") for _ in range(2)]
    assert [tap.headers["Location"] for tap in taps] == [f"/console/incidents/{twin_of(incident).code}"] * 2
    assert Event.objects.filter(page=talk, notifies=True).count() == 1


def test_a_component_of_the_first_page_cannot_be_named_on_the_other(
    staff: Client, incident: Incident, talk: Page, network: Component
) -> None:
    post(staff, url(incident, talk), **{field_name(network): "operational"})
    assert not twin_of(incident).updates.get().affected.exists()
    network.refresh_from_db()
    assert network.state == ComponentStatus.MAJOR_OUTAGE


@pytest.mark.parametrize(
    "changes", [{"title": " "}, {"body": "bell \x07"}, {"happened_at": "2099-01-01T00:00"}, {"key": "forged"}]
)
def test_what_is_wrong_is_said_and_nothing_is_half_told(
    staff: Client, incident: Incident, talk: Page, changes: dict[str, str]
) -> None:
    events = Event.objects.count()
    response = post(staff, url(incident, talk), **changes)
    assert response.status_code == 422
    assert "Also tell on 2talk" in response.content.decode()
    assert (Incident.objects.count(), Event.objects.count()) == (1, events)


def test_a_time_is_one_of_the_other_pages_zone(staff: Client, incident: Incident, talk: Page) -> None:
    post(staff, url(incident, talk), happened_at="2021-10-09T10:22")
    assert twin_of(incident).updates.get().at.isoformat() == "2021-10-08T21:22:00+00:00"


def test_a_maintenance_is_no_incident_to_any_of_these_screens(staff: Client, page: Page, talk: Page) -> None:
    planned = make_maintenance(page, "New routers", at=now(), begins=now(), ends=now() + timedelta(hours=2))
    for path in (
        url(planned, talk),
        f"/console/incidents/{planned.code}",
        f"/console/incidents/{planned.code}/rfo",
    ):
        assert staff.get(path).status_code == 404
        assert (
            staff.post(path, {"body": "Words.", "title": "Title", "status": "investigating"}).status_code
            == 404
        )
    assert Incident.objects.count() == 1


def test_what_there_is_not_is_not_found(staff: Client, incident: Incident, talk: Page) -> None:
    for path in (
        f"/console/incidents/{incident.code}/on/nothinghere0",
        f"/console/incidents/nothing/on/{talk.code}",
    ):
        assert staff.get(path).status_code == 404


def test_the_home_tells_the_members_of_a_family(staff: Client, incident: Incident, talk: Page) -> None:
    post(staff, url(incident, talk))
    twin = twin_of(incident)
    content = " ".join(staff.get("/console/").content.decode().split())
    assert f'also on <a href="/console/incidents/{twin.code}">2talk</a>' in content
    assert f'also on <a href="/console/incidents/{incident.code}">SIPcity</a>' in content
    resolve(incident)
    fires, recent = (staff.get("/console/").context[name] for name in ("fires", "recent"))
    assert [(each.incident, each.elsewhere) for each in fires] == [(twin, [incident])]
    assert [(each.incident, each.elsewhere) for each in recent] == [(incident, [twin])]


def test_the_homes_queries_do_not_grow_with_the_families(
    staff: Client, page: Page, talk: Page, django_assert_max_num_queries: object
) -> None:
    for number in range(6):
        incident = make_incident(page, f"Outage {number}", at=now())
        post(staff, url(incident, talk))
        if number % 2:
            make_update(incident, "It is over.", status=IncidentStatus.RESOLVED, at=now())
    with django_assert_max_num_queries(22):
        staff.get("/console/")
