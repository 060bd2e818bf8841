"""Days and times against the calendar, the zone and the outage's own record."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from incidents.domain.faults.fault import Draft, Fault, Mend, Rules, excerpt
from incidents.domain.zones import (
    LocalTimeError,
    abbreviation,
    in_zone,
    is_called,
    resolve_local,
    zones_of_abbreviation,
)

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_MONTHS = {name[:3].lower(): number for number, name in enumerate(_MONTH_NAMES, start=1)}
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?\\.?" if name[3:] else name for name in _MONTH_NAMES)
_DAY = (
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})"
    rf"|(?P<month2>{_MONTH}) (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?)"
)
_ISO = r"(?P<iso>\d{4}-\d\d-\d\d)"
_WEEKDAY = "(?P<weekday>" + "|".join(f"{name}|{name[:3]}" for name in WEEKDAYS) + r")\.?"
_TIME = (
    r"(?:(?:,| -| at| –|T)? ?(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)"  # noqa: RUF001  (people type the dash)
    r"(?::[0-5]\d)?(?: (?P<zone>[A-Z]{2,5})\b)?)?"
)
_DATE = re.compile(
    rf"\b(?:{_WEEKDAY},? (?:the )?)?(?:{_DAY}(?:,? (?P<year>\d{{4}}))?|{_ISO})\b{_TIME}", re.IGNORECASE
)
_BARE = re.compile(r"\b(?P<weekday>" + "|".join(WEEKDAYS) + r")(?:s|'s)?\b")
_CLOCK = re.compile(r"\b(?:[01]?\d|2[0-3]):[0-5]\d (?P<zone>[A-Z]{3,5})\b")
NEAR = timedelta(days=14)
"""A date further than this from the outage is about something else, and nobody's slip."""


class _Said:
    """A date as a text says it, read as near to the outage as its words allow."""

    def __init__(self, found: re.Match[str], rules: Rules) -> None:
        self.found = found
        self.weekday = found["weekday"]
        self.has_time = found["hour"] is not None
        self.zone = found["zone"]
        self.day = _day(found, rules)

    def instant(self, rules: Rules) -> datetime | None:
        """Its instant in the page's zone, if it has a time of day that exists."""
        if self.day is None or not self.has_time:
            return None
        local = datetime(  # noqa: DTZ001  (a wall clock's)
            self.day.year, self.day.month, self.day.day, int(self.found["hour"]), int(self.found["minute"])
        )
        named = zones_of_abbreviation(self.zone) if self.zone else ()
        try:
            if self.zone in {"UTC", "GMT"}:
                return local.replace(tzinfo=UTC)
            return resolve_local(local, rules.zone, fold=0) if not named or rules.zone.key in named else None
        except LocalTimeError:
            return None


def _day(found: re.Match[str], rules: Rules) -> date | None:
    try:
        if found["iso"]:
            return date.fromisoformat(found["iso"])
        month = _MONTHS[(found["month"] or found["month2"])[:3].lower()]
        number = int(found["day"] or found["day2"])
        if found["year"]:
            return date(int(found["year"]), month, number)
        if not rules.windows:
            return None
        around = in_zone(rules.windows[0][0], rules.zone).date()
        near = (date(year, month, number) for year in (around.year - 1, around.year, around.year + 1))
        return min(near, key=lambda day: abs(day - around))
    except ValueError:
        return None


def wrong_weekdays(draft: Draft, rules: Rules) -> Iterator[Fault]:
    """`Monday, 9 October 2021` was a Saturday."""
    for text, number, found in draft.match(_DATE):
        said = _Said(found, rules)
        if not said.weekday or said.day is None:
            continue
        right = WEEKDAYS[said.day.weekday()]
        if right[:3].lower() != said.weekday[:3].lower():
            whole = right if len(said.weekday) > 3 else right[:3]  # noqa: PLR2004  (Mon)
            yield Fault(
                "weekday",
                text.place,
                number,
                excerpt(found.string, *found.span()),
                f"{found.group().strip()} was a {right}.",
                (Mend(found.group(), found.group().replace(said.weekday, whole, 1)),),
            )


