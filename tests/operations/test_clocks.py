"""What an incident owes by when: derived from its record, moved by people, never claimed where it is unknown."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incidents.domain.clocks import Anchor
from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import IncidentStatus
from incidents.domain.reports import parse_report
from incidents.domain.rfos import RfoKind
from incidents.models import Clock, ClockDuty, Incident, Page, RfoPolicy
from incidents.operations.actors import IMPORT
from incidents.operations.clocks import (
    keep_clocks,
    move_anchor,
    presets_of,
    save_preset,
    start_clock,
    stop_clock,
    tick_duty,
)
from incidents.operations.errors import Refused
from incidents.operations.imports import import_report
from tests.domain.saved_reports import seed
from tests.factories import (
    BEGAN,
    DEMO,
    make_component,
    make_incident,
    make_page,
    make_rfo,
    make_update,
    resolve,
)

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity", zone="Australia/Sydney")


def outage(page: Page, **facts: Any) -> Incident:
    return make_incident(
        page, components={make_component(page, "Network"): ComponentStatus.MAJOR_OUTAGE}, **facts
    )


def begin(incident: Incident, key: str = "rfo-standard", *, at: datetime = BEGAN) -> Clock:
    return start_clock(incident, key=key, by=DEMO, at=at)


def duties(clock: Clock) -> dict[str, ClockDuty]:
    return {each.key: each for each in ClockDuty.objects.filter(clock=clock)}


def test_the_seed_was_due_on_the_13th_and_the_15th_and_came_14_days_late(page: Page) -> None:
    done = import_report(parse_report(seed()), by=IMPORT, at=datetime(2026, 11, 27, tzinfo=UTC))
    found = duties(begin(done.incident, at=datetime(2026, 11, 27, tzinfo=UTC)))
    zone = done.incident.page.zone
    due = {
        key: f"{duty.due_at.astimezone(zone):%a %d %b %Y %H:%M %Z}"
        for key, duty in found.items()
        if duty.due_at
    }
    assert due["preliminary"] == "Wed 13 Oct 2021 12:49 AEDT"
    assert due["final"] == "Fri 15 Oct 2021 12:49 AEDT"
    final = found["final"]
    assert final.met_by == "RFO-2021-0001 v1"
    assert final.met_at
    assert final.breached_at
    assert (final.met_at - final.breached_at).days == 14
    assert found["updates"].breaches == 4  # of its five silences one, 23:51 h, came after calls were back


def test_what_is_met_in_time_is_no_breach_and_what_is_late_is(page: Page) -> None:
    incident = outage(page)
    clock = begin(incident)
    assert duties(clock)["first"].met_by == "first update"
    resolve(incident, at=BEGAN + 40 * MINUTE)
    make_rfo(incident, kind=RfoKind.PRELIMINARY, at=BEGAN + 2 * DAY)
    keep_clocks(at=BEGAN + 9 * DAY)
    found = duties(clock)
    assert (found["preliminary"].met_by, found["preliminary"].breached_at) == ("RFO-2021-0001 v1", None)
    assert found["final"].met_at is None
    assert found["final"].breached_at == found["final"].due_at


def test_a_silence_longer_than_the_cadence_is_counted_and_the_next_words_are_due(page: Page) -> None:
    incident = outage(page)
    clock = begin(incident)
    make_update(incident, at=BEGAN + 30 * MINUTE)
    make_update(incident, at=BEGAN + 100 * MINUTE)
    keep_clocks(at=BEGAN + 110 * MINUTE)
    updates = duties(clock)["updates"]
    assert (updates.breaches, updates.breached_at) == (1, BEGAN + 90 * MINUTE)
    assert updates.due_at == BEGAN + 160 * MINUTE


def test_the_public_promise_follows_the_cadence_unless_a_person_promises(page: Page) -> None:
    RfoPolicy.objects.create(page=page, clock="rfo-standard")
    incident = outage(page)
    assert incident.updates.get().next_update_by == BEGAN + HOUR - timedelta(
        minutes=2
    )  # 22:20, in whole fives
    said = make_update(incident, at=BEGAN + 10 * MINUTE, next_update_by=BEGAN + 20 * MINUTE)
    assert said.next_update_by == BEGAN + 20 * MINUTE
    done = resolve(incident, at=BEGAN + 30 * MINUTE)
    assert done.next_update_by is None


def test_without_a_clock_nothing_is_promised(page: Page) -> None:
    assert outage(page).updates.get().next_update_by is None


def test_moving_an_anchor_moves_what_hangs_on_it_and_keeps_the_old_time(page: Page) -> None:
    clock = begin(outage(page), "us-ivoip-911")
    assert duties(clock)["notification"].due_at is None
    move_anchor(clock, anchor=Anchor.DETECTED, to=BEGAN - HOUR, by=DEMO, at=BEGAN + MINUTE)
    psap = duties(clock)["psap"]
    assert (psap.due_at, psap.first_due_at) == (BEGAN - 30 * MINUTE, BEGAN + 30 * MINUTE)
    assert psap.breached_at == psap.due_at
    clock.refresh_from_db()
    move_anchor(clock, anchor=Anchor.DETECTED, to=None, by=DEMO, at=BEGAN + MINUTE)
    assert duties(clock)["psap"].due_at == BEGAN + 30 * MINUTE


def test_a_person_says_what_the_record_cannot_show_and_the_next_duty_hangs_on_it(page: Page) -> None:
    clock = begin(outage(page), "us-ivoip-911")
    tick_duty(
        duties(clock)["psap"], reference="Call 17", met_at=BEGAN + 20 * MINUTE, by=DEMO, at=BEGAN + HOUR
    )
    found = duties(clock)
    assert (found["psap"].met_by, found["psap"].breached_at) == ("Call 17", None)
    assert found["psap2"].due_at == BEGAN + 20 * MINUTE + 2 * HOUR
    with pytest.raises(Refused, match="future"):
        tick_duty(found["psap2"], reference="", met_at=BEGAN + 9 * HOUR, by=DEMO, at=BEGAN + HOUR)


def test_a_stopped_clock_promises_nothing_and_may_go_on(page: Page) -> None:
    incident = outage(page)
    clock = begin(incident)
    stop_clock(clock, by=DEMO, at=BEGAN)
    assert make_update(incident, at=BEGAN + MINUTE).next_update_by is None
    assert begin(incident).pk == clock.pk
    assert Clock.objects.get().stopped_at is None


def test_a_page_keeps_its_own_copy_and_clocks_that_run_go_on_as_they_began(page: Page) -> None:
    incident = outage(page)
    clock = begin(incident)
    preset, _ = presets_of(page)["rfo-standard"]
    save_preset(page, preset=preset, enabled=False, by=DEMO, at=BEGAN)
    assert presets_of(page)["rfo-standard"][1] is False
    assert presets_of(make_page("2talk"))["rfo-standard"][1] is True
    assert "final" in duties(clock)
    with pytest.raises(Refused, match="no such clock"):
        start_clock(make_incident(page), key="rfo-standard", by=DEMO, at=BEGAN)


def test_looking_twice_or_late_comes_to_the_same(page: Page) -> None:
    incident = outage(page)
    clock = begin(incident)
    make_update(incident, status=IncidentStatus.MONITORING, at=BEGAN + 3 * HOUR)
    resolve(incident, at=BEGAN + 4 * HOUR)
    seen = []
    for days in (1, 1, 20):
        keep_clocks(at=BEGAN + days * DAY)
        seen.append(
            [
                (each.key, each.due_at, each.met_at, each.breaches)
                for each in duties(clock).values()
                if each.met_at
            ]
        )
    assert seen[0] == seen[1] == seen[2]
