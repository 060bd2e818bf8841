"""Opening an incident from the console, through the form as a browser sends it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from incidents.console.forms.components import field_name
from incidents.domain.components import ComponentStatus
from incidents.models import Component, Event, Incident, Page
from tests.console.forms import fields, post, send
from tests.factories import make_component, make_group, make_page


def url(page: Page) -> str:
    return f"/console/pages/{page.code}/incidents/new"


def test_an_incident_is_opened_with_its_words_components_and_promise(
    staff: Client, page: Page, network: Component, pbx: Component
) -> None:
    began = now()
    response = post(
        staff,
        url(page),
        title="Calls fail",
        body="We are looking into failed calls.",
        next_update="15",
        **{field_name(network): "major_outage"},
    )
    incident = Incident.objects.get()
    assert response.headers["Location"] == f"/console/incidents/{incident.code}"
    update = incident.updates.get()
    assert (incident.title, update.body) == ("Calls fail", "We are looking into failed calls.")
    assert update.author and update.author.username == "dana"
    assert timedelta(minutes=15) <= update.next_update_by - began < timedelta(minutes=20)
    assert [row.component for row in update.affected.all()] == [network]
    network.refresh_from_db()
    assert network.state == ComponentStatus.MAJOR_OUTAGE


def test_subscribers_are_told_after_the_consoles_hold_of_thirty_seconds(staff: Client, page: Page) -> None:
    post(staff, url(page), title="Calls fail", body="We are looking.")
    event = Event.objects.get(incident__isnull=False)
    assert event.notifies
    assert event.hold_until - event.at == timedelta(seconds=30)


def test_a_hold_that_is_set_holds_in_the_console_too(staff: Client, page: Page, settings: object) -> None:
    settings.NOTIFY_HOLD = timedelta(seconds=90)
    post(staff, url(page), title="Calls fail", body="We are looking.")
    event = Event.objects.get(incident__isnull=False)
    assert event.hold_until - event.at == timedelta(seconds=90)


def test_nobody_is_told_without_the_tick(staff: Client, page: Page) -> None:
    post(staff, url(page), title="Calls fail", body="We are looking.", notify=None)
    assert not Event.objects.get(incident__isnull=False).notifies


def test_a_page_without_components_has_incidents_too(staff: Client, page: Page) -> None:
    assert b"no components yet" in staff.get(url(page)).content
    assert post(staff, url(page), title="Calls fail", body="We are looking.").status_code == 302
    assert Incident.objects.get().impact == "none"


def test_a_single_page_is_not_asked_for(staff: Client, page: Page) -> None:
    assert staff.get("/console/incidents/new").headers["Location"] == url(page)


def test_several_pages_are_offered(staff: Client, page: Page) -> None:
    other = make_page("Arena")
    content = staff.get("/console/incidents/new").content.decode()
    assert url(page) in content
    assert url(other) in content


def test_without_any_page_the_console_says_where_to_make_one(staff: Client) -> None:
    for path in ("/console/", "/console/incidents/new"):
        assert b"/console/pages/new" in staff.get(path).content


def test_a_component_broken_by_another_incident_is_left_alone(
    staff: Client, page: Page, incident: Incident, network: Component, pbx: Component
) -> None:
    post(
        staff,
        url(page),
        title="Porting is slow",
        body="We are looking.",
        **{field_name(pbx): "partial_outage"},
    )
    opened = Incident.objects.get(title="Porting is slow")
    assert [row.component for row in opened.updates.get().affected.all()] == [pbx]


@pytest.mark.parametrize(("field", "word"), [("title", "title"), ("body", "one sentence")])
def test_empty_words_are_asked_for_beside_their_field(
    staff: Client, page: Page, field: str, word: str
) -> None:
    words = {"title": "Calls fail", "body": "We are looking.", field: "  "}
    response = post(staff, url(page), **words)
    assert response.status_code == 422
    assert word in response.content.decode().split(f'id="id_{field}_error"')[1]
    assert not Incident.objects.exists()


def test_a_control_character_is_named_and_the_words_are_kept(staff: Client, page: Page) -> None:
    response = post(staff, url(page), title="Calls fail", body="We are\x1b[31m looking.", next_update="60")
    content = response.content.decode()
    assert response.status_code == 422
    assert "U+001B" in content.split('id="id_body_error"')[1]
    assert "We are\x1b[31m looking." in content
    assert fields(response)["next_update"] == "60"
    assert not Incident.objects.exists()


def test_words_beyond_the_limit_are_refused_beside_their_field(staff: Client, page: Page) -> None:
    response = post(staff, url(page), title="Calls fail", body="a" * 25_001)
    assert response.status_code == 422
    assert "25,000" in response.content.decode()


@pytest.mark.parametrize("name", ["status", "next_update"])
@pytest.mark.parametrize("value", ["-15", "resolved", "<script>", "postmortem"])
def test_a_choice_that_was_not_offered_is_refused(staff: Client, page: Page, name: str, value: str) -> None:
    response = post(staff, url(page), title="Calls fail", body="We are looking.", **{name: value})
    assert response.status_code == 422
    assert not Incident.objects.exists()


def test_a_component_of_another_page_cannot_be_smuggled_in(
    staff: Client, page: Page, network: Component
) -> None:
    other = make_page("Arena")
    post(
        staff, url(other), title="Calls fail", body="We are looking.", **{field_name(network): "major_outage"}
    )
    assert not Incident.objects.get().updates.get().affected.exists()


def test_a_double_tap_opens_one_incident(staff: Client, page: Page) -> None:
    values = fields(staff.get(url(page)))
    taps = [send(staff, url(page), values, title="Calls fail", body="We are looking.") for _ in range(2)]
    assert Incident.objects.count() == 1
    assert taps[0].headers["Location"] == taps[1].headers["Location"]
    assert Event.objects.filter(notifies=True).count() == 1


def test_the_same_words_from_a_new_form_are_a_new_incident(staff: Client, page: Page) -> None:
    for _ in range(2):
        post(staff, url(page), title="Calls fail", body="We are looking.")
    assert Incident.objects.count() == 2


def test_the_same_words_of_a_colleague_are_a_new_incident(
    staff: Client, colleague: Client, page: Page
) -> None:
    values = fields(staff.get(url(page)))
    for client in (staff, colleague):
        send(client, url(page), values, title="Calls fail", body="We are looking.")
    assert Incident.objects.count() == 2


@pytest.mark.parametrize("key", ["", "forged", "x" * 5000, "\x00"], ids=range(4))
def test_a_forged_key_posts_nothing_and_keeps_the_words(staff: Client, page: Page, key: str) -> None:
    response = post(staff, url(page), title="Calls fail", body="We are looking.", key=key)
    assert response.status_code == 422
    assert not Incident.objects.exists()
    again = fields(response)
    assert again["body"] == "We are looking."
    assert send(staff, url(page), again).status_code == 302


def test_a_backdated_opening_keeps_its_instant_and_is_marked(staff: Client, page: Page) -> None:
    post(staff, url(page), title="Calls fail", body="We are looking.", happened_at="2021-10-09T08:22")
    update = Incident.objects.get().updates.get()
    assert update.at == datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
    assert update.added_later


def test_on_a_large_page_only_groups_with_a_choice_stand_open(
    staff: Client, page: Page, network: Component
) -> None:
    other = make_group(page, "Portals")
    for _ in range(8):
        make_component(page, group=other)
    opened = dict.fromkeys(("Calling Platform", "Portals"), False)
    assert {group.name: group.is_open for group in staff.get(url(page)).context["form"].groups} == opened
    response = post(
        staff, url(page), title="", body="We are looking.", **{field_name(network): "major_outage"}
    )
    opened["Calling Platform"] = True
    assert {group.name: group.is_open for group in response.context["form"].groups} == opened
