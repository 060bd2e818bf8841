"""From the times that `Posted` lines state to UTC instants, in the report's one zone (DESIGN 7)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from incidents.domain import zones
from incidents.domain.reports.report import ReportError, ReportWarning, reading
from incidents.domain.reports.stamps import Stamp
from incidents.domain.reports.zone_choice import derived_zone, readings_of


def place(
    stamps: list[Stamp], named: ZoneInfo | None, warnings: list[ReportWarning]
) -> tuple[ZoneInfo, list[datetime]]:
    """The report's zone (`named`, or else derived from the abbreviations) and the stamps' UTC instants.

    Stamps are in the order of the page. What had to be guessed or corrected is warned of; raises ReportError when
    no zone or no year can be had from any of them.
    """
    complete = _with_times(_with_years(stamps, warnings), warnings)
    zone = named or derived_zone(complete, warnings)
    return zone, [_instant(stamp, zone, warnings) for stamp in complete]


def _with_years(stamps: list[Stamp], warnings: list[ReportWarning]) -> list[Stamp]:
    dated = [position for position, stamp in enumerate(stamps) if stamp.has_year]
    if not dated:
        raise ReportError(
            "No time has a year. Write it as in Oct 09, 2021 - 08:22 AEDT.", line=stamps[0].line
        )
    complete = list(stamps)
    for position, stamp in enumerate(stamps):
        if not stamp.has_year:
            near = stamps[min(dated, key=lambda each: abs(each - position))].local
            complete[position] = replace(stamp, local=_nearest_year(stamp.local, near))
            warnings.append(reading(stamp.line, f"the time has no year; read as {complete[position]}"))
    return complete


def _nearest_year(local: datetime, near: datetime) -> datetime:
    found = [local.replace(year=year) for year in range(near.year - 4, near.year + 5) if _exists(local, year)]
    return min(found, key=lambda each: abs(each - near))


def _exists(local: datetime, year: int) -> bool:
    try:
        local.replace(year=year)
    except ValueError:
        return False
    return True


def _with_times(stamps: list[Stamp], warnings: list[ReportWarning]) -> list[Stamp]:
    """A date alone is midnight, or the time of the older update below it on that day, so that order holds."""
    complete: list[Stamp] = []
    for stamp in reversed(stamps):
        below = complete[-1].local if complete else stamp.local
        if not stamp.has_time:
            local = below if below.date() == stamp.local.date() else stamp.local
            stamp = replace(stamp, local=local)  # noqa: PLW2901  (the completed stamp takes its place)
            warnings.append(reading(stamp.line, f"the date has no time; read as {stamp}"))
        complete.append(stamp)
    return complete[::-1]


def _instant(stamp: Stamp, zone: ZoneInfo, warnings: list[ReportWarning]) -> datetime:
    """The UTC instant of one stamp, by its own abbreviation where it has one that makes sense."""
    offset = zones.offset_of(stamp.zone or "")
    if offset is not None:
        at = (stamp.local - offset).replace(tzinfo=UTC)
        if not zones.is_called(stamp.zone or "", at, zone):
            _warn_of_other_zone(stamp, zone, warnings)
        return at
    readings = readings_of(stamp.local, zone)
    called = [at for at in readings if zones.is_called(stamp.zone or "", at, zone)]
    if called or not stamp.zone:
        at = (called or readings)[0]
        _warn_of_clocks(stamp, zone, certain=bool(called), warnings=warnings)
        return at
    return _of_other_name(stamp, readings[0], zone, warnings)


def _warn_of_clocks(stamp: Stamp, zone: ZoneInfo, *, certain: bool, warnings: list[ReportWarning]) -> None:
    if not stamp.zone:
        warnings.append(reading(stamp.line, f"the time says no zone; read in {zone.key}"))
    try:
        zones.resolve_local(stamp.local, zone)
    except zones.NonexistentTime as error:
        warnings.append(reading(stamp.line, f"{error} It was read so"))
    except zones.AmbiguousTime as error:
        if not certain:
            warnings.append(reading(stamp.line, f"{error} The first was taken"))


def _of_other_name(
    stamp: Stamp, by_clock: datetime, zone: ZoneInfo, warnings: list[ReportWarning]
) -> datetime:
    """A stamp whose abbreviation is not what the report's zone is called then.

    Its own other season, or a name nobody uses then: the clock is believed. Another zone's: that zone's time.
    """
    name = stamp.zone or ""
    known = zones.zones_of_abbreviation(name)
    called = zones.abbreviation(by_clock, zone)
    if not known:
        warnings.append(reading(stamp.line, f'"{name}" is no known zone; read as {called} in {zone.key}'))
        return by_clock
    others = [] if zone.key in known else _instants_elsewhere(stamp, known)
    if others:
        _warn_of_other_zone(stamp, zone, warnings)
        return others[0]
    message = f'"{name}" is wrong for this date; {zone.key} was on {called} and the time was read so'
    warnings.append(reading(stamp.line, message))
    return by_clock


def _instants_elsewhere(stamp: Stamp, names: Iterable[str]) -> list[datetime]:
    return [
        at
        for zone in map(zones.zone, names)
        for at in readings_of(stamp.local, zone)
        if zones.is_called(stamp.zone or "", at, zone)
    ]


def _warn_of_other_zone(stamp: Stamp, zone: ZoneInfo, warnings: list[ReportWarning]) -> None:
    message = f"{stamp} is not in the report's zone {zone.key}; it was converted"
    warnings.append(reading(stamp.line, message))
