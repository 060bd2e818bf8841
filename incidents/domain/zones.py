"""Time zones by IANA name, their abbreviations, and local times that do not exist or happen twice (DESIGN 7).

Everything is decided on UTC instants: inside one zone, Python's comparison and subtraction are wrong across a
change of clocks (two readings of one ambiguous time even compare equal).
"""

import difflib
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""English whatever the locale of the process; strftime's %b is not."""

_MACHINE_OWN = frozenset({"localtime", "Factory", "posixrules"})
_LONGEST_NAME = 64
_SUGGESTED = 3
_BEST_KNOWN_FIRST = """
    UTC Australia/Sydney Australia/Melbourne Australia/Brisbane Australia/Hobart Australia/Adelaide
    Australia/Darwin Australia/Perth Pacific/Auckland Europe/London America/New_York America/Toronto
    America/Panama America/Chicago America/Winnipeg America/Mexico_City America/Regina America/Denver
    America/Edmonton America/Phoenix America/Los_Angeles America/Vancouver America/Anchorage Pacific/Honolulu
    America/Halifax America/Puerto_Rico America/St_Johns Europe/Berlin Europe/Paris Europe/Amsterdam
    Europe/Athens Europe/Helsinki Europe/Lisbon Europe/Moscow Asia/Kolkata Europe/Dublin Asia/Jerusalem
    Asia/Shanghai Asia/Taipei Asia/Hong_Kong Asia/Tokyo Asia/Seoul Asia/Singapore Asia/Manila Asia/Jakarta
    Asia/Bangkok Asia/Karachi Asia/Dhaka Asia/Dubai Asia/Riyadh Africa/Johannesburg Africa/Nairobi Africa/Lagos
    America/Sao_Paulo America/Argentina/Buenos_Aires America/Bogota Pacific/Chatham Australia/Lord_Howe
    Pacific/Fiji
"""
_RANK = {name: position for position, name in enumerate(_BEST_KNOWN_FIRST.split())}
_SAID = {
    "AST": ("Asia/Riyadh",),
    "BRT": ("America/Sao_Paulo",),
    "GST": ("Asia/Dubai",),
    "MYT": ("Asia/Kuala_Lumpur",),
    "PHT": ("Asia/Manila",),
    "SGT": ("Asia/Singapore",),
}
"""What people and older pages write though tzdata prints a number there."""
_SAMPLES = tuple(
    datetime(year, month, 1, tzinfo=UTC) for year in (2013, 2019, 2025) for month in range(1, 13)
)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?([0-5]\d))?", re.IGNORECASE)


class UnknownZone(ValueError):
    """A name that is no IANA time zone; the message offers near ones (worked out only when it is read)."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        shown = "".join(each if each.isprintable() else "\ufffd" for each in self.name[:_LONGEST_NAME])
        shown += "…" if len(self.name) > _LONGEST_NAME else ""
        near = [f'"{each}"' for each in _near(self.name)]
        if not near:
            return f'Unknown time zone "{shown}". Use an IANA name such as "Australia/Sydney".'
        return f'Unknown time zone "{shown}": did you mean {" or ".join(near)}?'


class LocalTimeError(ValueError):
    """A local time that stands for no single instant in its zone."""

    def __init__(self, message: str, local: datetime, zone: ZoneInfo) -> None:
        super().__init__(message)
        self.local = local
        self.zone = zone


class NonexistentTime(LocalTimeError):
    """Clocks jumped over it. `shifted` is the UTC instant to offer: as long after the jump as was meant."""

    def __init__(self, local: datetime, zone: ZoneInfo, shifted: datetime) -> None:
        self.shifted = shifted
        jump = _jump(local, zone)
        eve = jump - timedelta(seconds=1)
        left = (eve + _offset(eve, zone) + timedelta(seconds=1)).replace(tzinfo=None)
        reached, meant = (in_zone(each, zone).replace(tzinfo=None) for each in (jump, shifted))
        show = _hour if left.date() == reached.date() == meant.date() else wall_clock
        super().__init__(
            f"{wall_clock(local)} does not exist in {zone.key}: clocks went from {show(left)} "
            f"{abbreviation(eve, zone)} to {show(reached)} {abbreviation(jump, zone)}. "
            f"Did you mean {show(meant)} {abbreviation(shifted, zone)}?",
            local,
            zone,
        )


class AmbiguousTime(LocalTimeError):
    """Clocks showed it twice. `options` are the two UTC instants, the earlier first (fold 0, fold 1)."""

    def __init__(self, local: datetime, zone: ZoneInfo, options: tuple[datetime, datetime]) -> None:
        self.options = options
        first, second = (f"{_hour(local)} {_both_names(each, zone)}" for each in options)
        super().__init__(
            f"{wall_clock(local)} happened twice in {zone.key}: first as {first}, then as {second}. "
            "Say which one.",
            local,
            zone,
        )


@cache
def zone_names() -> frozenset[str]:
    """Every IANA name that `zone` accepts; those that mean something else on each machine are left out."""
    return frozenset(available_timezones()) - _MACHINE_OWN


def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises UnknownZone for anything else, however hostile."""
    if name not in zone_names():
        raise UnknownZone(name)
    return _loaded(name)


