"""When recurring work comes round: on the page's clock, across the clock changes, and never too often."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.domain.recurrence import BadRule, checked_rule, next_times

SYDNEY = ZoneInfo("Australia/Sydney")
WEEKLY = "FREQ=WEEKLY;BYDAY=SU"


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def shown(rule: str, begins: str, after: datetime, most: int = 4) -> list[str]:
    found = next_times(rule, local(begins), SYDNEY, after=after, most=most)
    return [f"{each.astimezone(SYDNEY):%Y-%m-%d %H:%M %Z}" for each in found]


def test_two_in_the_morning_stays_two_in_the_morning_across_both_changes() -> None:
    after = datetime(2027, 9, 20, tzinfo=UTC)
    assert shown(WEEKLY, "2027-09-05T01:30", after, 3) == [
        "2027-09-26 01:30 AEST",
        "2027-10-03 01:30 AEST",
        "2027-10-10 01:30 AEDT",
    ]
    assert shown(WEEKLY, "2027-03-07T04:00", datetime(2027, 3, 29, tzinfo=UTC), 2) == [
        "2027-04-04 04:00 AEST",
        "2027-04-11 04:00 AEST",
    ]


def test_a_time_that_clocks_jump_over_is_the_shifted_one_and_of_two_it_is_the_first() -> None:
    assert shown(WEEKLY, "2027-09-05T02:30", datetime(2027, 10, 1, tzinfo=UTC), 2) == [
        "2027-10-03 03:30 AEDT",
        "2027-10-10 02:30 AEDT",
    ]
    (first,) = next_times(
        WEEKLY, local("2027-03-07T02:30"), SYDNEY, after=datetime(2027, 4, 1, tzinfo=UTC), most=1
    )
    assert first == datetime(2027, 4, 3, 15, 30, tzinfo=UTC)


def test_the_second_sunday_and_an_end() -> None:
    rule = "FREQ=MONTHLY;BYDAY=2SU;UNTIL=20270430T235959"
    assert shown(rule, "2027-01-10T02:00", datetime(2027, 1, 1, tzinfo=UTC)) == [
        "2027-01-10 02:00 AEDT",
        "2027-02-14 02:00 AEDT",
        "2027-03-14 02:00 AEDT",
        "2027-04-11 02:00 AEST",
    ]
    assert shown(rule, "2027-01-10T02:00", datetime(2027, 5, 1, tzinfo=UTC)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "weekly",
        "FREQ=HOURLY",
        "FREQ=MINUTELY",
        "FREQ=SECONDLY;INTERVAL=86400",
        "FREQ=DAILY;BYHOUR=1,2,3",
        "FREQ=DAILY;BYMINUTE=0,1",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;INTERVAL=x",
        "FREQ=WEEKLY;UNTIL=20271231T000000Z",
        "FREQ=WEEKLY\nDTSTART:20200101",
        "FREQ=WEEKLY;" + "BYDAY=SU," * 200,
        "FREQ=WEEKLY;<script>",
        "BYDAY=SU",
        "FREQ=NEVER",
    ],
)
def test_what_is_no_rule_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadRule):
        checked_rule(text)


def test_spelling_is_made_one() -> None:
    assert checked_rule("RRULE:freq=weekly; byday=su") == WEEKLY


def test_a_rule_that_never_comes_round_ends_the_search() -> None:
    rule = checked_rule("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    assert (
        next_times(rule, local("2027-01-01T00:00"), SYDNEY, after=datetime(2026, 1, 1, tzinfo=UTC), most=1)
        == []
    )


@given(
    days=st.integers(0, 4000),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
    rule=st.sampled_from([WEEKLY, "FREQ=DAILY", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=WEEKLY;INTERVAL=2"]),
)
def test_times_come_in_order_and_after_the_instant_that_was_asked_for(
    days: int, hour: int, minute: int, rule: str
) -> None:
    begins = datetime(2026, 1, 1, hour, minute)
    after = datetime(2025, 12, 1, tzinfo=UTC) + timedelta(days=days)
    found = next_times(rule, begins, SYDNEY, after=after, most=3)
    assert all(each > after for each in found)
    assert all(one < other for one, other in pairwise(found))
