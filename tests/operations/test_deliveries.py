"""The queue of rows: who gets one, in which order they are sent, and what becomes of those that fail."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from incidents.channels.messages import Answer, Verdict
from incidents.domain.components import ComponentStatus
from incidents.domain.deliveries import DeliveryState
from incidents.domain.journal import EventKind
from incidents.domain.subscribers import SubscriberState
from incidents.models import Delivery, Event, Page, Subscriber
from incidents.operations.actors import DEMO
from incidents.operations.deliveries import (
    LEASE,
    LONGEST_WAIT,
    cancel_event,
    claim,
    delivery_key,
    expand,
    expandable,
    release_event,
    settle,
    unwanted,
)
from incidents.operations.errors import Refused
from incidents.operations.subscribers import end_subscription
from tests.factories import BEGAN, make_component, make_incident, make_page, make_rfo, make_update, resolve

pytestmark = pytest.mark.django_db
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
PARTIAL = ComponentStatus.PARTIAL_OUTAGE
LATER = BEGAN + 40 * 24 * HOUR


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


def reader(
    page: Page, name: str = "ada", *, channel: str = "email", since: datetime = BEGAN - HOUR
) -> Subscriber:
    return Subscriber.objects.create(
        page=page,
        channel=channel,
        address=f"{name}@example.com",
        state=SubscriberState.ACTIVE,
        nonce=name,
        created_at=since,
        confirmed_at=since,
    )


def expand_all(at: datetime = LATER) -> None:
    while events := list(expandable(at)):
        for event in events:
            expand(event, at=at)


def told(subscriber: Subscriber) -> list[str]:
    return [row.event.kind for row in Delivery.objects.filter(subscriber=subscriber).select_related("event")]


def answer(rows: Iterable[Delivery], verdict: Verdict, *, at: datetime, wait: float | None = None) -> None:
    settle([Answer(delivery_key(row), verdict, "words", wait) for row in rows], at=at)


def states(subscriber: Subscriber) -> list[str]:
    return list(Delivery.objects.filter(subscriber=subscriber).order_by("pk").values_list("state", flat=True))


def test_everybody_of_the_page_is_told_once(page: Page) -> None:
    reader(page), reader(page, "bob"), reader(make_page("2talk"), "eve")
    make_incident(page)
    expand_all()
    expand_all()
    assert [row.subscriber.nonce for row in Delivery.objects.all()] == ["ada", "bob"]


def test_a_silent_post_tells_nobody(page: Page) -> None:
    reader(page)
    make_incident(page, notify=False)
    expand_all()
    assert not Delivery.objects.exists()


def test_who_chose_components_hears_of_those_alone(page: Page) -> None:
    network, queues = make_component(page, "Network"), make_component(page, "Queues")
    ada, bob, eve = reader(page), reader(page, "bob"), reader(page, "eve")
    ada.components.set([network])
    bob.components.set([queues])
    incident = make_incident(page, components={network: PARTIAL})
    make_update(incident, components={queues: PARTIAL})
    expand_all()
    assert told(ada) == ["incident.opened", "incident.updated"]
    assert told(eve) == ["incident.opened", "incident.updated"]
    assert "incident.updated" in told(bob)


def test_a_batch_ends_and_the_next_goes_on_where_it_was_killed(page: Page) -> None:
    readers = [reader(page, f"r{number}") for number in range(7)]
    make_incident(page)
    event = Event.objects.get(kind=EventKind.INCIDENT_OPENED)
    assert expand(event, at=LATER, batch=3) is False
    assert Delivery.objects.count() == 3
    event.refresh_from_db()
    assert (event.cursor, event.expanded_at) == (readers[2].pk, None)
    assert expand(event, at=LATER, batch=3) is False
    assert expand(event, at=LATER, batch=3) is True
    event.refresh_from_db()
    assert (Delivery.objects.count(), event.expanded_at) == (7, LATER)


def test_a_batch_that_is_written_twice_is_there_once(page: Page) -> None:
    for number in range(4):
        reader(page, f"r{number}")
    make_incident(page)
    event = Event.objects.get(kind=EventKind.INCIDENT_OPENED)
    expand(event, at=LATER)
    Event.objects.filter(pk=event.pk).update(cursor=0, expanded_at=None)
    expand(event, at=LATER)
    assert Delivery.objects.count() == 4


def test_who_joins_later_hears_what_comes_after(page: Page) -> None:
    incident = make_incident(page)
    ada = reader(page, since=BEGAN + MINUTE)
    make_update(incident, at=BEGAN + HOUR)
    bob = reader(page, "bob", since=BEGAN + 2 * HOUR)
    resolve(incident, at=BEGAN + 4 * HOUR)
    eve = reader(page, "eve", since=BEGAN + 5 * HOUR)
    make_rfo(incident)
    expand_all()
    assert told(ada) == ["incident.updated", "incident.resolved", "rfo.published"]
    assert told(bob) == ["incident.resolved", "rfo.published"]
    assert told(eve) == []


def test_an_end_is_not_told_to_those_who_were_not_told_of_the_beginning(page: Page) -> None:
    ada = reader(page)
    incident = make_incident(page, notify=False)
    resolve(incident)
    make_rfo(incident)
    expand_all()
    assert told(ada) == []


def test_a_held_update_keeps_later_ones_of_its_incident_back_and_no_others(page: Page) -> None:
    ada = reader(page)
    incident = make_incident(page, "First", hold=HOUR)
    make_update(incident, at=BEGAN + MINUTE)
    make_incident(page, "Second", at=BEGAN + 2 * MINUTE)
    expand_all(BEGAN + 3 * MINUTE)
    assert [row.event.incident.title for row in ada.deliveries.all() if row.event.incident] == ["Second"]
    expand_all(BEGAN + HOUR)
    assert told(ada) == ["incident.opened", "incident.opened", "incident.updated"]


def test_undo_during_the_hold_tells_nobody_and_twice_is_once(page: Page) -> None:
    ada = reader(page)
    make_incident(page, hold=MINUTE)
    event = Event.objects.get(kind=EventKind.INCIDENT_OPENED)
    for _ in range(2):
        cancel_event(event, by=DEMO, at=BEGAN + SECOND)
    expand_all()
    assert told(ada) == []
    assert Event.objects.filter(data__what="notification withdrawn").count() == 1


def test_undo_after_the_first_row_is_refused(page: Page) -> None:
    reader(page), reader(page, "bob")
    make_incident(page)
    event = Event.objects.get(kind=EventKind.INCIDENT_OPENED)
    expand(event, at=LATER, batch=1)
    with pytest.raises(Refused, match="being told already"):
        cancel_event(event, by=DEMO, at=LATER)


def test_send_now_ends_the_hold(page: Page) -> None:
    ada = reader(page)
    make_incident(page, hold=HOUR)
    event = Event.objects.get(kind=EventKind.INCIDENT_OPENED)
    release_event(event, by=DEMO, at=BEGAN + SECOND)
    expand_all(BEGAN + SECOND)
    assert told(ada) == ["incident.opened"]
    with pytest.raises(Refused):
        release_event(event, by=DEMO, at=BEGAN + MINUTE)


def test_what_was_withdrawn_cannot_be_sent_now(page: Page) -> None:
    make_incident(page, hold=HOUR)
    event = Event.objects.get(kind=EventKind.INCIDENT_OPENED)
    cancel_event(event, by=DEMO, at=BEGAN)
    with pytest.raises(Refused, match="withdrawn"):
        release_event(event, by=DEMO, at=BEGAN)


def test_a_claim_is_of_one_event_and_one_channel(page: Page) -> None:
    for number in range(3):
        reader(page, f"r{number}"), reader(page, f"h{number}", channel="webhook")
    make_incident(page), make_incident(page, at=BEGAN + MINUTE)
    expand_all()
    groups = []
    while rows := claim(at=LATER):
        groups.append({(row.event_id, row.subscriber.channel) for row in rows})
        assert len(rows) == 3
        answer(rows, Verdict.SENT, at=LATER)
    assert [len(group) for group in groups] == [1, 1, 1, 1]


def test_what_is_claimed_is_nobody_elses_until_the_lease_ends(page: Page) -> None:
    ada = reader(page)
    make_incident(page)
    expand_all()
    (row,) = claim(at=LATER)
    assert claim(at=LATER) == []
    assert claim(at=LATER + LEASE - SECOND) == []
    (again,) = claim(at=LATER + LEASE)
    assert again.pk == row.pk
    assert delivery_key(again) == delivery_key(row)
    assert ada.deliveries.get().attempts == 2


def test_one_endpoint_gets_its_updates_in_their_order(page: Page) -> None:
    ada = reader(page)
    incident = make_incident(page)
    for hour in range(1, 5):
        make_update(incident, at=BEGAN + hour * HOUR)
    expand_all()
    seen = []
    while rows := claim(at=LATER):
        seen += [row.event_id for row in rows]
        answer(rows, Verdict.SENT, at=LATER)
    assert seen == sorted(seen)
    assert states(ada) == ["sent"] * 5


def test_an_endpoint_that_was_down_gets_one_catch_up(page: Page) -> None:
    ada = reader(page)
    incident = make_incident(page)
    expand_all(BEGAN)
    answer(claim(at=BEGAN), Verdict.RETRY, at=BEGAN)
    make_update(incident, at=BEGAN + SECOND)
    expand_all(BEGAN + SECOND)
    assert states(ada) == ["superseded", "due"]
    (row,) = claim(at=BEGAN + SECOND)
    make_update(incident, at=BEGAN + 2 * SECOND)
    resolve(incident, at=BEGAN + 3 * SECOND)
    expand_all(BEGAN + 3 * SECOND)
    answer([row], Verdict.RETRY, at=BEGAN + 4 * SECOND)
    assert states(ada) == ["superseded", "superseded", "superseded", "due"]
    (last,) = claim(at=BEGAN + 4 * SECOND)
    assert last.event.kind == EventKind.INCIDENT_RESOLVED


def test_the_notices_of_another_incident_are_not_superseded(page: Page) -> None:
    ada = reader(page)
    make_incident(page)
    expand_all(BEGAN)
    answer(claim(at=BEGAN), Verdict.RETRY, at=BEGAN)
    make_incident(page, at=BEGAN + MINUTE)
    expand_all(BEGAN + MINUTE)
    assert states(ada) == ["failed", "due"]


def test_what_was_never_tried_is_not_collapsed(page: Page) -> None:
    ada = reader(page)
    incident = make_incident(page)
    make_update(incident)
    resolve(incident)
    expand_all()
    assert states(ada) == ["due"] * 3


def test_waits_grow_and_a_row_is_given_up_after_three_days(page: Page) -> None:
    ada = reader(page)
    make_incident(page)
    expand_all(BEGAN)
    at, waits = BEGAN, []
    while rows := claim(at=at):
        answer(rows, Verdict.RETRY, at=at)
        row = ada.deliveries.get()
        if row.state == DeliveryState.DEAD:
            break
        waits.append((row.due_at - at).total_seconds())
        at = row.due_at
    assert 10 <= waits[0] <= 12
    assert waits[1:5] == sorted(waits[1:5])
    assert max(waits) <= 18_000 * 1.2
    assert timedelta(days=3) <= at - BEGAN <= timedelta(days=3, hours=7)
    assert ada.deliveries.get().detail == "words"


def test_retry_after_is_honoured_within_reason(page: Page) -> None:
    ada = reader(page)
    make_incident(page)
    expand_all(BEGAN)
    answer(claim(at=BEGAN), Verdict.RETRY, at=BEGAN, wait=900)
    assert ada.deliveries.get().due_at == BEGAN + 15 * MINUTE
    answer(claim(at=BEGAN + HOUR), Verdict.RETRY, at=BEGAN + HOUR, wait=10.0**9)
    assert ada.deliveries.get().due_at == BEGAN + HOUR + LONGEST_WAIT


def test_a_refusal_is_final_and_lets_the_next_one_through(page: Page) -> None:
    ada = reader(page)
    incident = make_incident(page)
    make_update(incident)
    expand_all()
    answer(claim(at=LATER), Verdict.REFUSED, at=LATER)
    assert states(ada) == ["dead", "due"]
    assert len(claim(at=LATER)) == 1


def test_who_leaves_is_not_sent_what_was_claimed_and_what_was_sent_counts_as_sent(page: Page) -> None:
    ada, bob = reader(page), reader(page, "bob")
    make_incident(page)
    expand_all()
    rows = claim(at=LATER)
    end_subscription(ada, at=LATER)
    gone = unwanted(rows)
    assert gone == {row.pk for row in rows if row.subscriber == ada}
    end_subscription(bob, at=LATER)
    answer([row for row in rows if row.pk not in gone], Verdict.SENT, at=LATER)
    assert (states(ada), states(bob)) == (["dead"], ["sent"])


def test_a_late_answer_never_wakes_a_finished_row(page: Page) -> None:
    ada = reader(page)
    make_incident(page)
    expand_all()
    rows = claim(at=LATER)
    end_subscription(ada, at=LATER)
    answer(rows, Verdict.RETRY, at=LATER)
    assert states(ada) == ["dead"]


def test_a_subscriber_that_joined_during_the_fan_out_is_not_in_it(page: Page) -> None:
    reader(page)
    make_incident(page)
    event = Event.objects.get(kind=EventKind.INCIDENT_OPENED)
    expand(event, at=BEGAN, batch=1)
    late = reader(page, "late", since=BEGAN + SECOND)
    expand_all()
    assert told(late) == []


def test_claiming_with_nothing_to_do_is_nothing(page: Page) -> None:
    assert claim(at=LATER) == []
    settle([], at=LATER)
    assert not Delivery.objects.exists()
