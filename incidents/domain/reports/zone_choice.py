"""The one zone of a report, from the abbreviations of its times (DESIGN 7)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from incidents.domain import zones
from incidents.domain.reports.report import ReportError, ReportWarning, reading
from incidents.domain.reports.stamps import Stamp

_OTHER_SEASONS = tuple(timedelta(days=days) for days in (0, 91, 182, 273))


def derived_zone(stamps: list[Stamp], warnings: list[ReportWarning]) -> ZoneInfo:
    """The best-known zone that most stamps fit; a warning where another well-known one is as likely.

    Raises ReportError when no stamp has an abbreviation, or none that any zone uses.
    """
    named = [stamp for stamp in stamps if stamp.zone]
    if not named:
        raise ReportError("No time says its zone. Import it with the page's zone.", line=stamps[0].line)
    candidates = dict.fromkeys(each for stamp in named for each in _zones(stamp.zone or ""))
    if not candidates:
        raise ReportError(
            f'"{named[0].zone}" is no time zone that is known here. Import it with the page\'s zone, such as '
            "Australia/Sydney.",
            line=named[0].line,
        )
    fits = {each: sum(_fits(stamp, zones.zone(each)) for stamp in named) for each in candidates}
    best = max(fits, key=lambda each: fits[each])
    chosen = zones.zone(best)
    others = _others(named, chosen, {each for each in fits if fits[each] == fits[best]})
    if others:
        message = f'"{named[0].zone}" {others}; read as {best}. Import it with the zone if it is another'
        warnings.append(reading(named[0].line, message))
    return chosen


def readings_of(local: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The one or two UTC instants of a local time; of one that does not exist, the shifted one."""
    try:
        return (zones.resolve_local(local, zone),)
    except zones.NonexistentTime as error:
        return (error.shifted,)
    except zones.AmbiguousTime as error:
        return error.options


def _zones(name: str) -> tuple[str, ...]:
    return ("UTC",) if zones.offset_of(name) == timedelta() else zones.zones_of_abbreviation(name)


def _fits(stamp: Stamp, zone: ZoneInfo) -> bool:
    return any(zones.is_called(stamp.zone or "", at, zone) for at in readings_of(stamp.local, zone))


def _others(named: list[Stamp], chosen: ZoneInfo, equals: set[str]) -> str:
    """What else the abbreviation may have meant, in words; empty where nothing likely."""
    name = named[0].zone or ""
    at = readings_of(named[0].local, chosen)[0]
    if zones.offset_of(name):
        return "is an offset, not a zone"
    rivals = [each for each in zones.zones_apart(name, at=at) if each in equals - {chosen.key}]
    if rivals:
        return f"is also used in {' and '.join(rivals)}"
    usual = zones.zone(_zones(name)[0])
    if len({zones.spelled(stamp.zone or "") for stamp in named}) == 1 and not _means_the_same(
        name, at, usual, chosen
    ):
        return f"mostly means {usual.key}, which was on {zones.abbreviation(at, usual)} then"
    return ""


def _means_the_same(name: str, at: datetime, usual: ZoneInfo, chosen: ZoneInfo) -> bool:
    """Whether the abbreviation has the same offset in both, in whichever season the usual zone has it."""
    offset = zones.in_zone(at, chosen).utcoffset()
    return usual == chosen or any(
        zones.is_called(name, at + season, usual) and zones.in_zone(at + season, usual).utcoffset() == offset
        for season in _OTHER_SEASONS
    )
