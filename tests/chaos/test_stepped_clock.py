"""A wall clock that is set, and a machine that is paused: how long each engine takes until it works again."""

import json
import signal
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from tests.chaos.clock_stage import INTERVALS, TIMED, UNTIMED, ClockStage, clock_stage, until_all

pytestmark = [pytest.mark.slow, pytest.mark.alone]
GRACE = 15.0
LOAD = 2.0
"""So many times as long as on an idle machine."""
HELD_SECONDS = 8.0
"""Longer than the interval of every engine that must wait."""
LEAP, LEAP_SECONDS = timedelta(days=400), 40.0
PAUSE_SECONDS = 40.0
BY_ITSELF = ("probes", "publisher", "retries")
UNTOUCHED = {
    "old results": "SELECT count(*) FROM incidents_proberesult WHERE id = 1",
    "far maintenance": "SELECT count(*) FROM incidents_incident WHERE title = 'Far ahead' AND status = 'scheduled'",
    "no reminder of it": "SELECT count(*) FROM incidents_maintenance m JOIN incidents_incident i "
    "ON i.id = m.incident_id WHERE i.title = 'Far ahead' AND m.reminded_at IS NULL",
}
NOTHING = {
    "given up": "SELECT count(*) FROM incidents_delivery WHERE state = 'dead'",
    "disabled": "SELECT count(*) FROM incidents_subscriber WHERE state <> 'active'",
    "opened": "SELECT count(*) FROM incidents_incident WHERE automatic AND title NOT LIKE 'Automatic %'",
}
Table = list[tuple[str, dict[str, float]]]


def test_no_step_of_the_clock_stops_an_engine_or_costs_anybody_a_notice(tmp_path: Path) -> None:
    table: Table = []
    with clock_stage(tmp_path) as stage:
        stage.arm()
        table.append(("(start)", until_all(stage.looks((*UNTIMED, *TIMED)), within=90)))
        _small(stage, table, timedelta(minutes=-30))
        for hours, confirms in ((-2, False), (-24, True), (2, True)):
            _large(stage, table, timedelta(hours=hours), confirms=confirms)
        _leap(stage, table)
        _pause(stage, table)
        untouched = {what: stage.ask(question) for what, question in UNTOUCHED.items()}
        lost = {what: stage.ask(question) for what, question in NOTHING.items()}
        alerts = stage.ask("SELECT count(*) FROM incidents_alert WHERE cause = 'clock_set'")
    print(_printed(table))
    late = [
        f"{name} {what}: {table_row.get(what)}"
        for name, table_row in table[1:]
        for what in table_row
        if table_row[what] > (INTERVALS[what] + GRACE) * LOAD
    ]
    assert late == []
    assert untouched == dict.fromkeys(UNTOUCHED, 1)
    assert lost == dict.fromkeys(NOTHING, 0)
    assert alerts == 4  # once for each step of more than an hour


def _stepped(stage: ClockStage, what: str, act: Callable[[], None], *after: str) -> dict[str, float]:
    """Seconds from the step on for what works by itself; for what must be posted first, from its post on."""
    by_itself, began = stage.looks(BY_ITSELF), time.monotonic()
    act()
    first = {name: by_itself[name] for name in BY_ITSELF if name != "retries"}
    found = _measured(stage, first, what, since=began)
    stage.arm()
    found |= _measured(stage, stage.looks(("relay", *after)), what)
    return found | _measured(stage, {"retries": by_itself["retries"]}, what, since=began)


def _measured(
    stage: ClockStage, looks: Mapping[str, Callable[[], bool]], what: str, *, since: float = 0.0
) -> dict[str, float]:
    longest = max(INTERVALS[name] for name in looks)
    found = until_all(looks, within=(longest + GRACE) * LOAD + 10, since=since)
    missing = sorted(looks.keys() - found.keys())
    assert not missing, f"{what}: {missing} stand still\n{stage.home.log('worker')}\n{stage.home.log('beat')}"
    return found


def _small(stage: ClockStage, table: Table, by: timedelta) -> None:
    row = _stepped(stage, str(by), lambda: stage.step(by), *TIMED)
    table.append((f"{by.total_seconds() / 60:+.0f} min", row))


def _large(stage: ClockStage, table: Table, by: timedelta, *, confirms: bool) -> None:
    """Announcements wait until a person confirms the clock, or until it shows the expected time again."""
    name = f"{by.total_seconds() / 3600:+.0f} h"
    table.append((name, _stepped(stage, name, lambda: stage.step(by), "alerts")))
    checks = json.loads(stage.home.get("/readyz")[1])["checks"]
    assert "was set by more than an hour" in checks["clock"], checks
    early = until_all(stage.looks(TIMED), within=HELD_SECONDS)
    assert early == {}, f"{name}: not held"
    if confirms:
        assert "is confirmed" in stage.home.manage("confirm_clock")
    else:
        stage.step(-by)
    then = f"{name}, confirmed" if confirms else f"{name}, corrected"
    # A corrected clock shows that the time to remind is over.
    names = TIMED if confirms else ("maintenance", "auto-resolve", "trust")
    table.append((then, _measured(stage, stage.looks(names), then)))


def _leap(stage: ClockStage, table: Table) -> None:
    looks, began = stage.looks(("probes", "publisher", "alerts")), time.monotonic()
    stage.step(LEAP)
    table.append(("+400 d", _measured(stage, looks, "+400 d", since=began)))
    time.sleep(max(0.0, LEAP_SECONDS - (time.monotonic() - began)))
    row = _stepped(stage, "back from +400 d", lambda: stage.step(-LEAP), *TIMED, "trust")
    table.append(("+400 d for 40 s, back", row))


def _pause(stage: ClockStage, table: Table) -> None:
    stage.signal(signal.SIGSTOP)
    time.sleep(PAUSE_SECONDS)
    row = _stepped(stage, "paused", lambda: stage.signal(signal.SIGCONT), *TIMED)
    table.append(("paused for 40 s", row))


def _printed(table: Table) -> str:
    names = [*UNTIMED, *TIMED, "alerts", "trust"]
    lines = ["", f"{'seconds until it works again':30}" + "".join(f"{name:>14}" for name in names)]
    for step, row in table:
        lines.append(f"{step:30}" + "".join(f"{row[n]:14.1f}" if n in row else f"{'-':>14}" for n in names))
    return "\n".join(lines)
