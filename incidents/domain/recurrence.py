"""When recurring work comes round: an RFC 5545 rule on the page's own clock, so that 02:00 stays 02:00 all year.

The days of a rule are found by looking at each day once, for ten years at most, so that no rule, however it was
written, costs more than a few thousand steps.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from incidents.domain.recurrence_days import days_of
from incidents.domain.recurrence_rules import BadRule, Rule, parsed
from incidents.domain.zones import AmbiguousTime, NonexistentTime, resolve_local

__all__ = ["BadRule", "check_begins", "checked_rule", "next_times", "occurrences"]
FURTHEST = timedelta(days=3653)
"""A series is worked out for ten years at most, so that a rule that never comes round ends the search."""
LAST_YEAR = 9900
"""No beginning is later, so that ten years and a zone more are still years that a clock has."""


def checked_rule(text: str) -> str:
    """The rule in one spelling. Raises BadRule."""
    return str(parsed(text))


def check_begins(begins: datetime) -> None:
    """Raises BadRule for a first time that no calendar goes on from."""
    if not 1970 <= begins.year <= LAST_YEAR:  # noqa: PLR2004  (before it no zone's offsets are sure)
        raise BadRule("Check the year of its first time.")


def occurrences(
    rule: str, begins: datetime, zone: ZoneInfo, *, after: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Each time after an instant as local time and as instant, in order; `begins` is the first one's local time.

    A local time that clocks jump over is the shifted one, of one that happens twice it is the first. Raises BadRule
    for a stored rule that is none.
    """
    check_begins(begins)
    first = after.astimezone(zone).replace(tzinfo=None) - timedelta(days=1)
    for local in _locals(parsed(rule), begins, after=first):
        at = _instant(local, zone)
        if at > after:
            yield local, at


def next_times(rule: str, begins: datetime, zone: ZoneInfo, *, after: datetime, most: int) -> list[datetime]:
    """The next instants, `most` of them at most."""
    return [at for _, at in islice(occurrences(rule, begins, zone, after=after), most)]


def _locals(rule: Rule, begins: datetime, *, after: datetime) -> Iterator[datetime]:
    """The local times from `after` on; those before are counted where the rule ends after so many."""
    last = begins + FURTHEST
    until = min(rule.until or last, last)
    count = 0
    since = begins if rule.count is not None else max(begins, after)
    for day in days_of(rule, begins.date(), since=since.date(), until=until.date()):
        local = datetime.combine(day, begins.time())
        if local < begins or local > until:
            continue
        count += 1
        if rule.count is not None and count > rule.count:
            return
        if local >= after:
            yield local


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    try:
        return resolve_local(local, zone)
    except NonexistentTime as error:
        return error.shifted
    except AmbiguousTime as error:
        return error.options[0]
