"""Dates in figures, and whether they are day/month or month/day: never guessed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from incidents.domain.reports.lines import Line
from incidents.domain.reports.report import ReportError

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = 12
_CENTURY = 2000
_DATE = re.compile(
    rf"""
    (?<![\w./:-])
    (?: (?P<weekday>{"|".join(f"{each[:3]}(?:{each[3:]})?" for each in WEEKDAYS)})\.? ,? \s+ (?:the\ )? )?
    (?P<one>\d{{1,2}}) (?P<mark>[/.-]) (?P<two>\d{{1,2}}) (?: (?P=mark) (?P<year>\d{{4}}|\d{{2}}) )?
    (?![\w/:%-]|\.\d)
    (?: (?:,|\ at|\ -|\ \N{{EN DASH}}|\ from)? \ * (?P<hour>[01]?\d|2[0-3]) (?: [:.] (?P<minute>[0-5]\d) )?
        (?P<second>:[0-5]\d)? \ ? (?P<half>[ap]\.?m\b\.?)? (?![\d/.:-]) )?
    """,
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)
_AROUND_THE_CLOCK = "24/7"
_US_ZONES = re.compile(
    r"US/|America/(?:New_York|Chicago|Denver|Los_Angeles|Phoenix|Anchorage|Detroit|Boise|Juneau|Nome|Sitka|Adak"
    r"|Indiana/|Kentucky/|North_Dakota/)|Pacific/(?:Honolulu|Guam)"
)
_DAY_FIRST_ZONES = re.compile(
    r"Europe/|Australia/|Africa/|Atlantic/|Indian/|Pacific/(?:Auckland|Chatham|Fiji)|Asia/(?:Kolkata|Singapore|Dubai"
    r"|Jakarta|Bangkok|Karachi|Dhaka|Riyadh|Jerusalem|Kuala_Lumpur|Hong_Kong)|America/(?:Mexico_City|Sao_Paulo|Bogota"
    r"|Lima|Santiago|Argentina/)|NZ|GB|Eire"
)


class DateOrder(StrEnum):
    """How a date in figures begins."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"

    @property
    def words(self) -> str:
        """As a sentence names it."""
        return "day/month" if self == DateOrder.DAY_FIRST else "month/day"


@dataclass(frozen=True, slots=True)
class NumericDate:
    """One date in figures as it is written."""

    line: int
    text: str
    one: int
    two: int
    year: int | None
    weekday: int | None
    """0 for Monday, where the letter names it."""
    at: time | None

    def read(self, order: DateOrder, years: Iterable[int]) -> list[date]:
        """The dates that it may be in this order; several only where it has no year."""
        day, month = (self.one, self.two) if order == DateOrder.DAY_FIRST else (self.two, self.one)
        found = []
        for year in [self.year] if self.year else years:
            try:
                found.append(date(year, month, day))
            except ValueError:
                continue
        return found


def numeric_dates(lines: Iterable[Line]) -> list[NumericDate]:
    """The dates in figures; what can be neither order is none. Without a year only two figures and two count."""
    found = []
    for line in lines:
        for each in _DATE.finditer(line.text):
            one, two = int(each["one"]), int(each["two"])
            alone = each["year"] is None
            short = len(each["one"]) + len(each["two"]) < 4 or each["mark"] != "/"  # noqa: PLR2004
            if not 1 <= min(one, two) <= _MONTHS or max(one, two) > 31:  # noqa: PLR2004
                continue
            if alone and (short or f"{one}/{two}" == _AROUND_THE_CLOCK):
                continue
            year = None if alone else int(each["year"]) + (_CENTURY if len(each["year"]) == 2 else 0)  # noqa: PLR2004
            text = each[0].strip(" .,")
            found.append(NumericDate(line.number, text, one, two, year, _weekday(each), _clock(each)))
    return found


def order_of(
    dates: Sequence[NumericDate],
    *,
    chosen: DateOrder | None,
    around: tuple[date, date],
    zone: ZoneInfo,
) -> DateOrder | None:
    """How the dates begin; None where there is none, or each is the same in both orders.

    What the letter itself proves counts (a day beyond 12, a weekday), then `chosen`, then which order lies in
    `around`, then what the page's country writes. Raises ReportError where they contradict, or none of them decides.
    """
    proofs = {
        order: next((each for each in dates if _proves(each, order, around)), None) for order in DateOrder
    }
    first, second = proofs[DateOrder.DAY_FIRST], proofs[DateOrder.MONTH_FIRST]
    if first and second:
        raise ReportError(
            f'"{first.text}" on line {first.line} is day/month and "{second.text}" is month/day. Write all alike.',
            line=second.line,
        )
    proven = DateOrder.DAY_FIRST if first else DateOrder.MONTH_FIRST if second else None
    if proven and chosen and proven != chosen:
        proof = first or second
        assert proof is not None  # noqa: S101  (one of them proved it)
        raise ReportError(f'"{proof.text}" is {proven.words}, not {chosen.words}.', line=proof.line)
    open_ones = [each for each in dates if each.one != each.two]
    if not open_ones:
        return None
    decided = proven or chosen or _by_incident(open_ones, around) or order_of_zone(zone)
    if decided is None:
        each = open_ones[0]
        raise ReportError(
            f'"{each.text}" is day/month or month/day, and nothing in the letter or of the page {zone.key} says which. '
            "Say it with --date-order dmy or --date-order mdy.",
            line=each.line,
        )
    return decided


def order_of_zone(zone: ZoneInfo) -> DateOrder | None:
    """How people write dates there; None where both are usual, as in Canada, or nothing is known."""
    if _US_ZONES.match(zone.key):
        return DateOrder.MONTH_FIRST
    return DateOrder.DAY_FIRST if _DAY_FIRST_ZONES.match(zone.key) else None


def _proves(each: NumericDate, order: DateOrder, around: tuple[date, date]) -> bool:
    """Whether a date has this order and cannot have the other one."""
    years = range(around[0].year, around[1].year + 1)
    other = DateOrder.MONTH_FIRST if order == DateOrder.DAY_FIRST else DateOrder.DAY_FIRST
    return bool(_right(each, order, years)) and not _right(each, other, years)


def _right(each: NumericDate, order: DateOrder, years: Iterable[int]) -> list[date]:
    return [day for day in each.read(order, years) if each.weekday in {None, day.weekday()}]


def _by_incident(dates: Iterable[NumericDate], around: tuple[date, date]) -> DateOrder | None:
    """The one order in which every date lies near the incident."""
    years = range(around[0].year, around[1].year + 1)
    fitting = [
        order
        for order in DateOrder
        if all(any(around[0] <= day <= around[1] for day in each.read(order, years)) for each in dates)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _weekday(found: re.Match[str]) -> int | None:
    said = (found["weekday"] or "").lower()
    return next((number for number, each in enumerate(WEEKDAYS) if said and each.startswith(said)), None)


def _clock(found: re.Match[str]) -> time | None:
    half = (found["half"] or "").lower()
    if found["hour"] is None or (found["minute"] is None and not half):
        return None
    hour = int(found["hour"])
    if half:
        if not 1 <= hour <= _MONTHS:
            return None
        hour = hour % _MONTHS + (_MONTHS if half.startswith("p") else 0)
    return time(hour, int(found["minute"] or 0))
