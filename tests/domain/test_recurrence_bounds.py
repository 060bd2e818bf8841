"""No rule costs more than a few thousand steps, and what is in range comes round as dateutil has it."""

import random
import time
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr

from incidents.domain.recurrence import FURTHEST, BadRule, checked_rule, next_times

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
BEGINS = datetime(2027, 1, 10, 2, 0)
NEVER = [
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=1",
    "FREQ=YEARLY;BYSETPOS=366;BYDAY=MO;COUNT=3",
    "FREQ=DAILY;BYSETPOS=366;BYDAY=MO;COUNT=3",
    "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2,4,6",
]
OUT_OF_RANGE = [
    "FREQ=DAILY;INTERVAL=0",
    "FREQ=MONTHLY;INTERVAL=0",
    "FREQ=YEARLY;INTERVAL=0;BYMONTH=2",
    "FREQ=WEEKLY;INTERVAL=-1",
    "FREQ=WEEKLY;INTERVAL=1001",
    "FREQ=DAILY;INTERVAL=99999999999999999999",
    "FREQ=YEARLY;BYWEEKNO=60;COUNT=5",
    "FREQ=YEARLY;BYWEEKNO=0",
    "FREQ=MONTHLY;BYWEEKNO=3",
    "FREQ=MONTHLY;BYDAY=+99MO",
    "FREQ=MONTHLY;BYDAY=6MO",
    "FREQ=MONTHLY;BYDAY=0MO",
    "FREQ=YEARLY;BYDAY=54MO",
    "FREQ=YEARLY;BYMONTH=3;BYDAY=6MO",
    "FREQ=WEEKLY;BYDAY=2MO",
    "FREQ=MONTHLY;BYMONTHDAY=32",
    "FREQ=MONTHLY;BYMONTHDAY=0",
    "FREQ=WEEKLY;BYMONTHDAY=3",
    "FREQ=YEARLY;BYMONTH=13",
    "FREQ=YEARLY;BYMONTH=-1",
    "FREQ=YEARLY;BYYEARDAY=367",
    "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367",
    "FREQ=MONTHLY;BYSETPOS=1",
    "FREQ=DAILY;COUNT=0",
    "FREQ=DAILY;COUNT=1000000000",
    "FREQ=DAILY;COUNT=3;UNTIL=20280101",
    "FREQ=DAILY;UNTIL=20271301",
    "FREQ=DAILY;UNTIL=0",
    "FREQ=DAILY;WKST=XX",
    "FREQ=DAILY;X=1",
    "FREQ=DAILY;FREQ=WEEKLY",
    "FREQ=DAILY;BYMONTH=" + ",".join(["1"] * 61),
    "FREQ=DAILY;BYMONTH=1,,2",
]


@pytest.mark.parametrize("text", OUT_OF_RANGE)
def test_a_number_out_of_its_range_is_refused(text: str) -> None:
    with pytest.raises(BadRule):
        checked_rule(text)


@pytest.mark.parametrize("text", NEVER)
def test_a_rule_that_never_comes_round_costs_no_second(text: str) -> None:
    start = time.process_time()
    found = next_times(
        checked_rule(text), BEGINS, ZoneInfo("UTC"), after=datetime(2026, 1, 1, tzinfo=UTC), most=1
    )
    assert found == []
    assert time.process_time() - start < 1


@pytest.mark.parametrize("text", OUT_OF_RANGE)
def test_a_stored_rule_out_of_range_is_refused_where_it_is_carried_out(text: str) -> None:
    with pytest.raises(BadRule):
        next_times(text, BEGINS, ZoneInfo("UTC"), after=datetime(2026, 1, 1, tzinfo=UTC), most=1)


@pytest.mark.parametrize("year", [1, 1969, 9901, 9999])
def test_a_year_that_no_calendar_goes_on_from_is_refused(year: int) -> None:
    begins = datetime(year, 1, 10)
    with pytest.raises(BadRule, match="year"):
        next_times("FREQ=DAILY", begins, ZoneInfo("UTC"), after=datetime(2026, 1, 1, tzinfo=UTC), most=1)


def test_a_count_ends_within_ten_years() -> None:
    found = next_times(
        "FREQ=DAILY;COUNT=5000", BEGINS, ZoneInfo("UTC"), after=datetime(2026, 1, 1, tzinfo=UTC), most=9_999
    )
    assert len(found) == 3654
    assert found[-1] <= BEGINS.replace(tzinfo=UTC) + timedelta(days=3653)


def test_a_year_s_positions_count_from_the_year_s_beginning() -> None:
    found = next_times(
        "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1,1",
        datetime(2027, 6, 1, 2),
        ZoneInfo("UTC"),
        after=datetime(2027, 1, 1, tzinfo=UTC),
        most=3,
    )
    assert [f"{each:%Y-%m-%d}" for each in found] == ["2027-12-31", "2028-01-03", "2028-12-29"]


def _random_rule(chance: random.Random) -> str:  # noqa: C901  (one choice a part of a rule)
    frequency = chance.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
    parts = [f"FREQ={frequency}"]

    def some(numbers: list[int]) -> str:
        return ",".join(map(str, sorted(set(chance.sample(numbers, chance.randint(1, 3))))))

    if chance.random() < 0.6:
        parts.append(f"INTERVAL={chance.choice([1, 2, 3, 5, 12])}")
    if chance.random() < 0.3:
        parts.append(f"WKST={chance.choice(DAYS)}")
    if chance.random() < 0.3:
        parts.append(f"BYMONTH={some(list(range(1, 13)))}")
    kind = chance.random()
    ordinal = frequency in {"MONTHLY", "YEARLY"} and chance.random() < 0.5
    if kind < 0.4:
        words = [
            f"{chance.choice([1, 2, 3, 4, -1, -2])}{day}" if ordinal else day
            for day in chance.sample(DAYS, 2)
        ]
        parts.append("BYDAY=" + ",".join(words))
    elif kind < 0.7 and frequency != "WEEKLY":
        parts.append(f"BYMONTHDAY={some([1, 5, 13, 28, -1, -3])}")
    elif kind < 0.8 and frequency == "YEARLY":
        parts.append(f"BYYEARDAY={some([1, 60, 100, 365, -1, -100])}")
    elif frequency == "YEARLY":
        parts.append(f"BYWEEKNO={some([1, 2, 20, 52, -1])}")
    if any(part.startswith("BYDAY") for part in parts) and chance.random() < 0.4:
        parts.append(f"BYSETPOS={some([1, 2, -1])}")
    if chance.random() < 0.3:
        parts.append(f"COUNT={chance.choice([1, 3, 10])}")
    return ";".join(parts)


@pytest.mark.parametrize("seed", range(400))
def test_the_times_are_those_of_dateutil(seed: int) -> None:
    chance = random.Random(seed)
    rule = _random_rule(chance)
    begins = BEGINS + timedelta(days=chance.randint(0, 1500))
    after = begins + timedelta(days=chance.randint(-100, 900))
    end = min(after + timedelta(days=1200), begins + timedelta(days=3000))
    bounded = rule if "COUNT" in rule else f"{rule};UNTIL={end:%Y%m%d}T000000"
    last = begins + FURTHEST
    expected = [each for each in takewhile(last.__ge__, rrulestr(bounded, dtstart=begins)) if each > after]
    found = next_times(rule, begins, ZoneInfo("UTC"), after=after.replace(tzinfo=UTC), most=5_000)
    known = [each.replace(tzinfo=None) for each in found]
    if "COUNT" not in rule:
        known = list(takewhile(lambda each: each <= end.replace(hour=0, minute=0), known))
    assert known == expected, rule
