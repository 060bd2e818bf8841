"""Saying something on several pages with one form: all of it or nothing, and nothing typed is lost."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.timezone import now

from incidents.console.forms.twins import tick_name, version_name, words_name
from incidents.domain.components import ComponentStatus
from incidents.models import Component, Event, Incident, Page, Subscriber
from incidents.operations.twins import tell_elsewhere
from tests.console.forms import fields, post, send
from tests.factories import DEMO, make_component, make_page, make_rfo, make_update, resolve

CAUSE = "We have found the cause."


@pytest.fixture
def talk(db: None) -> Page:
    """Another page; it comes first where a test asks for it before the incident."""
    return make_page("2talk", zone="Pacific/Auckland")


@pytest.fixture
def trunks(talk: Page) -> Component:
    return make_component(talk, "Trunks")


@pytest.fixture
def twin(talk: Page, trunks: Component, incident: Incident) -> Incident:
    return tell_elsewhere(
        incident,
        talk,
        title="Calls to Australia fail",
        body="We are looking into failed calls to Australia.",
        components={trunks: ComponentStatus.PARTIAL_OUTAGE},
        by=DEMO,
        at=now() - timedelta(minutes=10),
    )


def url(incident: Incident) -> str:
    return f"/console/incidents/{incident.code}"


def said(incident: Incident) -> list[str]:
    return [update.body for update in incident.updates.order_by("created_at", "id")][1:]


def notice(content: str) -> str:
    """What is to be read first."""
    return content.split('role="alert"')[1].partition('<div class="columns">')[0]


def block(content: str) -> str:
    """The block of the other page."""
    return content.split("<summary>Also on 2talk</summary>")[1].partition("</details>")[0]


def test_an_incident_that_is_told_nowhere_else_asks_nothing(staff: Client, incident: Incident) -> None:
    make_page("2talk")
    assert "Also on" not in staff.get(url(incident)).content.decode()


def test_each_other_page_has_a_closed_block_with_an_empty_field_and_a_hint(
    staff: Client, incident: Incident, twin: Incident
) -> None:
    Subscriber.objects.create(
        page=twin.page,
        channel="email",
        address="ada@example.net",
        state="active",
        nonce="n",
        created_at=now(),
    )
    response = staff.get(url(incident))
    content = response.content.decode()
    assert '<details class="again" open' not in content
    assert "Investigating there; 1 subscriber follows it." in " ".join(block(content).split())
    assert 'placeholder="Empty: the same words as above."' in block(content)
    values = fields(response)
    assert values[words_name(twin)] == ""
    assert tick_name(twin) not in values


def test_without_the_tick_only_this_page_speaks(staff: Client, incident: Incident, twin: Incident) -> None:
    post(staff, url(incident), body=CAUSE)
    assert (said(incident), said(twin)) == ([CAUSE], [])


@pytest.mark.parametrize(("words", "expected"), [("", CAUSE), ("A cable to Australia is cut.", None)])
def test_with_the_tick_the_other_page_says_the_same_or_its_own_words(
    staff: Client, incident: Incident, twin: Incident, words: str, expected: str | None
) -> None:
    response = post(
        staff,
        url(incident),
        status="identified",
        body=CAUSE,
        next_update="15",
        **{tick_name(twin): "on", words_name(twin): words},
    )
    assert response.status_code == 302
    assert (said(incident), said(twin)) == ([CAUSE], [expected or words])
    here, there = incident.updates.last(), twin.updates.last()
    assert (there.status, there.at, there.next_update_by) == ("identified", here.at, here.next_update_by)
    assert there.author.username == "dana"
    told = Event.objects.filter(notifies=True, update__in=[here, there])
    assert {event.page for event in told} == {incident.page, twin.page}


def test_both_may_still_be_undone_from_where_they_were_said(
    staff: Client, incident: Incident, twin: Incident
) -> None:
    post(staff, url(incident), body=CAUSE, **{tick_name(twin): "on"})
    content = staff.get(url(incident)).content.decode()
    assert "Your words are on SIPcity and 2talk." in content
    events = Event.objects.filter(user__isnull=False)
    assert [f"/console/events/{event.pk}/undo" in content for event in events] == [True, True]
    told = " ".join(content.split())
    assert "The subscribers of 2talk will be told" in told
    assert "The subscribers of SIPcity will be told" in told


def test_it_works_from_the_twin_as_from_the_first(staff: Client, incident: Incident, twin: Incident) -> None:
    post(staff, url(twin), body=CAUSE, **{tick_name(incident): "on", words_name(incident): "To New Zealand."})
    assert (said(twin), said(incident)) == ([CAUSE], ["To New Zealand."])


def test_resolving_everywhere_brings_the_components_of_each_page_back(
    staff: Client, incident: Incident, twin: Incident, network: Component, trunks: Component
) -> None:
    post(staff, url(incident), status="resolved", body="It is over.", **{tick_name(twin): "on"})
    assert not Incident.objects.open().exists()
    for component in (network, trunks):
        component.refresh_from_db()
        assert component.state == ComponentStatus.OPERATIONAL


def test_resolving_everywhere_without_restoring_leaves_the_components(
    staff: Client, incident: Incident, twin: Incident, trunks: Component
) -> None:
    post(staff, url(incident), status="resolved", body="It is over.", restore=None, **{tick_name(twin): "on"})
    trunks.refresh_from_db()
    assert trunks.state == ComponentStatus.PARTIAL_OUTAGE


def test_a_twin_that_is_over_is_not_asked_about(staff: Client, incident: Incident, twin: Incident) -> None:
    resolve(twin, at=now())
    assert tick_name(twin) not in staff.get(url(incident)).content.decode()


def test_words_without_the_tick_are_not_lost_without_a_sound(
    staff: Client, incident: Incident, twin: Incident
) -> None:
    response = post(staff, url(incident), body=CAUSE, **{words_name(twin): "A cable is cut."})
    assert response.status_code == 422
    content = response.content.decode()
    assert '<details class="again" open' in content
    assert "Tick that it is said on 2talk" in block(content)
    assert fields(response)[words_name(twin)] == "A cable is cut."
    assert (said(incident), said(twin)) == ([], [])


@pytest.mark.parametrize(("words", "problem"), [("bell \x07", "U+0007"), ("a" * 25_001, "25,000")])
def test_words_that_no_page_can_show_are_refused_beside_their_field_and_nothing_is_posted(
    staff: Client, incident: Incident, twin: Incident, words: str, problem: str
) -> None:
    events = Event.objects.count()
    response = post(staff, url(incident), body=CAUSE, **{tick_name(twin): "on", words_name(twin): words})
    assert response.status_code == 422
    assert problem in block(response.content.decode())
    again = fields(response)
    assert (again["body"], again[words_name(twin)], again[tick_name(twin)]) == (CAUSE, words, "on")
    assert Event.objects.count() == events


def test_what_holds_for_all_pages_is_said_beside_the_field_of_all(
    staff: Client, talk: Page, incident: Incident, twin: Incident
) -> None:
    assert twin.page_id < incident.page_id
    response = post(
        staff, url(incident), body=CAUSE, happened_at="2099-01-01T00:00", **{tick_name(twin): "on"}
    )
    content = response.content.decode()
    assert response.status_code == 422
    assert "lies in the future" in content.split('id="id_happened_at_error"')[1]
    assert "lies in the future" not in block(content)
    assert (said(incident), said(twin)) == ([], [])


def test_somebody_who_spoke_on_the_other_page_meanwhile_is_read_first(
    staff: Client, colleague: Client, incident: Incident, twin: Incident
) -> None:
    values = fields(staff.get(url(incident)))
    post(colleague, url(twin), body="A digger was seen.")
    changes = {tick_name(twin): "on", words_name(twin): "A cable is cut."}
    response = send(staff, url(incident), values, body=CAUSE, **changes)
    assert response.status_code == 409
    theirs = notice(response.content.decode())
    assert "On 2talk:" in theirs
    assert "A digger was seen." in theirs
    assert "We are investigating failed calls." not in theirs
    assert "Read above what was posted there meanwhile." in block(response.content.decode())
    assert (said(incident), said(twin)) == ([], ["A digger was seen."])
    again = fields(response)
    assert (again["body"], again[words_name(twin)], again[tick_name(twin)]) == (
        CAUSE,
        "A cable is cut.",
        "on",
    )
    assert send(staff, url(incident), again).status_code == 302
    assert (said(incident), said(twin)) == ([CAUSE], ["A digger was seen.", "A cable is cut."])


def test_what_was_said_on_the_other_page_is_no_matter_without_the_tick(
    staff: Client, colleague: Client, incident: Incident, twin: Incident
) -> None:
    values = fields(staff.get(url(incident)))
    post(colleague, url(twin), body="A digger was seen.")
    assert send(staff, url(incident), values, body=CAUSE).status_code == 302


def test_a_conflict_here_keeps_what_was_meant_for_there(
    staff: Client, colleague: Client, incident: Incident, twin: Incident
) -> None:
    values = fields(staff.get(url(incident)))
    post(colleague, url(incident), body="Mended.", **{tick_name(twin): "on"})
    changes = {tick_name(twin): "on", words_name(twin): "A cable is cut."}
    response = send(staff, url(incident), values, body=CAUSE, **changes)
    assert response.status_code == 409
    assert notice(response.content.decode()).count("Mended.") == 2
    assert send(staff, url(incident), fields(response)).status_code == 302
    assert (said(incident), said(twin)) == (["Mended.", CAUSE], ["Mended.", "A cable is cut."])


def test_a_twin_that_ended_meanwhile_is_reopened_on_purpose_only(
    staff: Client, colleague: Client, incident: Incident, twin: Incident
) -> None:
    values = fields(staff.get(url(incident)))
    post(colleague, url(twin), status="resolved", body="It is over here.")
    changes = {tick_name(twin): "on", words_name(twin): "A cable is cut."}
    response = send(staff, url(incident), values, body=CAUSE, **changes)
    assert response.status_code == 409
    again = fields(response)
    assert tick_name(twin) not in again
    assert again[words_name(twin)] == "A cable is cut."
    assert send(staff, url(incident), again).status_code == 422
    assert send(staff, url(incident), again, **{words_name(twin): ""}).status_code == 302
    twin.refresh_from_db()
    assert (said(incident), twin.status) == ([CAUSE], "resolved")


def test_what_the_other_page_refuses_is_said_beside_its_words_and_stops_this_page_too(
    staff: Client, incident: Incident, twin: Incident
) -> None:
    values = fields(staff.get(url(incident)))
    resolve(twin, at=now())
    make_rfo(twin, at=now())
    response = send(staff, url(incident), values, status="resolved", body=CAUSE, **{tick_name(twin): "on"})
    response = send(staff, url(incident), fields(response), **{tick_name(twin): "on"})
    assert response.status_code == 422
    assert "postmortem cannot become resolved" in block(response.content.decode())
    assert said(incident) == []


def test_a_double_tap_posts_once_on_each_page(staff: Client, incident: Incident, twin: Incident) -> None:
    values = fields(staff.get(url(incident))) | {tick_name(twin): "on", words_name(twin): "A cable is cut."}
    taps = [send(staff, url(incident), values, body=CAUSE) for _ in range(2)]
    assert [tap.status_code for tap in taps] == [302, 302]
    assert (said(incident), said(twin)) == ([CAUSE], ["A cable is cut."])
    assert Event.objects.filter(user__isnull=False).count() == 2


def test_whoever_goes_back_and_ticks_another_page_says_it_there_too(
    staff: Client, incident: Incident, twin: Incident
) -> None:
    values = fields(staff.get(url(incident)))
    send(staff, url(incident), values, body=CAUSE)
    send(staff, url(incident), values, body=CAUSE, **{tick_name(twin): "on"})
    assert (said(incident), said(twin)) == ([CAUSE], [CAUSE])


@pytest.mark.parametrize("version", ["", "abc", "-1", "99999999999999999999"])
def test_a_forged_version_of_a_twin_posts_nothing(
    staff: Client, incident: Incident, twin: Incident, version: str
) -> None:
    response = post(staff, url(incident), body=CAUSE, **{tick_name(twin): "on", version_name(twin): version})
    assert response.status_code in {409, 422}
    assert (said(incident), said(twin)) == ([], [])


def test_an_incident_that_is_no_twin_cannot_be_spoken_in_from_here(
    staff: Client, incident: Incident, talk: Page
) -> None:
    stranger = make_page_with_an_incident(talk)
    post(
        staff,
        url(incident),
        body=CAUSE,
        **{tick_name(stranger): "on", version_name(stranger): "2", words_name(stranger): "Words."},
    )
    assert (said(incident), said(stranger)) == ([CAUSE], [])


def make_page_with_an_incident(page: Page) -> Incident:
    return Incident.objects.create(
        page=page, title="Other", status="investigating", started_at=now(), created_at=now(), updated_at=now()
    )


def test_a_twin_that_began_meanwhile_stops_nothing_and_is_asked_about_next_time(
    staff: Client, incident: Incident, talk: Page
) -> None:
    values = fields(staff.get(url(incident)))
    twin = tell_elsewhere(incident, talk, title="Calls fail", body="We look.", by=DEMO, at=now())
    assert send(staff, url(incident), values, body=CAUSE).status_code == 302
    assert tick_name(twin) in staff.get(url(incident)).content.decode()


def test_a_resolved_incident_may_still_speak_on_its_open_twin(
    staff: Client, dana: User, incident: Incident, twin: Incident
) -> None:
    resolve(incident, at=now())
    post(staff, url(incident), status="resolved", body="A note.", **{tick_name(twin): "on"})
    assert (said(incident)[-1], said(twin)) == ("A note.", ["A note."])


def test_the_number_of_queries_does_not_grow_with_what_was_said_on_the_twins(
    staff: Client, incident: Incident, twin: Incident, django_assert_max_num_queries: object
) -> None:
    for number in range(20):
        make_update(twin, f"Update {number}.", at=now())
    with django_assert_max_num_queries(29):
        staff.get(url(incident))
