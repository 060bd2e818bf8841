"""Uptime arithmetic, also on the days when clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from incidents.domain.components import ComponentStatus as S
from incidents.domain.uptime import day_bounds, measure, over, spells

SYDNEY = ZoneInfo("Australia/Sydney")
DAY = date(2021, 10, 9)


def at(hour: int, day: int = 9) -> datetime:
    return datetime(2021, 10, day, hour, tzinfo=SYDNEY)


def ratio(changes: list[tuple[datetime, S]], days: list[date], weight: float = 0.3) -> float | None:
    start, end = day_bounds(days[0], SYDNEY)[0], day_bounds(days[-1], SYDNEY)[1]
    return measure(spells(changes, start=start, end=end), days=days, zone=SYDNEY, weight=weight).ratio


def test_six_hours_of_major_outage_are_a_quarter_of_a_day() -> None:
    changes = [(at(0), S.OPERATIONAL), (at(6), S.MAJOR_OUTAGE), (at(12), S.OPERATIONAL)]
    assert ratio(changes, [DAY]) == 0.75


def test_partial_outage_counts_by_its_weight() -> None:
    changes = [(at(0), S.PARTIAL_OUTAGE)]
    assert ratio(changes, [DAY]) == 0.7
    assert ratio(changes, [DAY], weight=1.0) == 0.0


def test_degraded_performance_costs_no_uptime() -> None:
    assert ratio([(at(0), S.DEGRADED_PERFORMANCE)], [DAY]) == 1.0


def test_maintenance_is_left_out_of_the_time_counted() -> None:
    changes = [(at(0), S.UNDER_MAINTENANCE), (at(12), S.MAJOR_OUTAGE), (at(18), S.OPERATIONAL)]
    assert ratio(changes, [DAY]) == 0.5


def test_days_before_the_first_change_are_no_data() -> None:
    known = spells([(at(0), S.OPERATIONAL)], start=at(0, 8), end=at(0, 10))
    found = measure(known, days=[date(2021, 10, 8), DAY], zone=SYDNEY, weight=0.3)
    assert [day.worst for day in found.days] == [None, S.OPERATIONAL]
    assert found.ratio == 1.0


def test_nothing_known_is_no_ratio_rather_than_a_hundred_percent() -> None:
    assert ratio([], [DAY]) is None


def test_the_day_clocks_go_forward_has_23_hours_and_the_day_they_go_back_25() -> None:
    for on, hours in ((date(2021, 10, 3), 23), (date(2022, 4, 3), 25)):
        first, last = day_bounds(on, SYDNEY)
        assert last.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=hours)


def test_an_outage_over_the_change_of_clocks_lasts_what_it_lasted() -> None:
    change = date(2021, 10, 3)
    down = datetime(2021, 10, 3, 1, 0, tzinfo=SYDNEY)
    up = datetime(2021, 10, 3, 4, 0, tzinfo=SYDNEY)
    start, end = day_bounds(change, SYDNEY)
    known = spells(
        [(start, S.OPERATIONAL), (down, S.MAJOR_OUTAGE), (up, S.OPERATIONAL)], start=start, end=end
    )
    found = measure(known, days=[change], zone=SYDNEY, weight=0.3)
    assert found.days[0].spent[S.MAJOR_OUTAGE] == 2 * 3600


def test_a_part_of_the_days_has_its_own_ratio() -> None:
    days = [date(2021, 10, 8), DAY]
    start, end = day_bounds(days[0], SYDNEY)[0], day_bounds(DAY, SYDNEY)[1]
    known = spells([(start, S.MAJOR_OUTAGE), (at(0), S.OPERATIONAL)], start=start, end=end)
    found = measure(known, days=days, zone=SYDNEY, weight=0.3)
    assert found.ratio == 0.5
    assert over(found.days[-1:], weight=0.3).ratio == 1.0
    assert over((), weight=0.3).ratio is None


def test_a_day_tells_the_seconds_in_each_state_that_it_had() -> None:
    changes = [(at(0), S.DEGRADED_PERFORMANCE), (at(1), S.UNDER_MAINTENANCE), (at(3), S.OPERATIONAL)]
    known = spells(changes, start=at(0), end=at(6))
    (day,) = measure(known, days=[DAY], zone=SYDNEY, weight=0.3).days
    assert day.spent == {S.DEGRADED_PERFORMANCE: 3600, S.UNDER_MAINTENANCE: 7200, S.OPERATIONAL: 10800}
    assert day.worst == S.DEGRADED_PERFORMANCE
