"""From one time to another as Statuspage marks it up: the day again only where it is another, the zone once.

Source: shared statuspage-api.md, section 2 and `/history`.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from incidents.domain.zones import in_zone
from incidents.formatting.times import TimeParts, posted, time_parts


def marked_span(began: datetime, ended: datetime | None, zone: ZoneInfo, *, padded: bool = False) -> str:
    """`Jan <var data-var='date'>16</var>, <var data-var='time'>12:00</var> - <var data-var='time'>16:00</var> GMT`.

    `padded` writes the day as feeds do, with a space before a single digit.
    """
    first = time_parts(began, zone)
    text = f"{_day(first, padded)}, {_clock(first)}"
    if ended is None:
        return f"{text} {first.zone}"
    last = time_parts(ended, zone)
    day = "" if is_same_day(began, ended, zone) else f"{_day(last, padded)}, "
    return f"{text} - {day}{_clock(last)} {last.zone}"


def plain_span(began: datetime, ended: datetime, zone: ZoneInfo) -> str:
    """`Nov 28, 2026 - 02:00 to 04:00 AEDT`; both zones where the clocks change in between."""
    first, last = time_parts(began, zone), time_parts(ended, zone)
    before = f" {first.zone}" if first.zone != last.zone else ""
    day = "" if is_same_day(began, ended, zone) else f"{last.month} {last.day}, {last.year} - "
    start = f"{first.month} {first.day}, {first.year} - {first.time}{before}"
    return f"{start} to {day}{last.time} {last.zone}"


def full_span(began: datetime, ended: datetime, zone: ZoneInfo) -> str:
    """`Nov 28, 2026 - 02:00 AEDT until 04:00 AEDT (2026-11-27 15:00 to 17:00 UTC)`; of UTC once."""
    last = time_parts(ended, zone)
    until = f"{last.time} {last.zone}" if is_same_day(began, ended, zone) else posted(ended, zone)
    local = f"{posted(began, zone)} until {until}"
    if local.endswith(" UTC"):
        return local
    first, then = began.astimezone(UTC), ended.astimezone(UTC)
    day = "" if first.date() == then.date() else f"{then:%Y-%m-%d} "
    return f"{local} ({first:%Y-%m-%d %H:%M} to {day}{then:%H:%M} UTC)"


def is_same_day(one: datetime, other: datetime, zone: ZoneInfo) -> bool:
    """Whether both fall on one local day."""
    return in_zone(one, zone).date() == in_zone(other, zone).date()


def _day(parts: TimeParts, padded: bool) -> str:
    return f"{parts.month} <var data-var='date'>{parts.feed_day if padded else parts.day}</var>"


def _clock(parts: TimeParts) -> str:
    return f"<var data-var='time'>{parts.time}</var>"
