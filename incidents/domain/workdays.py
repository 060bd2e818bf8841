"""Working days: what a promise of "five business days" comes to, by an editable table of holidays."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from incidents.domain.zones import in_zone

SATURDAY = 5
_LONGEST = 3660
"""Days that are looked at, should a table hold nothing but holidays."""


def add_workdays(at: datetime, count: int, zone: ZoneInfo, holidays: Collection[date] = ()) -> datetime:
    """The same time of day so many working days later, on the zone's clocks.

    A local time that does not exist that day is as long after the jump as was meant.
    """
    local = in_zone(at, zone)
    day, left = local.date(), count
    for _ in range(_LONGEST):
        if left <= 0:
            break
        day += timedelta(days=1)
        left -= day.weekday() < SATURDAY and day not in holidays
    return datetime.combine(day, local.time(), tzinfo=zone).astimezone(UTC)
