"""A probe's slots: a fixed cadence whatever the runs take, spread over the interval, found again after any jump."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.schedules import is_lost, next_slot, share

AT = datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
HALF_MINUTE = timedelta(seconds=30)
codes = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", min_size=12, max_size=12)


@given(codes, st.integers(0, 10**9), st.integers(1, 86_400))
def test_the_next_slot_is_neither_too_near_nor_too_far(code: str, offset: int, seconds: int) -> None:
    after, interval = AT + timedelta(seconds=offset), timedelta(seconds=seconds)
    wait = next_slot(code, interval, after=after) - after
    assert interval / 6 - timedelta(milliseconds=1) <= wait <= interval * 7 / 6 + timedelta(milliseconds=1)


@given(codes, st.lists(st.floats(0, 24), min_size=1, max_size=20))
def test_runs_that_take_longer_or_shorter_do_not_move_the_cadence(code: str, took: list[float]) -> None:
    slot = next_slot(code, HALF_MINUTE, after=AT)
    for each in took:
        following = next_slot(code, HALF_MINUTE, after=slot + timedelta(seconds=each))
        assert abs(following - slot - HALF_MINUTE) < timedelta(milliseconds=1)
        slot = following


def test_thousands_that_were_made_at_once_are_spread_over_the_interval() -> None:
    slots = [next_slot(f"code{number}", HALF_MINUTE, after=AT) for number in range(3000)]
    seconds = [int((slot - AT).total_seconds()) for slot in slots]
    assert max(seconds.count(second) for second in range(36)) < 150


def test_after_an_hour_asleep_there_is_one_run_and_not_a_hundred() -> None:
    slot = next_slot("abc", HALF_MINUTE, after=AT)
    woken = slot + timedelta(hours=1)
    assert next_slot("abc", HALF_MINUTE, after=woken) - woken < HALF_MINUTE * 1.2


def test_a_run_that_lies_farther_ahead_than_any_slot_is_lost() -> None:
    slot = next_slot("abc", HALF_MINUTE, after=AT)
    assert not is_lost(slot, HALF_MINUTE, at=AT)
    assert is_lost(slot, HALF_MINUTE, at=AT - timedelta(hours=1))


def test_a_code_has_its_place_for_good() -> None:
    assert share("abcdefghijkl") == share("abcdefghijkl") != share("abcdefghijkm")
