"""A month as a table: weeks from Monday, blanks around them, and a state that needs no colour."""

import re
from datetime import date, timedelta

from incidents.domain.components import ComponentStatus as S
from incidents.domain.uptime import Day
from incidents.formatting.grids import day_id, is_told, month_rows, told


def month(first: date, count: int, worst: S | None = S.OPERATIONAL) -> list[Day]:
    days = (first + timedelta(days=index) for index in range(count))
    return [Day(on, worst, {worst: 3600} if worst else {}) for on in days]


def cells(rows: str) -> list[list[str]]:
    weeks = re.findall(r"<tr>(.*?)</tr>", rows)
    return [[re.sub(r"<[^>]+>", "", each) for each in re.findall(r"<td>(.*?)</td>", week)] for week in weeks]


def test_weeks_begin_on_monday_and_all_have_seven_days() -> None:
    weeks = cells(month_rows(month(date(2021, 10, 1), 31)))
    assert weeks[0] == ["", "", "", "", "1, operational", "2, operational", "3, operational"]
    assert weeks[-1] == [*(f"{day}, operational" for day in range(25, 32))]
    assert {len(week) for week in weeks} == {7}


def test_a_month_of_which_only_the_end_is_asked_for_begins_under_its_weekday() -> None:
    assert cells(month_rows(month(date(2021, 10, 31), 1)))[0][-1] == "31, operational"


def test_a_day_without_data_says_so() -> None:
    assert cells(month_rows(month(date(2021, 11, 1), 1, None)))[0][0] == "1, no data"


def test_each_state_has_its_own_shape_and_words() -> None:
    for status in S:
        rows = month_rows(month(date(2021, 11, 1), 1, status))
        assert f'<use href="#{status.value}"/>' in rows
        assert f'<span class="quiet">, {status.value.replace("_", " ")}</span>' in rows


def test_a_day_of_which_there_is_more_to_say_leads_there() -> None:
    (day,) = month(date(2021, 11, 1), 1, S.MAJOR_OUTAGE)
    assert f'<a href="#{day_id(day)}">1' in month_rows([day])
    assert is_told(day)
    assert not any(is_told(each) for each in month(date(2021, 11, 1), 3) + month(date(2021, 11, 1), 3, None))


def test_one_bad_state_is_told_by_its_time_alone() -> None:
    assert told(Day(date(2021, 11, 1), S.UNDER_MAINTENANCE, {S.UNDER_MAINTENANCE: 7500.4})) == "2 h 5 min"


def test_several_bad_states_are_told_by_name_the_worst_first() -> None:
    spent = {S.OPERATIONAL: 60_000, S.DEGRADED_PERFORMANCE: 840, S.MAJOR_OUTAGE: 7500, S.PARTIAL_OUTAGE: 45}
    day = Day(date(2021, 11, 1), S.MAJOR_OUTAGE, spent)
    assert told(day) == "Major outage 2 h 5 min, partial outage 45 s, degraded performance 14 min"
