"""A month of history: what began in it, in one line each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from zoneinfo import ZoneInfo

from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import Impact, IncidentStatus
from incidents.domain.texts import BodyFormat

PER_PAGE = 3
"""Months that one page of the history lists, as Statuspage's does."""
FIRST_YEAR, LAST_YEAR = 1970, 9998
"""Months outside have no document: at the ends of the calendar no zone can count them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One incident or maintenance; `words` are those of its newest update that is no RFO."""

    code: str
    title: str
    status: IncidentStatus
    impact: Impact
    worst: ComponentStatus
    """The worst that it said of any component; operational where it named none."""
    started_at: datetime
    ended_at: datetime | None
    words: str
    words_format: BodyFormat = BodyFormat.PLAIN

    @property
    def path(self) -> str:
        """Where it lies on its page."""
        return f"/{'maintenance' if self.status.is_planned else 'incidents'}/{self.code}"


@dataclass(frozen=True, slots=True)
class Month:
    """A month by its first day, with its incidents, newest first; `is_cut` when there are more of them."""

    first: date
    entries: tuple[Entry, ...]
    is_cut: bool = False

    @property
    def key(self) -> str:
        """`2021-10`"""
        return f"{self.first.year:04}-{self.first.month:02}"


def month_of(at: datetime, zone: ZoneInfo) -> date:
    """The first day of the local month of an instant."""
    return at.astimezone(zone).date().replace(day=1)


def months_of(instants: Iterable[datetime], zone: ZoneInfo) -> set[date]:
    """The first days of the months of the instants, as far as they have a document."""
    return {month_of(at, zone) for at in instants if FIRST_YEAR <= at.year <= LAST_YEAR}


def next_month(first: date) -> date:
    """The first day of the month after."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def months_on(number: int, newest: date) -> list[date]:
    """The months that page `number` (from 1) of the history lists, newest first; page 1 begins with `newest`."""
    before = [newest, *islice(previous_months(newest), PER_PAGE * number - 1)]
    return [first for first in before[PER_PAGE * (number - 1) :] if first.year >= FIRST_YEAR]


def previous_months(first: date) -> Iterator[date]:
    """The first days of the months before, newest first, as far as the calendar goes."""
    while (first.year, first.month) > (1, 1):
        first = date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)
        yield first


def month_bounds(first: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The month's first instant and the next month's."""
    return (
        datetime.combine(first, time(), tzinfo=zone),
        datetime.combine(next_month(first), time(), tzinfo=zone),
    )
