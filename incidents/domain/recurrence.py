"""When recurring work comes round: an RFC 5545 rule on the page's own clock, so that 02:00 stays 02:00 all year."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr

from incidents.domain.zones import AmbiguousTime, NonexistentTime, resolve_local

LONGEST_RULE = 500
FURTHEST = timedelta(days=3653)
"""A series is worked out for ten years at most, so that a rule that never comes round ends the search."""
_FREQUENT = re.compile(r"FREQ=(SECONDLY|MINUTELY|HOURLY)|BY(HOUR|MINUTE|SECOND)=|BYEASTER")
_LINE = re.compile(r"[A-Z]+=[A-Z0-9,+-]+(;[A-Z]+=[A-Z0-9,+-]+)*")


class BadRule(ValueError):
    """A rule that cannot be carried out; `str()` says what to do."""


def checked_rule(text: str) -> str:
    """The rule in one spelling. Raises BadRule."""
    rule = "".join(text.upper().split()).removeprefix("RRULE:")
    if len(rule) > LONGEST_RULE or not _LINE.fullmatch(rule) or "FREQ=" not in rule:
        raise BadRule("Write a rule of RFC 5545, such as FREQ=WEEKLY;BYDAY=SU.")
    if _FREQUENT.search(rule):
        raise BadRule("Work may recur once a day at most. Use FREQ=DAILY, WEEKLY, MONTHLY or YEARLY.")
    if re.search(r"UNTIL=\d{8}T\d{6}Z", rule):
        raise BadRule("Write UNTIL as a day of the page's calendar, such as UNTIL=20271231.")
    begins = datetime(2027, 1, 1)  # noqa: DTZ001  (any day will do)
    try:
        _parsed(rule, begins)
    except (ValueError, TypeError, AttributeError) as error:
        raise BadRule(f"This rule cannot be read: {error}.") from error
    return rule


def occurrences(
    rule: str, begins: datetime, zone: ZoneInfo, *, after: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Each time after an instant as local time and as instant, in order; `begins` is the first one's local time.

    A local time that clocks jump over is the shifted one, of one that happens twice it is the first.
    """
    first = after.astimezone(zone).replace(tzinfo=None) - timedelta(days=1)
    last = begins + FURTHEST
    for local in _parsed(rule, begins).xafter(first, inc=True):
        if local > last:
            return
        at = _instant(local, zone)
        if at > after:
            yield local, at


def next_times(rule: str, begins: datetime, zone: ZoneInfo, *, after: datetime, most: int) -> list[datetime]:
    """The next instants, `most` of them at most."""
    return [at for _, at in islice(occurrences(rule, begins, zone, after=after), most)]


def _parsed(rule: str, begins: datetime) -> rrule | rruleset:
    """The rule, which ends after ten years at the latest."""
    found = rrulestr(rule, dtstart=begins)
    last = begins + FURTHEST
    until = getattr(found, "_until", None)
    if (
        isinstance(found, rrule)
        and getattr(found, "_count", None) is None
        and (until is None or until > last)
    ):
        return found.replace(until=last)
    return found


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    try:
        return resolve_local(local, zone)
    except NonexistentTime as error:
        return error.shifted
    except AmbiguousTime as error:
        return error.options[0]
