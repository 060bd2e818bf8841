"""Instants as people and machines read them (DESIGN 7); English month names whatever the locale."""

from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from incidents.domain.zones import MONTHS, abbreviation, in_zone, wall_clock

REMEMBERED = 16_384
"""Printed times that are kept of each form: a page prints the same instants after every post."""


class TimeParts(NamedTuple):
    """The pieces of a printed time, for markup around each, such as Statuspage's `<var data-var='date'>`."""

    month: str
    """`Oct`"""
    day: str
    """`09`"""
    feed_day: str
    """` 9`: Statuspage's feeds pad with a space."""
    year: str
    time: str
    """`08:22`"""
    zone: str
    """`AEDT`, or `UTC+08` where the zone has no letters."""


@lru_cache(maxsize=REMEMBERED)
def posted(at: datetime, zone: ZoneInfo) -> str:
    """`Oct 09, 2021 - 08:22 AEDT`, the abbreviation being that instant's own."""
    return f"{wall_clock(in_zone(at, zone))} {abbreviation(at, zone)}"


@lru_cache(maxsize=REMEMBERED)
def posted_twice(at: datetime, zone: ZoneInfo) -> str:
    """`Oct 09, 2021 - 08:22 AEDT (Oct 08, 2021 - 21:22 UTC)`, the day again only where it is another."""
    own, utc = posted(at, zone), posted(at, ZoneInfo("UTC"))
    if own == utc:
        return own
    day, clock = utc.split(" - ")
    return f"{own} ({clock if own.startswith(day) else utc})"


@lru_cache(maxsize=REMEMBERED)
def time_parts(at: datetime, zone: ZoneInfo) -> TimeParts:
    """The same time in pieces."""
    local = in_zone(at, zone)
    return TimeParts(
        month=MONTHS[local.month - 1],
        day=f"{local.day:02}",
        feed_day=f"{local.day:2}",
        year=f"{local.year:04}",
        time=f"{local.hour:02}:{local.minute:02}",
        zone=abbreviation(at, zone),
    )


@lru_cache(maxsize=REMEMBERED)
def iso_ms(at: datetime, zone: ZoneInfo) -> str:
    """`2021-10-09T08:22:00.000+11:00`, as v2 JSON prints it; a time called UTC ends in `Z`."""
    printed = in_zone(at, zone).isoformat(timespec="milliseconds")
    return f"{printed[:23]}Z" if abbreviation(at, zone) == "UTC" else printed


def iso_seconds(at: datetime, zone: ZoneInfo) -> str:
    """The same in whole seconds."""
    text = iso_ms(at, zone)
    return text[:19] + text[23:]


@lru_cache(maxsize=REMEMBERED)
def rfc822(at: datetime, zone: ZoneInfo) -> str:
    """`Sat, 09 Oct 2021 08:22:00 +1100`: RSS allows numeric zones only."""
    return format_datetime(in_zone(at, zone))


def lasted_words(began: datetime, ended: datetime | None) -> str:
    """How long it took; empty while it goes on, and where both are one instant: then only the end is known."""
    return duration(ended - began) if ended and ended != began else ""


def duration(delta: timedelta) -> str:
    """`4 h 36 min`, whole minutes rounded down, days from 24 hours on; under a minute `45 s`.

    Raises ValueError for a negative one: its ends were swapped.
    """
    if delta < timedelta():
        raise ValueError(f"{delta} ends before it starts.")
    minutes, seconds = divmod(delta // timedelta(seconds=1), 60)
    if not minutes:
        return f"{seconds} s"
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