@cache
def _loaded(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def abbreviation(at: datetime, zone: ZoneInfo) -> str:
    """What the zone's time is called at that instant: `AEDT`, or `UTC+08` where tzdata has only a number."""
    name = in_zone(at, zone).tzname() or ""
    return offset_name(at, zone) if name[:1] in {"", "+", "-"} else name


def offset_name(at: datetime, zone: ZoneInfo) -> str:
    """The zone's offset at that instant in words: `UTC+11`, `UTC+10:30`, `UTC-03`."""
    return _offset_in_words(_offset(at, zone))


def in_zone(at: datetime, zone: ZoneInfo) -> datetime:
    """The instant on the zone's clocks. Raises ValueError for a naive `at`, which is no instant."""
    if at.utcoffset() is None:
        raise ValueError(f"{at} has no zone, so it is no instant.")
    return at.astimezone(UTC).astimezone(zone)


def wall_clock(local: datetime) -> str:
    """`Oct 09, 2021 - 08:22`, without a zone."""
    return f"{MONTHS[local.month - 1]} {local.day:02}, {local.year:04} - {local.hour:02}:{local.minute:02}"


def resolve_local(local: datetime, zone: ZoneInfo, *, fold: int | None = None) -> datetime:
    """The UTC instant of a naive local time.

    `fold` (0 the earlier, 1 the later) answers an ambiguous time and is ignored otherwise. Raises
    NonexistentTime, AmbiguousTime, LocalTimeError at the ends of the calendar, and ValueError for an aware
    `local`.
    """
    if local.tzinfo is not None:
        raise ValueError(f"{local} has a zone already; a local time has none.")
    if fold not in {None, 0, 1}:
        raise ValueError("fold is 0 (the earlier), 1 (the later) or None.")
    readings = _readings(local, zone)
    if readings[0] == readings[1]:
        return readings[0]
    if readings[0].astimezone(zone).replace(tzinfo=None) != local:
        raise NonexistentTime(local, zone, readings[0])
    if fold is None:
        raise AmbiguousTime(local, zone, readings)
    return readings[fold]


def spelled(name: str) -> str:
    """One spelling for each abbreviation: upper case, and `+0800`, `GMT+8` or `UTC+08:00` all as `UTC+08`."""
    offset = offset_of(name)
    if offset is None:
        return "UTC" if name.upper() == "Z" else name.upper()
    return _offset_in_words(offset)


def offset_of(name: str) -> timedelta | None:
    """The offset that a numeric abbreviation states; None for a name, and for more than 23 hours."""
    found = _OFFSET.fullmatch(name)
    if not found or int(found[2]) > 23:  # noqa: PLR2004  (hours of a day)
        return None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return -offset if found[1] == "-" else offset


def is_called(name: str, at: datetime, zone: ZoneInfo) -> bool:
    """Whether the zone's time goes by this abbreviation (or has this offset) at that instant."""
    offset = offset_of(name)
    if offset is not None:
        return _offset(at, zone) == offset
    wanted = spelled(name)
    return spelled(abbreviation(at, zone)) == wanted or zone.key in _SAID.get(wanted, ())


def zones_of_abbreviation(name: str, *, at: datetime | None = None) -> tuple[str, ...]:
    """IANA zones that use the abbreviation, best-known first; with `at`, those that use it at that instant.

    `AEDT` gives Australia/Sydney first, and nothing at all for an instant in July.
    """
    wanted = spelled(name)
    names = _users().get(wanted, ()) + _SAID.get(wanted, ())
    return tuple(each for each in names if at is None or is_called(wanted, at, zone(each)))


def zones_apart(name: str, *, at: datetime) -> tuple[str, ...]:
    """Well-known zones that mean different times by the abbreviation at that instant.

    More than one means that it is ambiguous: `CST` gives America/Chicago and Asia/Shanghai.
    """
    apart: dict[timedelta, str] = {}
    for each in zones_of_abbreviation(name, at=at):
        if each in _RANK:
            apart.setdefault(_offset(at, zone(each)), each)
    return tuple(apart.values())


@cache
def _users() -> dict[str, tuple[str, ...]]:
    users: dict[str, set[str]] = {}
    for name in zone_names():
        for each in {abbreviation(at, zone(name)) for at in _SAMPLES}:
            users.setdefault(spelled(each), set()).add(name)
    return {each: tuple(_best_first(names)) for each, names in users.items()}


def _best_first(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda name: (_RANK.get(name, len(_RANK)), name))


def _near(name: str) -> list[str]:
    """Names the writer may have meant: of an abbreviation, of a city alone, in another case, misspelt."""
    if len(name) > _LONGEST_NAME:
        return []
    meant = name.strip().replace(" ", "_").casefold()
    exact = [each for each in zone_names() if meant in {each.casefold(), _city(each)}]
    by_abbreviation = [each for each in zones_of_abbreviation(name) if each in _RANK]
    if exact or by_abbreviation:
        return (_best_first(exact) or by_abbreviation)[:_SUGGESTED]
    forms = {form: each for each in sorted(zone_names()) for form in (each.casefold(), _city(each))}
    close = difflib.get_close_matches(meant, forms, n=_SUGGESTED, cutoff=0.85)
    return list(dict.fromkeys(forms[each] for each in close))


def _city(name: str) -> str:
    return name.casefold().rpartition("/")[2]


def _readings(local: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The local time as UTC by the offset before and by the offset after a change of clocks (PEP 495)."""
    try:
        first, second = (
            (local - (local.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta())).replace(
                tzinfo=UTC, fold=0
            )
            for fold in (0, 1)
        )
        first.astimezone(zone)
    except OverflowError:
        raise LocalTimeError(f"{wall_clock(local)} is too far away to be a time.", local, zone) from None
    return first, second


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return in_zone(at, zone).utcoffset() or timedelta()


def _offset_in_words(offset: timedelta) -> str:
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"UTC{'-' if offset < timedelta() else '+'}{hours:02}" + (f":{minutes:02}" if minutes else "")


def _jump(local: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant at which clocks jumped over `local`; tzdata has whole seconds."""
    late, early = (each.replace(microsecond=0) for each in _readings(local, zone))
    old = _offset(early, zone)
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        early, late = (middle, late) if _offset(middle, zone) == old else (early, middle)
    return late


def _both_names(at: datetime, zone: ZoneInfo) -> str:
    name, offset = abbreviation(at, zone), offset_name(at, zone)
    return name if name == offset else f"{name} ({offset})"


def _hour(local: datetime) -> str:
    return f"{local.hour:02}:{local.minute:02}"
