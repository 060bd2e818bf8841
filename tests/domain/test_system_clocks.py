"""A wall clock that was set is told from time that has passed, from a sleeping machine and from one that was off."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.domain.system_clocks import ClockReading, ClockRecord

AT = datetime(2026, 11, 30, 15, 52, tzinfo=UTC)
HOUR = timedelta(hours=1)
BEFORE = ClockRecord(AT, 1000.0)


def reading(wall: timedelta, running: float, *, synchronised: bool = False) -> ClockReading:
    """So long after BEFORE on each clock."""
    return ClockReading("this boot", AT + wall, 1000.0 + running, synchronised)


@pytest.mark.parametrize(
    ("wall", "running", "is_doubted"),
    [
        (timedelta(seconds=5), 5.0, False),
        (timedelta(days=2), 2 * 86_400.0, False),  # nobody looked for two days, or the machine was suspended
        (timedelta(minutes=59), 5.0, False),
        (timedelta(minutes=-59), 5.0, False),
        (timedelta(hours=2), 5.0, True),
        (timedelta(hours=-2), 5.0, True),
        (timedelta(days=400), 40.0, True),
        (timedelta(days=-1), 5.0, True),
    ],
)
def test_a_step_of_more_than_an_hour_is_doubted(wall: timedelta, running: float, is_doubted: bool) -> None:
    assert BEFORE.is_doubted(reading(wall, running)) is is_doubted


@pytest.mark.parametrize("synchronised", [False, True])
def test_a_step_seen_by_a_running_machine_is_doubted_whoever_set_the_clock(synchronised: bool) -> None:
    assert BEFORE.is_doubted(reading(timedelta(hours=2), 5.0, synchronised=synchronised))


def test_the_doubt_stays_while_the_wrong_clock_runs_and_ends_once_it_is_corrected() -> None:
    wrong = BEFORE.after(reading(400 * 24 * HOUR, 5.0))
    still = wrong.after(reading(400 * 24 * HOUR + HOUR, 3605.0))
    assert still.is_doubted(reading(400 * 24 * HOUR + HOUR, 3605.0))
    assert still.expected(reading(400 * 24 * HOUR + HOUR, 3605.0)) == AT + HOUR + timedelta(seconds=5)
    back = still.after(reading(HOUR + timedelta(seconds=40), 3640.0))
    assert back == ClockRecord(AT + HOUR + timedelta(seconds=40), 1000.0 + 3640.0)


def test_small_corrections_never_add_up_to_a_doubt() -> None:
    record, wall = BEFORE, timedelta()
    for number in range(1, 11):
        wall += timedelta(minutes=30, seconds=5)
        now = reading(wall, 5.0 * number)
        assert not record.is_doubted(now)
        record = record.after(now)


@pytest.mark.parametrize(
    ("gap", "synchronised", "is_doubted"),
    [
        (timedelta(days=2), False, False),  # simply switched off
        (timedelta(days=30), True, False),
        (timedelta(days=30), False, True),
        (timedelta(hours=-2), True, True),  # before the last time that was seen: wrong then or now
        (timedelta(minutes=-5), False, False),
    ],
)
def test_after_a_restart_a_later_time_is_how_long_the_machine_was_off(
    gap: timedelta, synchronised: bool, is_doubted: bool
) -> None:
    record = ClockRecord(AT, 1000.0, is_estimate=True)
    assert record.is_doubted(reading(gap, 0.0, synchronised=synchronised)) is is_doubted


def test_a_clock_that_was_wrong_at_the_start_is_trusted_once_it_is_synchronised() -> None:
    record = ClockRecord(AT, 1000.0, is_estimate=True).after(reading(timedelta(days=-9000), 0.0))
    assert record.is_doubted(reading(timedelta(days=-9000), 20.0))
    assert not record.is_doubted(reading(timedelta(days=10), 30.0, synchronised=True))
