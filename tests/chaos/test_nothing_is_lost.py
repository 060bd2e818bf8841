"""Twenty faults while ten thousand notices go out, on both stacks: nothing lost, nothing out of order (DESIGN 14)."""

import time
from pathlib import Path
from statistics import quantiles

import pytest

from tests.chaos import ledger
from tests.chaos.faults import SCHEDULES, strike
from tests.chaos.stage import staged

pytestmark = [pytest.mark.slow, pytest.mark.alone]
HOOKS, MAILS, UPDATES = 1500, 500, 5
HANG = HOOKS // 20
DELAY = 0.5
"""Seconds that a receiver takes, so that each telling lasts while the faults strike."""
PAUSE = 0.7
MOST_SLOWER = 2.0


@pytest.mark.parametrize("stack", SCHEDULES)
def test_nothing_is_lost_and_nothing_overtakes(tmp_path: Path, stack: str) -> None:
    with staged(tmp_path, stack, hooks=HOOKS, mails=MAILS, hang=HANG, delay=DELAY) as stage:
        struck = []
        for number, faults in enumerate(SCHEDULES[stack], start=1):
            stage.post(number)
            for what in faults:
                time.sleep(PAUSE)
                struck.append(strike(stage, what))
        last = time.monotonic()
        stage.wait(within=200)
        ended = time.monotonic() - last
        found = ledger.read([each for each in stage.taken() if "/hang/" not in each.to])
    healthy = [f"/{number}" for number in range(HOOKS)] + [
        f"r{number}@example.com" for number in range(MAILS)
    ]
    lost = found.lost(healthy, UPDATES)
    in_flight = sum(fault.in_flight for fault in struck)
    print(f"\n{stack}: {len(healthy) * UPDATES} deliveries owed, {HANG} endpoints of {HOOKS + HANG} hang\n")
    print(ledger.table(struck, found.repeats))
    print(
        f"\n{found.messages} messages arrived; {lost} lost, {len(found.repeats)} repeated ({in_flight} in flight at "
        f"{len(struck)} faults), {found.second_ids} under a second id, {len(found.inversions)} out of order; all told "
        f"{ended:.1f} s after the last fault"
    )
    assert len(struck) >= 20
    assert lost == 0
    assert found.inversions == []
    assert found.second_ids == 0
    assert len(found.repeats) <= in_flight


def test_endpoints_that_hang_do_not_delay_the_others(tmp_path: Path) -> None:
    seconds = {}
    for hang in (0, 150):
        (folder := tmp_path / f"{hang}").mkdir()
        with staged(folder, "embedded", hooks=3000, mails=0, hang=hang) as stage:
            posted = stage.post(1)
            stage.wait(within=60)
            arrived = [each.at - posted for each in stage.taken()]
        assert len(arrived) == 3000
        seconds[hang] = quantiles(arrived, n=20)[-1]
    print(f"\np95 of the healthy: {seconds[0]:.2f} s, with 5 % hanging {seconds[150]:.2f} s")
    assert seconds[150] <= MOST_SLOWER * seconds[0]
