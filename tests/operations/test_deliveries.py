"""The queue of rows: in which order they are sent, to whom no more, and what becomes of those that fail."""

from datetime import datetime, timedelta

import pytest

from incidents.channels.messages import Verdict
from incidents.domain.deliveries import GIVE_UP_AFTER, DeliveryState
from incidents.domain.journal import EventKind
from incidents.models import Delivery, Page, Subscriber
from incidents.operations.deliveries import (
    LEASE,
    LONGEST_WAIT,
    claim,
    delivery_key,
    settle,
    unwanted,
)
from incidents.operations.subscribers import end_subscription
from tests.factories import BEGAN, make_incident, make_page, make_update, resolve
from tests.operations.queue import HOUR, LATER, MINUTE, SECOND, answer, expand_all, reader, states, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


def test_a_claim_is_of_one_channel_and_has_one_row_an_endpoint(page: Page) -> None:
    for number in range(3):
        reader(page, f"r{number}"), reader(page, f"h{number}", channel="webhook")
    make_incident(page), make_incident(page, at=BEGAN + MINUTE)
    expand_all()
    for channel in ("email", "webhook"):
        for _ in range(2):
            rows = take(LATER)
            assert {row.channel for row in rows} == {channel}
            assert len({row.subscriber_id for row in rows}) == len(rows) == 3
            answer(rows, Verdict.SENT, at=LATER)
    assert take(LATER) == []


def test_what_is_claimed_is_nobody_elses_until_the_lease_ends(page: Page) -> None:
    ada = reader(page)
    make_incident(page)
    expand_all()
    (row,) = take(LATER)
    assert take(LATER) == []
    assert take(LATER + LEASE - SECOND) == []
    (again,) = take(LATER + LEASE)
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
    while rows := take(LATER):
        seen += [row.event_id for row in rows]
        answer(rows, Verdict.SENT, at=LATER)
    assert seen == sorted(seen)
    assert states(ada) == ["sent"] * 5


def test_an_endpoint_that_was_down_gets_one_catch_up(page: Page) -> None:
    ada = reader(page)
    incident = make_incident(page)
    expand_all(BEGAN)
    answer(take(BEGAN), Verdict.RETRY, at=BEGAN)
    make_update(incident, at=BEGAN + SECOND)
    expand_all(BEGAN + SECOND)
    assert states(ada) == ["superseded", "due"]
    (row,) = take(BEGAN + SECOND)
    make_update(incident, at=BEGAN + 2 * SECOND)
    resolve(incident, at=BEGAN + 3 * SECOND)
    expand_all(BEGAN + 3 * SECOND)
    answer([row], Verdict.RETRY, at=BEGAN + 4 * SECOND)
    assert states(ada) == ["superseded", "superseded", "superseded", "due"]
    (last,) = take(BEGAN + 4 * SECOND)
    assert last.event.kind == EventKind.INCIDENT_RESOLVED


def test_the_notices_of_another_incident_are_not_superseded(page: Page) -> None:
    ada = reader(page)
    make_incident(page)
    expand_all(BEGAN)
    answer(take(BEGAN), Verdict.RETRY, at=BEGAN)
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
    while rows := take(at):
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
    answer(take(BEGAN), Verdict.RETRY, at=BEGAN, wait=900)
    assert ada.deliveries.get().due_at == BEGAN + 15 * MINUTE
    answer(take(BEGAN + HOUR), Verdict.RETRY, at=BEGAN + HOUR, wait=10.0**9)
    assert ada.deliveries.get().due_at == BEGAN + HOUR + LONGEST_WAIT


def test_a_refusal_is_final_and_lets_the_next_one_through(page: Page) -> None:
    ada = reader(page)
    incident = make_incident(page)
    make_update(incident)
    expand_all()
    answer(take(LATER), Verdict.REFUSED, at=LATER)
    assert states(ada) == ["dead", "due"]
    assert len(take(LATER)) == 1


def test_who_leaves_is_not_sent_what_was_claimed_and_what_was_sent_counts_as_sent(page: Page) -> None:
    ada, bob = reader(page), reader(page, "bob")
    make_incident(page)
    expand_all()
    Subscriber.objects.filter(pk=ada.pk).update(state="ended")
    claimed = claim("email", at=LATER, limit=10)
    assert [answer.key.partition("-")[2] for answer in unwanted(claimed)] == [ada.code]
    end_subscription(bob, at=LATER)
    settle(unwanted(claimed), at=LATER)
    answer(bob.deliveries.all(), Verdict.SENT, at=LATER)
    assert (states(ada), states(bob)) == (["dead"], ["sent"])


def test_a_late_answer_never_wakes_a_finished_row(page: Page) -> None:
    ada = reader(page)
    make_incident(page)
    expand_all()
    rows = take(LATER)
    end_subscription(ada, at=LATER)
    answer(rows, Verdict.RETRY, at=LATER)
    assert states(ada) == ["dead"]


def test_claiming_with_nothing_to_do_is_nothing(page: Page) -> None:
    assert take(LATER) == []
    settle([], at=LATER)
    assert not Delivery.objects.exists()


def kill_senders(times: int, *, since: datetime = BEGAN) -> datetime:
    """Claim all that is due and answer nothing, so many times; the instant at which it is free again."""
    at = since
    for _ in range(times):
        while take(at):
            continue
        at += LEASE
    return at


def test_rows_whose_sender_died_three_times_are_sent_one_by_one_after_all_others(page: Page) -> None:
    for name in ("ada", "bob", "eve"):
        reader(page, name)
    make_incident(page)
    expand_all(BEGAN)
    assert len(take(BEGAN)) == 3
    at = kill_senders(2, since=BEGAN + LEASE)
    reader(page, "new", since=BEGAN)
    make_incident(page, at=at)
    expand_all(at)
    claims = []
    while rows := take(at):
        claims.append([row.attempts for row in rows])
        answer(rows, Verdict.SENT, at=at)
    assert claims[0] == [1]
    assert [each for each in claims if 4 in each] == [[4], [4], [4]]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_a_row_that_fails_honestly_is_no_suspect(page: Page) -> None:
    for name in ("ada", "bob"):
        reader(page, name)
    make_incident(page)
    expand_all(BEGAN)
    at = BEGAN
    for _ in range(5):
        rows = take(at)
        assert len(rows) == 2
        answer(rows, Verdict.RETRY, at=at)
        at += 6 * HOUR


def test_a_row_that_kills_its_sender_is_given_up_after_three_days(page: Page) -> None:
    ada = reader(page)
    make_incident(page)
    expand_all(BEGAN)
    at = kill_senders(3)
    assert len(take(BEGAN + GIVE_UP_AFTER - SECOND)) == 1
    assert take(BEGAN + GIVE_UP_AFTER + LEASE) == []
    row = ada.deliveries.get()
    assert (row.state, row.finished_at) == ("dead", BEGAN + GIVE_UP_AFTER + LEASE)
    assert "three days" in row.detail
    assert at < BEGAN + GIVE_UP_AFTER


def test_what_was_never_tried_is_still_sent_after_three_days_without_a_relay(page: Page) -> None:
    reader(page)
    make_incident(page)
    expand_all(BEGAN)
    assert len(take(BEGAN + 2 * GIVE_UP_AFTER)) == 1
