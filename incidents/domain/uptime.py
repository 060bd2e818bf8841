"""Uptime arithmetic: 1 - (major + weight x partial) / time, maintenance excluded (DESIGN 8)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from incidents.domain.components import ComponentStatus, worst

NOT_COUNTED = ComponentStatus.UNDER_MAINTENANCE

Mark = tuple[ComponentStatus, float, float]


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of time in one status: from `start` until `end` (aware, end excluded)."""

    status: ComponentStatus
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """One bar: the worst status of a local day, or None where nothing is known; seconds of outage."""

    on: date
    worst: ComponentStatus | None
    major_seconds: int
    partial_seconds: int


@dataclass(frozen=True, slots=True)
class Uptime:
    """A row of days and the share of time that the component worked; None when no time was counted."""

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
    marks = [(spell.status, spell.start.timestamp(), spell.end.timestamp()) for spell in known]
    bars: list[Day] = []
    down = counted = 0.0
    passed = 0
    for on in days:
        first, last = (edge.timestamp() for edge in day_bounds(on, zone))
        while passed < len(marks) and marks[passed][2] <= first:
            passed += 1
        seconds = _seconds_by_status(islice(marks, passed, None), first, last)
        major, partial = seconds[ComponentStatus.MAJOR_OUTAGE], seconds[ComponentStatus.PARTIAL_OUTAGE]
        counted += sum(seconds.values()) - seconds[NOT_COUNTED]
        down += major + weight * partial
        seen = [status for status, spent in seconds.items() if spent]
        bars.append(Day(on, worst(seen) if seen else None, round(major), round(partial)))
    return Uptime(tuple(bars), 1 - down / counted if counted else None)


def _seconds_by_status(marks: Iterable[Mark], first: float, last: float) -> dict[ComponentStatus, float]:
    """Seconds in each status within the bounds; POSIX seconds, since same-zone subtraction lies on change days."""
    seconds = dict.fromkeys(ComponentStatus, 0.0)
    for status, start, end in marks:
        if start >= last:
            break
        seconds[status] += max(0.0, min(end, last) - max(start, first))
    return seconds
