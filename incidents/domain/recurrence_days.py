"""The days of a rule: each day is looked at once and asked whether it is one of them (RFC 5545, 3.3.10)."""

from calendar import isleap, monthrange
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from incidents.domain.recurrence_rules import Rule

MAX_STEPS = 20_000
"""Days that are looked at; ten years and two are 4,400."""
_DAY = timedelta(days=1)


def days_of(rule: Rule, begins: date, *, since: date, until: date) -> Iterator[date]:
    """The days from the period of `since` to `until`, in order; a caller leaves out those before its beginning.

    `begins` is the rule's own first day, from which intervals are counted and which stands in for what it leaves out.
    """
    rule = _completed(rule, begins)
    day, steps = _period_start(rule, max(since, begins)), 0
    chosen: list[date] = []
    period = _period(rule, day, begins)
    while day <= until or (chosen and rule.by_position):
        steps += 1
        if steps > MAX_STEPS:
            break
        now = _period(rule, day, begins)
        if now != period:
            yield from _placed(rule, chosen)
            chosen, period = [], now
            if day > until:
                return
        if now % rule.interval == 0 and _fits(rule, day):
            chosen.append(day)
        day += _DAY
    yield from _placed(rule, chosen)


def _completed(rule: Rule, begins: date) -> Rule:
    """What the rule leaves out is as on its first day."""
    by_day_or_date = rule.by_day or rule.by_month_day or rule.by_year_day or rule.by_week_number
    if by_day_or_date or rule.frequency == "DAILY":
        return rule
    if rule.frequency == "WEEKLY":
        return replace(rule, by_day=frozenset({(0, begins.weekday())}))
    by_month = rule.by_month or (frozenset({begins.month}) if rule.frequency == "YEARLY" else frozenset())
    return replace(rule, by_month=by_month, by_month_day=frozenset({begins.day}))


def _period_start(rule: Rule, day: date) -> date:
    """The first day of the period, since positions count from there."""
    if rule.frequency == "WEEKLY":
        return day - timedelta(days=(day.weekday() - rule.week_start) % 7)
    if rule.frequency == "MONTHLY":
        return day.replace(day=1)
    return day.replace(month=1, day=1) if rule.frequency == "YEARLY" else day


def _period(rule: Rule, day: date, begins: date) -> int:
    """Which period since that of the first day it is in, from 0."""
    if rule.frequency == "DAILY":
        return (day - begins).days
    if rule.frequency == "WEEKLY":
        return (_period_start(rule, day) - _period_start(rule, begins)).days // 7
    if rule.frequency == "MONTHLY":
        return (day.year - begins.year) * 12 + day.month - begins.month
    return day.year - begins.year


def _placed(rule: Rule, days: list[date]) -> Iterator[date]:
    """Of a period's days those at the positions that the rule names."""
    if not rule.by_position:
        yield from days
        return
    places = {place - 1 if place > 0 else len(days) + place for place in rule.by_position}
    yield from (day for place, day in enumerate(days) if place in places)


def _fits(rule: Rule, day: date) -> bool:
    year_days = 366 if isleap(day.year) else 365
    number = day.timetuple().tm_yday
    return (
        _is_in(rule.by_month, day.month)
        and _is_in(rule.by_month_day, day.day, of=monthrange(day.year, day.month)[1])
        and _is_in(rule.by_year_day, number, of=year_days)
        and (not rule.by_week_number or _is_week(rule, day))
        and (not rule.by_day or _is_weekday(rule, day, number, year_days))
    )


def _is_in(wanted: frozenset[int], number: int, *, of: int | None = None) -> bool:
    """Whether nothing is wanted, or the number is, from the beginning or from the end."""
    return not wanted or number in wanted or (of is not None and number - of - 1 in wanted)


def _is_weekday(rule: Rule, day: date, number: int, year_days: int) -> bool:
    in_month = rule.frequency == "MONTHLY" or bool(rule.by_month)
    place, of = (day.day, monthrange(day.year, day.month)[1]) if in_month else (number, year_days)
    first, last = (place - 1) // 7 + 1, -((of - place) // 7 + 1)
    return any(weekday == day.weekday() and ordinal in {0, first, last} for ordinal, weekday in rule.by_day)


def _is_week(rule: Rule, day: date) -> bool:
    """By the number of its week: the first one has four days in the year, as ISO 8601 has it."""
    middle = day - timedelta(days=(day.weekday() - rule.week_start) % 7) + timedelta(days=3)
    number = (middle.timetuple().tm_yday - 1) // 7 + 1
    last = date(middle.year, 12, 28)
    last_middle = last - timedelta(days=(last.weekday() - rule.week_start) % 7) + timedelta(days=3)
    weeks = (last_middle.timetuple().tm_yday - 1) // 7 + 1
    return _is_in(rule.by_week_number, number, of=weeks)
