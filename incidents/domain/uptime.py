"""Uptime arithmetic: 1 - (major + weight x partial) / time, maintenance excluded (DESIGN 8)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from incidents.domain.components import ComponentStatus, worst

NOT_COUNTED = ComponentStatus.UNDER_MAINTENANCE

WHOLE_DAY = 86_400.0
"""Seconds that must be known before there is a share of them: a minute without an outage is no 100 % of anything."""

Mark = tuple[ComponentStatus, float, float]
Edge = tuple[date, float, float]


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of time in one status: from `start` until `end` (aware, end excluded)."""

    status: ComponentStatus
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """One local day: its worst status, or None where nothing is known; seconds in each status that it had."""

    on: date
    worst: ComponentStatus | None
    spent: Mapping[ComponentStatus, float]


@dataclass(frozen=True, slots=True)
class Uptime:
    """A row of days and the share of time that the component worked; None when less than a day of it is known, or all
    of that was maintenance.
    """

    days: tuple[Day, ...]
    ratio: float | None


def spells(
    changes: Sequence[tuple[datetime, ComponentStatus]], *, start: datetime, end: datetime
) -> list[Spell]:
    """Turn changes (oldest first; the first may lie before `start`) into spells within start..end."""
    found: list[Spell] = []
    for index, (at, status) in enumerate(changes):
        until = changes[index + 1][0] if index + 1 < len(changes) else end
        since, until = max(at, start), min(until, end)
        if since < until:
            found.append(Spell(status, since, until))
    return found


def day_bounds(on: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """A local day's first instant and the next day's: 23, 24 or 25 hours apart."""
    return (
        datetime.combine(on, time(), tzinfo=zone),
        datetime.combine(on + timedelta(days=1), time(), tzinfo=zone),
    )


def measure(known: Sequence[Spell], *, days: Sequence[date], zone: ZoneInfo, weight: float) -> Uptime:
    """The bars of `days` and the ratio over them; `weight` is what a second of partial outage counts.

    Spells and days are in order and neither overlap, so one pass over both is enough.
    """
    marks = tuple((spell.status, spell.start.timestamp(), spell.end.timestamp()) for spell in known)
    edges = _edges(tuple(days), zone)
    begins = edges[-1][1] if edges else 0.0
    before = tuple((status, start, min(end, begins)) for status, start, end in marks if start < begins)
    return over([*_days(before, edges[:-1]), *_days(marks, edges[-1:])], weight=weight)


@lru_cache(maxsize=256)
def _days(marks: tuple[Mark, ...], edges: tuple[Edge, ...]) -> tuple[Day, ...]:
    """The days within the edges; all but the last one of a page are the same as a minute ago."""
    bars: list[Day] = []
    passed = 0
    for on, first, last in edges:
        while passed < len(marks) and marks[passed][2] <= first:
            passed += 1
        spent = _seconds_by_status(islice(marks, passed, None), first, last)
        bars.append(Day(on, worst(spent) if spent else None, spent))
    return tuple(bars)


def over(days: Sequence[Day], *, weight: float) -> Uptime:
    """The days with the share of their time that the component worked."""
    down = counted = known = 0.0
    for day in days:
        spent = day.spent
        known += sum(spent.values())
        counted += sum(spent.values()) - spent.get(NOT_COUNTED, 0.0)
        down += spent.get(ComponentStatus.MAJOR_OUTAGE, 0.0)
        down += weight * spent.get(ComponentStatus.PARTIAL_OUTAGE, 0.0)
    return Uptime(tuple(days), 1 - down / counted if counted and round(known) >= WHOLE_DAY else None)


@lru_cache(maxsize=16)
def _edges(days: tuple[date, ...], zone: ZoneInfo) -> tuple[Edge, ...]:
    """Each day with its bounds as POSIX seconds; the same for all components of a page."""
    bounds = ((on, *day_bounds(on, zone)) for on in days)
    return tuple((on, first.timestamp(), last.timestamp()) for on, first, last in bounds)


def _seconds_by_status(marks: Iterable[Mark], first: float, last: float) -> dict[ComponentStatus, float]:
    """Seconds in each status within the bounds; POSIX seconds, since same-zone subtraction lies on change days."""
    spent: dict[ComponentStatus, float] = {}
    for status, start, end in marks:
        if start >= last:
            break
        spent[status] = spent.get(status, 0.0) + min(end, last) - max(start, first)
    return spent
