"""Staff are called at half, at four fifths and at the end of what is owed, and once a day for all of it."""

from datetime import date, timedelta

import pytest

from incidents.domain.alerts import Cause
from incidents.domain.rfo_content import ActionState
from incidents.models import Alert, Incident
from incidents.monitoring.alerts import alert_due
from incidents.operations.actions import close_action, save_action
from incidents.operations.clocks import keep_clocks, start_clock, stop_clock
from incidents.operations.rfos import draft_rfo
from tests.factories import BEGAN, DEMO, make_incident, make_page, make_rfo, resolve

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ENDED = BEGAN + HOUR


@pytest.fixture
def incident() -> Incident:
    incident = make_incident(make_page("SIPcity", zone="Australia/Sydney"), "Calls fail")
    start_clock(incident, key="rfo-standard", by=DEMO, at=BEGAN)
    resolve(incident, at=ENDED)
    keep_clocks(at=ENDED)
    return incident


def called(after: timedelta, *causes: Cause) -> list[str]:
    keep_clocks(at=ENDED + after)
    alert_due(at=ENDED + after)
    return [
        each.title
        for each in Alert.objects.filter(cause__in=causes or (Cause.CLOCK, Cause.BREACH), ended_at=None)
    ]


def test_each_step_calls_once_and_the_last_is_the_breach(incident: Incident) -> None:
    assert called(35 * HOUR) == []
    assert called(36 * HOUR) == ["Preliminary RFO: 50 % of the time has gone (Calls fail)"]
    called(40 * HOUR)
    assert Alert.objects.filter(cause=Cause.CLOCK).count() == 1
    assert called(58 * HOUR) == ["Preliminary RFO: 80 % of the time has gone (Calls fail)"]
    assert "Preliminary RFO: is overdue (Calls fail)" in called(72 * HOUR)


def test_what_is_met_or_stopped_calls_nobody(incident: Incident) -> None:
    called(40 * HOUR)
    make_rfo(incident, at=ENDED + 41 * HOUR)
    assert called(42 * HOUR) == []
    stop_clock(incident.clocks.get(), by=DEMO, at=ENDED)
    assert called(60 * DAY) == []


def test_the_digest_comes_once_a_day_from_the_morning_on(incident: Incident) -> None:
    assert called(20 * HOUR, Cause.DIGEST) == []  # 05:22 in Sydney
    assert called(23 * HOUR, Cause.DIGEST) == ["Owed by SIPcity today: 2"]
    called(25 * HOUR, Cause.DIGEST)
    called(47 * HOUR, Cause.DIGEST)
    assert Alert.objects.filter(cause=Cause.DIGEST).count() == 2


def test_a_promise_that_is_overdue_is_in_the_digest_until_it_is_done(incident: Incident) -> None:
    stop_clock(incident.clocks.get(), by=DEMO, at=ENDED)
    rfo = draft_rfo(incident, body="Words.", by=DEMO, at=ENDED).rfo
    item = save_action(None, rfo=rfo, what="Check", owner="Voice", due=date(2021, 10, 9), by=DEMO, at=ENDED)
    assert called(23 * HOUR, Cause.DIGEST) == ["Owed by SIPcity today: 1"]
    close_action(item, state=ActionState.DONE, by=DEMO, at=ENDED)
    assert called(24 * HOUR, Cause.DIGEST) == []