def outside(draft: Draft, rules: Rules) -> Iterator[Fault]:
    """Days and times that lie outside every window in which customers were hit."""
    if not rules.windows:
        return
    first, last = min(begins for begins, _ in rules.windows), max(ends for _, ends in rules.windows)
    days = _days(rules)
    for text, number, found in draft.match(_DATE):
        said = _Said(found, rules)
        if said.day is None or not first.date() - NEAR <= said.day <= last.date() + NEAR:
            continue
        instant = said.instant(rules)
        inside = (
            any(
                begins - timedelta(minutes=1) <= instant <= ends + timedelta(minutes=1)
                for begins, ends in rules.windows
            )
            if instant
            else said.day in days
        )
        if not inside:
            yield _outside(text.place, number, found, rules)
    named = {WEEKDAYS[day.weekday()] for day in days}
    for text, number, found in draft.match(_BARE):
        if found["weekday"] not in named and len(named) < len(WEEKDAYS) and not _dated(found, rules):
            mends = tuple(Mend(found["weekday"], WEEKDAYS[day.weekday()]) for day in days[:3])
            yield _outside(text.place, number, found, rules, mends=mends)


def _outside(
    place: str, number: int, found: re.Match[str], rules: Rules, *, mends: tuple[Mend, ...] = ()
) -> Fault:
    spans = "; ".join(
        f"{in_zone(begins, rules.zone):%a %d %b %Y %H:%M} to {in_zone(ends, rules.zone):%a %d %b %Y %H:%M}"
        f" {abbreviation(ends, rules.zone)}"
        for begins, ends in rules.windows[:3]
    )
    return Fault(
        "outside",
        place,
        number,
        excerpt(found.string, *found.span()),
        f"{found.group().strip()} lies outside every time in which customers were hit ({spans}). Mend the day, or add "
        "a window.",
        mends,
    )


def _dated(found: re.Match[str], rules: Rules) -> bool:
    """Whether the weekday belongs to a date, which is checked as a whole."""
    return any(
        each.start() <= found.start() < each.end() and _Said(each, rules).weekday
        for each in _DATE.finditer(found.string)
    )


def _days(rules: Rules) -> list[date]:
    """The local days that the windows touch, in order."""
    days: set[date] = set()
    for begins, ends in rules.windows:
        day, last = (in_zone(each, rules.zone).date() for each in (begins, ends))
        while day <= last and len(days) < 60:  # noqa: PLR2004  (longer than any outage)
            days.add(day)
            day += timedelta(days=1)
    return sorted(days)


def wrong_zones(draft: Draft, rules: Rules) -> Iterator[Fault]:
    """`Oct 09, 2021 - 08:22 AEST`, when Sydney's clocks said AEDT."""
    for text, number, found in draft.match(_DATE):
        said = _Said(found, rules)
        if said.zone and said.day:
            yield from _zone_fault(text.place, number, found, said.day, rules)
    if not rules.windows:
        return
    day = in_zone(rules.windows[0][0], rules.zone).date()
    for text, number, found in draft.match(_CLOCK):
        if not any(each.start() < found.start() < each.end() for each in _DATE.finditer(found.string)):
            yield from _zone_fault(text.place, number, found, day, rules)


def _zone_fault(place: str, number: int, found: re.Match[str], day: date, rules: Rules) -> Iterator[Fault]:
    name = found["zone"]
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=rules.zone).astimezone(UTC)
    known, right = zones_of_abbreviation(name), abbreviation(noon, rules.zone)
    if not known or name in {"UTC", "GMT"}:
        return
    is_own = rules.zone.key in known and not is_called(name, noon, rules.zone)
    if is_own or not zones_of_abbreviation(name, at=noon):
        yield Fault(
            "zone",
            place,
            number,
            excerpt(found.string, *found.span()),
            f"{rules.zone.key} was on {right} that day, and no clock there said {name}.",
            (Mend(found.group(), found.group().replace(name, right, 1)),),
        )
