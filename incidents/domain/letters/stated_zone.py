"""The sentence for the zone of all times of a letter: "all times in MST"."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from incidents.domain import zones
from incidents.domain.reports.lines import Line
from incidents.domain.reports.report import ReportError

_SENTENCE = re.compile(
    r"\b(?:(?P<all>all|All|ALL)\s+(?:\w+\s+){0,2}[Tt]imes?\b|[Tt]imes\b(?=\s*(?:are|in|shown|listed|given|[:=(])))"
    r"(?:\s+(?:are|is|given|shown|listed|quoted|stated|expressed|below|above|here|in|as|local|approximate|and|dates?)\b)*"
    r"\s*[:=(]?\s*(?P<zone>(?:UTC|GMT)?\s?[+-]\d{1,2}(?::?\d{2})?\b|[A-Z]{2,5}\b|[A-Z][a-z]+/[A-Z][A-Za-z_]+"
    r"|(?:[A-Z][a-z]+\s+){1,4}Time\b)"
)
"""Without "all" it takes a known zone to be the sentence: "three times in NSW" is none."""
_FULL = {
    "atlantic": ("AST", "ADT", "America/Halifax"),
    "eastern": ("EST", "EDT", "America/New_York"),
    "central": ("CST", "CDT", "America/Chicago"),
    "mountain": ("MST", "MDT", "America/Denver"),
    "pacific": ("PST", "PDT", "America/Los_Angeles"),
    "australian eastern": ("AEST", "AEDT", "Australia/Sydney"),
    "australian central": ("ACST", "ACDT", "Australia/Adelaide"),
    "australian western": ("AWST", "", "Australia/Perth"),
    "new zealand": ("NZST", "NZDT", "Pacific/Auckland"),
}
_OTHER = {
    "british summer time": "BST",
    "greenwich mean time": "GMT",
    "coordinated universal time": "UTC",
    "universal time": "UTC",
    "malaysia standard time": "MYT",
    "malaysia time": "MYT",
}
_RIVALS = {
    "AST": "Asia/Riyadh",
    "BST": "Asia/Dhaka",
    "CST": "Asia/Shanghai",
    "IST": "Asia/Kolkata",
    "MST": "Asia/Kuala_Lumpur",
    "PST": "Asia/Manila",
}
"""What an abbreviation means to people in a zone that no table of zones calls so."""
_SEASONS = tuple(timedelta(days=days) for days in (0, 91, 182, 273))


@dataclass(frozen=True, slots=True)
class StatedZone:
    """In which zone the times of a letter are."""

    zone: ZoneInfo
    name: str
    """As the letter says it; empty where it says nothing."""
    offset: timedelta | None = None
    """What the name means at every season; None for the zone's own time."""

    def instant(self, local: datetime) -> datetime:
        """The UTC instant of a wall clock's time. Raises zones.LocalTimeError where there is none, or two."""
        if self.offset is not None:
            return (local - self.offset).replace(tzinfo=UTC)
        return zones.resolve_local(local, self.zone)


def stated_zone(
    lines: Iterable[Line], *, named: ZoneInfo | None, page_zone: ZoneInfo, at: datetime
) -> StatedZone:
    """The zone by the letter's own sentence; `named` (by a person) wins, and without either it is the page's.

    Raises ReportError for a sentence that names no known zone, for two that differ, and for an abbreviation that means
    several zones of which none is the page's.
    """
    said: dict[str, int] = {}
    for line in lines:
        for found in _SENTENCE.finditer(line.text):
            if not found["all"] and not _is_known(found["zone"]):
                continue
            said.setdefault(" ".join(found["zone"].split()), line.number)
    if named:
        return StatedZone(named, "")
    if len(said) > 1:
        message = f"The letter says that its times are in {' and in '.join(said)}. Say which with --zone."
        raise ReportError(message, line=max(said.values()))
    if not said:
        return StatedZone(page_zone, "")
    ((name, number),) = said.items()
    try:
        return _zone_of(name, page_zone=page_zone, at=at)
    except ReportError as error:
        raise ReportError(str(error), line=number) from error


def _is_known(name: str) -> bool:
    abbreviation, usual = _abbreviation(" ".join(name.split()))
    if usual or zones.offset_of(abbreviation.replace(" ", "")) is not None:
        return True
    return bool(zones.zones_of_abbreviation(abbreviation)) or name in zones.zone_names()


def _zone_of(name: str, *, page_zone: ZoneInfo, at: datetime) -> StatedZone:
    if "/" in name:
        try:
            return StatedZone(zones.zone(name), name)
        except zones.UnknownZone as error:
            raise ReportError(f"{error} Say another with --zone.") from error
    abbreviation, usual = _abbreviation(name)
    if usual:
        return StatedZone(page_zone if _shares(page_zone, usual, at) else usual, name)
    offset = zones.offset_of(abbreviation.replace(" ", ""))
    if offset is not None:
        return StatedZone(zones.zone("UTC"), name, offset)
    known = zones.zones_of_abbreviation(abbreviation)
    if page_zone.key in known:
        return StatedZone(page_zone, name, _offset(abbreviation, page_zone, at))
    meant = {
        each: _offset(abbreviation, zones.zone(each), at) for each in known[:1] + _apart(abbreviation, at)
    }
    rival = _RIVALS.get(abbreviation)
    if rival and rival not in meant and page_zone.key == rival:
        meant[rival] = zones.in_zone(at, page_zone).utcoffset() or timedelta()
    if not meant:
        raise ReportError(
            f'"{name}" is no time zone that is known here. Say it with --zone, such as America/Phoenix.'
        )
    if len(set(meant.values())) > 1:
        first_of = {offset: each for each, offset in reversed(meant.items())}
        listed = " and ".join(sorted(first_of.values()))
        raise ReportError(f'"{name}" is used in {listed}, which differ. Say which with --zone.')
    first = next(iter(meant))
    return StatedZone(zones.zone(first), name, meant[first])


def _abbreviation(name: str) -> tuple[str, ZoneInfo | None]:
    """The letters of a name in words, or the zone of one that holds at every season, such as *Mountain Time*."""
    lower = name.lower()
    if lower in _OTHER:
        return _OTHER[lower], None
    for place, (standard, daylight, usual) in _FULL.items():
        if lower == f"{place} time":
            return "", zones.zone(usual)
        if lower == f"{place} standard time":
            return standard, None
        if lower in {f"{place} daylight time", f"{place} daylight saving time", f"{place} summer time"}:
            return daylight or standard, None
    return name, None


def _apart(name: str, at: datetime) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(each for season in _SEASONS for each in zones.zones_apart(name, at=at + season))
    )


def _offset(name: str, zone: ZoneInfo, at: datetime) -> timedelta:
    """What the abbreviation means in a zone that uses it at some season."""
    called = [at + season for season in _SEASONS if zones.is_called(name, at + season, zone)]
    return zones.in_zone((called or [at])[0], zone).utcoffset() or timedelta()


def _shares(one: ZoneInfo, other: ZoneInfo, at: datetime) -> bool:
    """Whether two zones have the same time at every season."""
    return all(
        zones.in_zone(at + season, one).utcoffset() == zones.in_zone(at + season, other).utcoffset()
        for season in _SEASONS
    )
