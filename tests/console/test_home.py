"""The console's first screen: what burns, what the probes see, how the telling goes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.timezone import now

from incidents.domain.components import ComponentStatus
from incidents.domain.deliveries import DeliveryState
from incidents.domain.hysteresis import Verdict
from incidents.domain.roles import Role
from incidents.domain.waiting import Tone, Waiting
from incidents.models import AutomaticHold, Component, Delivery, Event, Incident, Page, Probe, Subscriber
from incidents.operations.actors import staff as staff_actor
from incidents.operations.holds import recover
from tests.factories import (
    BEGAN,
    make_component,
    make_incident,
    make_member,
    make_page,
    make_probe,
    make_update,
    resolve,
)

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def home(client: Client) -> str:
    return client.get("/console/").content.decode()


@pytest.mark.parametrize(
    ("silent", "promised", "tone"),
    [
        (10, 20, Tone.CALM),
        (10, 4, Tone.DUE),
        (10, 0, Tone.LATE),
        (90, 20, Tone.CALM),
        (29, None, Tone.CALM),
        (30, None, Tone.DUE),
        (60, None, Tone.LATE),
    ],
)
def test_a_card_turns_amber_before_the_promise_and_red_once_it_is_broken(
    silent: int, promised: int | None, tone: Tone
) -> None:
    due = AT + timedelta(minutes=promised) if promised is not None else None
    assert Waiting(AT - timedelta(minutes=silent), due, AT).tone == tone


def test_an_open_incident_shows_its_words_and_its_broken_promise(staff: Client, page: Page) -> None:
    at = now() - timedelta(minutes=44, seconds=5)
    make_incident(page, "TLS is down", body="We are on it.", at=at, next_update_by=at + timedelta(minutes=30))
    content = home(staff)
    assert "1 open incident" in content
    assert "TLS is down" in content
    assert "We are on it." in content
    assert "<strong>44\N{NO-BREAK SPACE}min</strong> ago" in content
    assert "<strong>14\N{NO-BREAK SPACE}min overdue</strong>" in content
    assert "tone-late" in content


def test_the_longest_overdue_comes_first(staff: Client, page: Page) -> None:
    make_incident(page, "Fresh one", at=now(), next_update_by=now() + timedelta(minutes=30))
    make_incident(page, "Forgotten one", at=now() - timedelta(hours=3))
    content = home(staff)
    assert content.index("Forgotten one") < content.index("Fresh one")


def test_a_backdated_post_counts_from_when_customers_could_read_it(staff: Client, page: Page) -> None:
    at = now()
    make_incident(page, "Calls fail", at=at, happened_at=at - timedelta(hours=5))
    assert "tone-calm" in home(staff)


def test_a_quiet_night_says_so(staff: Client, incident: Incident) -> None:
    resolve(incident)
    content = home(staff)
    assert "Nothing is on fire" in content
    assert incident.title in content


def test_times_are_those_of_the_page(staff: Client, page: Page) -> None:
    make_incident(page, "Calls fail")
    assert "Oct 09, 2021 - 08:22 AEDT" in home(staff)


def test_a_probe_shows_what_it_saw_last(staff: Client, network: Component) -> None:
    probe = make_probe(network, "tls", verdict=Verdict.DOWN, last_at=now(), detail="connection reset")
    Probe.objects.filter(pk=probe.pk).update(last_outcome="tls_handshake")
    content = home(staff)
    assert "Calling Platform - Network" in content
    assert "<strong>TLS</strong>" in content
    assert "tls handshake: connection reset" in content


def test_a_result_past_its_time_is_not_believed(staff: Client, network: Component) -> None:
    make_probe(network, last_at=now() - timedelta(hours=1))
    content = home(staff)
    assert "not confirmed since" in content
    assert '<svg class="mark unknown"' in content


def test_a_probe_that_has_not_run_says_so(staff: Client, network: Component) -> None:
    make_probe(network, verdict=Verdict.UNKNOWN)
    assert "has not run yet" in home(staff)


def test_what_automation_would_say_is_shown_until_a_person_speaks_again(
    staff: Client, incident: Incident, network: Component
) -> None:
    make_update(incident, by=staff_actor(User.objects.get()), at=now() - timedelta(minutes=9))
    assert "Probes now say" not in home(staff)
    recover(
        AutomaticHold.objects.create(incident=incident, component=network, held_at=now()),
        body="Network answers over TLS again.",
        at=now() - timedelta(minutes=3),
    )
    for content in (home(staff), staff.get(f"/console/incidents/{incident.code}").content.decode()):
        assert "Network answers over TLS again." in content
    make_update(incident, "It answers again.", at=now())
    assert "Probes now say" not in home(staff)


def test_a_component_in_trouble_is_shown_without_any_probe(staff: Client, page: Page) -> None:
    make_component(page, "Number porting", status=ComponentStatus.DEGRADED_PERFORMANCE)
    make_component(page, "Portal")
    content = home(staff)
    assert "Number porting" in content
    assert "Portal" not in content


def delivery(incident: Incident, state: DeliveryState, *, due: datetime) -> None:
    number = Subscriber.objects.count()
    subscriber = Subscriber.objects.create(
        page=incident.page, channel="email", address=f"{number}@example.net", nonce="n", created_at=due
    )
    event = Event.objects.filter(incident=incident).last()
    Delivery.objects.create(event=event, subscriber=subscriber, state=state, due_at=due, created_at=due)


def test_deliveries_are_counted_by_state_and_old_finished_ones_left_out(
    staff: Client, incident: Incident
) -> None:
    for state, hours in (("sent", 1), ("sent", 2), ("sent", 48), ("failed", 48), ("dead", 1)):
        delivery(incident, DeliveryState(state), due=now() - timedelta(hours=hours))
    counts = dict(staff.get("/console/").context["deliveries"].rows)
    assert counts == {"due": 0, "failed": 1, "sent": 2, "dead": 1, "superseded": 0}


def test_something_that_waits_too_long_asks_after_the_worker(staff: Client, incident: Incident) -> None:
    Event.objects.update(expanded_at=now())
    assert "Is the worker running?" not in home(staff)
    delivery(incident, DeliveryState.DUE, due=now() - timedelta(minutes=6))
    assert "Is the worker running?" in home(staff)


def test_a_promise_for_another_day_shows_its_date(staff: Client, page: Page) -> None:
    make_incident(page, at=BEGAN, next_update_by=BEGAN + timedelta(minutes=30))
    assert "Promised for" in home(staff)
    assert "Oct 09, 2021 - 08:52 AEDT" in home(staff)


def test_several_pages_are_told_apart(staff: Client, incident: Incident) -> None:
    make_incident(make_page("Arena", zone="Europe/London"), "Portal is slow")
    content = home(staff)
    assert "Arena" in content
    assert "Oct 08, 2021 - 22:22 BST" in content


def test_the_number_of_queries_does_not_grow_with_the_components(
    staff: Client, page: Page, django_assert_max_num_queries: object
) -> None:
    for number in range(30):
        component = make_component(page, f"Service {number}")
        make_probe(component, last_at=now())
        make_update(make_incident(page, at=now() - timedelta(hours=3)), at=now())
    resolved = [make_incident(page) for _ in range(5)]
    for each in resolved:
        resolve(each)
    with django_assert_max_num_queries(20):
        home(staff)


def test_a_page_without_services_says_what_to_do_next(staff: Client, page: Page) -> None:
    content = home(staff)
    assert "SIPcity has no services yet" in content
    for path in ("components/new", "probes/new", "alerts"):
        assert f'href="/console/pages/{page.code}/{path}"' in content
    make_component(page)
    assert "has no services yet" not in home(staff)


def test_who_may_not_set_up_a_page_is_given_no_links_to_do_so(client: Client, page: Page) -> None:
    make_member(User.objects.create_user("vera", password="a long password"), Role.VIEWER, page)
    client.force_login(User.objects.get(username="vera"))
    content = home(client)
    assert "An admin adds its components." in content
    assert f"/console/pages/{page.code}/components/new" not in content
