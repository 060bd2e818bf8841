"""While the clock is in doubt nothing is deleted, given up or announced; what engines set themselves follows it."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from incidents import tasks
from incidents.channels.messages import Answer, Verdict
from incidents.domain.account_mails import AccountMailKind
from incidents.domain.components import ComponentStatus
from incidents.domain.deliveries import DeliveryState
from incidents.domain.incidents import IncidentStatus
from incidents.models import (
    AuditLine,
    AutomaticHold,
    Delivery,
    Event,
    HeadMail,
    HeadPublication,
    ProbeResult,
    Subscriber,
    SystemClock,
)
from incidents.operations.account_mails import (
    MailResult,
    claim_account_mails,
    queue_account_mail,
    record_mail_results,
)
from incidents.operations.actors import DEMO, SHELL
from incidents.operations.endpoints import note_answers
from incidents.operations.head_mails import claim_head_mails, record_head_mails
from incidents.operations.holds import open_automatic, recover
from incidents.operations.maintenances import schedule_maintenance
from incidents.operations.own_times import bound_own_times
from incidents.operations.system_clock import confirm_clock, doubted_clock, is_clock_doubted, watch_clock
from tests.factories import make_component, make_incident, make_page, make_probe
from tests.operations.queue import answer, expand_all, reader, states, take

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def now() -> datetime:
    return datetime.now(UTC)


def clock_set(by: timedelta) -> None:
    """As if the clock had been set by so much since the last reading, five seconds ago."""
    watch_clock(at=now())
    SystemClock.objects.update(
        wall=now() - by - timedelta(seconds=5), running=time.clock_gettime(time.CLOCK_BOOTTIME) - 5
    )


def kinds() -> list[str]:
    return list(AuditLine.objects.filter(kind__startswith="system_clock").values_list("kind", flat=True))


@pytest.mark.parametrize("by", [2 * HOUR, -2 * HOUR, 400 * DAY, -DAY], ids=str)
def test_a_step_is_doubted_until_a_person_agrees_and_both_are_in_the_audit(by: timedelta) -> None:
    clock_set(by)
    assert is_clock_doubted(at=now())  # at once, before any look has noted it
    assert watch_clock(at=now())
    assert watch_clock(at=now())
    assert doubted_clock() is not None
    assert confirm_clock(by=SHELL, at=now())
    assert not confirm_clock(by=SHELL, at=now())
    assert not watch_clock(at=now())
    assert doubted_clock() is None
    assert kinds() == ["system_clock.doubted", "system_clock.confirmed"]


def test_a_clock_that_comes_back_by_itself_ends_the_doubt() -> None:
    clock_set(400 * DAY)
    assert watch_clock(at=now())
    assert watch_clock(at=now() - 400 * DAY) is False
    assert doubted_clock() is None
    assert kinds() == ["system_clock.doubted", "system_clock.corrected"]


@pytest.mark.parametrize("by", [timedelta(minutes=50), timedelta(minutes=-50)], ids=str)
def test_a_small_step_is_no_matter_for_people(by: timedelta) -> None:
    clock_set(by)
    assert watch_clock(at=now()) is False
    assert kinds() == []


def due_work() -> Callable[[], list[object]]:
    """Something for each sweep that time alone moves on; what has become of it."""
    at = now()
    page = make_page("SIPcity", at=at - 20 * DAY)
    network = make_component(page, "Network", at=at - 20 * DAY)
    probe = make_probe(network, last_at=at)
    ProbeResult.objects.create(probe=probe, at=at - 15 * DAY, outcome="ok", health="ok")
    work = schedule_maintenance(
        page,
        title="Work",
        body="Work.",
        scheduled_for=at - HOUR,
        scheduled_until=at + HOUR,
        by=DEMO,
        at=at - 2 * HOUR,
    )
    later = schedule_maintenance(
        page,
        title="Later",
        body="Work.",
        scheduled_for=at + HOUR,
        scheduled_until=at + 2 * HOUR,
        remind_hours=2,
        by=DEMO,
        at=at - 3 * HOUR,
    )
    down = {network: ComponentStatus.MAJOR_OUTAGE}
    incident = open_automatic(page, title="Calls fail", body="Down.", components=down, at=at - 2 * HOUR)
    assert incident is not None
    recover(AutomaticHold.objects.get(), body="Up.", at=at - HOUR)

    def found() -> list[object]:
        work.refresh_from_db()
        incident.refresh_from_db()
        later.maintenance.refresh_from_db()
        return [
            ProbeResult.objects.count(),
            work.status,
            later.maintenance.reminded_at is not None,
            incident.status,
        ]

    return found


SWEEPS = (tasks.forget_due, tasks.maintain_due, tasks.settle_due, tasks.rfo_due)
UNTOUCHED = [1, IncidentStatus.SCHEDULED, False, IncidentStatus.MONITORING]
DONE = [0, IncidentStatus.IN_PROGRESS, True, IncidentStatus.RESOLVED]


def test_nothing_is_deleted_or_announced_by_time_alone_before_somebody_has_looked() -> None:
    found = due_work()
    clock_set(2 * HOUR)
    for sweep in SWEEPS:
        sweep()
    assert found() == UNTOUCHED
    watch_clock(at=now())
    confirm_clock(by=SHELL, at=now())
    for sweep in SWEEPS:
        sweep()
    assert found() == DONE


def test_nothing_is_given_up_after_a_leap() -> None:
    at = now()
    page = make_page("SIPcity", at=at - DAY)
    ada = reader(page, since=at - DAY)
    make_incident(page, at=at - 4 * DAY)
    Subscriber.objects.update(confirmed_at=at - 5 * DAY, failing_since=at - 6 * DAY)
    expand_all(at - 4 * DAY)
    clock_set(4 * DAY)
    for _ in range(4):
        Delivery.objects.update(due_at=at - HOUR, leased_until=None)
        rows = take(now())
        answer(rows, Verdict.RETRY, at=now())
    Delivery.objects.update(attempts=20)
    note_answers([], failing=(), at=now())
    assert states(ada) == [DeliveryState.FAILED]
    watch_clock(at=now())
    confirm_clock(by=SHELL, at=now())
    Delivery.objects.update(due_at=at - HOUR)
    answer(take(now()), Verdict.RETRY, at=now())
    assert states(ada) == [DeliveryState.DEAD]


def test_what_engines_planned_for_themselves_comes_back_with_the_clock() -> None:
    at = now()
    page = make_page("SIPcity", at=at - 20 * DAY)
    probe = make_probe(make_component(page, "Network", at=at - 20 * DAY))
    reader(page, since=at - DAY)
    make_incident(page, at=at)
    expand_all(at)
    ahead = at + 2 * HOUR + timedelta(seconds=20)
    Delivery.objects.update(state=DeliveryState.FAILED, due_at=ahead, leased_until=ahead)
    Event.objects.update(hold_until=ahead, expanded_at=None)
    type(probe).objects.update(next_due=ahead, leased_until=ahead, beaten_at=ahead, confirmed_at=ahead)
    planned = schedule_maintenance(
        page, title="W", body="W.", scheduled_for=at + DAY, scheduled_until=at + 2 * DAY, by=DEMO, at=at
    )
    clock_set(-2 * HOUR)
    watch_clock(at=now())
    soon = now() + timedelta(seconds=30)
    row, event, probe = (
        Delivery.objects.get(),
        Event.objects.filter(notifies=True).first(),
        type(probe).objects.get(),
    )
    assert event is not None
    found = [
        row.due_at,
        row.leased_until,
        event.hold_until,
        probe.next_due,
        probe.leased_until,
        probe.beaten_at,
    ]
    assert [each for each in found if each is None or each > soon] == []
    planned.maintenance.refresh_from_db()
    assert planned.maintenance.scheduled_for == at + DAY  # a time of the calendar stays


def test_a_time_further_ahead_than_an_engine_ever_sets_it_is_brought_in() -> None:
    at = now()
    page = make_page("SIPcity", at=at - DAY)
    reader(page, since=at - DAY)
    make_incident(page, at=at)
    expand_all(at)
    Delivery.objects.update(due_at=at + 2 * HOUR)
    assert bound_own_times(at=at) == 1
    Delivery.objects.update(state=DeliveryState.FAILED, due_at=at + 5 * HOUR)
    assert bound_own_times(at=at) == 0  # the last wait of a failed delivery
    Delivery.objects.update(due_at=at + 400 * DAY)
    assert bound_own_times(at=at) == 1
    assert Delivery.objects.get().due_at == at


def test_a_new_run_of_the_machine_is_compared_with_the_newest_time_of_the_last_one() -> None:
    watch_clock(at=now())
    SystemClock.objects.update(boot="the run before", wall=now() - 2 * DAY)
    assert watch_clock(at=now()) is False  # off for two days
    SystemClock.objects.exclude(boot="the run before").delete()
    SystemClock.objects.update(wall=now() + 2 * HOUR)
    assert watch_clock(at=now()) is True  # a time that has been already


def test_nothing_is_doubted_where_nothing_was_ever_read() -> None:
    assert not is_clock_doubted(at=now() + 400 * DAY)


@pytest.mark.parametrize("seconds", [600, 3600])
def test_a_mail_whose_reply_is_waited_for_is_not_sent_again_meanwhile(
    seconds: int, settings: Settings
) -> None:
    """Neither kind of mail that has a queue of its own, whatever the sweep of far times brings in."""
    settings.EMAIL_CONFIRM_SECONDS = seconds
    at = now()
    user = User.objects.create_user("dana", "dana@sipcity.test")
    queue_account_mail(user, AccountMailKind.PASSWORD_LINK, at=at)
    publication = HeadPublication.objects.create(at=at, heads=[], versions=0, versions_sha256="")
    HeadMail.objects.create(publication=publication, address=user.email, due_at=at)
    (mail,), (head,) = claim_account_mails(at=at, limit=9), claim_head_mails(at=at)
    record_mail_results([MailResult(mail, Answer("x", Verdict.PENDING, "handed over"))], at=at)
    record_head_mails([Answer(f"head-{head.pk}", Verdict.PENDING, "handed over")], at=at)
    later = at + timedelta(seconds=seconds)
    for moment in (at, at + timedelta(seconds=30), later):
        bound_own_times(at=moment)
        assert not claim_account_mails(at=moment, limit=9), moment - at
        assert not claim_head_mails(at=moment), moment - at
    over = later + timedelta(seconds=61)
    assert claim_account_mails(at=over, limit=9)
    assert claim_head_mails(at=over)
