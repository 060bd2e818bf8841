"""Ninety days of a component as one small SVG: a bar a day, whose height carries the state as well as its colour."""

from collections import defaultdict
from datetime import timedelta
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from incidents.domain.components import ComponentStatus
from incidents.domain.uptime import Day, Uptime
from incidents.domain.zones import MONTHS
from incidents.formatting.grids import FINE, is_told
from incidents.formatting.times import duration
from incidents.formatting.words import COMPONENT

HEIGHTS = {
    None: 6,
    ComponentStatus.UNDER_MAINTENANCE: 10,
    ComponentStatus.OPERATIONAL: 14,
    ComponentStatus.DEGRADED_PERFORMANCE: 20,
    ComponentStatus.PARTIAL_OUTAGE: 27,
    ComponentStatus.MAJOR_OUTAGE: 34,
}
"""Pixels; as high as the outage was bad. Days without data are stubs."""
OUTAGES = (ComponentStatus.MAJOR_OUTAGE, ComponentStatus.PARTIAL_OUTAGE)
TALLEST = 34
PITCH, GAP = 10, 2
TOLD_DAYS = 3
"""How many bad days the sentence names; the count of the others follows."""


def bars_svg(name: str, uptime: Uptime) -> SafeString:
    """The bars, with a sentence that says the same. Equal days in a row are one dashed stroke; CSS draws the dashes.

    For the script that tells of single days: the last one's date, and by place the words of those not operational.
    """
    return _drawn(
        tuple(day.worst for day in uptime.days),
        sentence(name, uptime),
        uptime.days[-1].on.isoformat() if uptime.days else "",
        ";".join(f"{place} {_lasted(day)}" for place, day in enumerate(uptime.days) if is_told(day)),
    )


@lru_cache(maxsize=2048)
def _drawn(states: tuple[ComponentStatus | None, ...], sentence: str, last: str, told: str) -> SafeString:
    """The same bars stand in several documents, and most are those of a minute ago."""
    strokes: dict[ComponentStatus | None, list[str]] = defaultdict(list)
    for state, run in groupby(enumerate(states), key=itemgetter(1)):
        places = [place for place, _ in run]
        middle = f"{TALLEST - HEIGHTS[state] / 2:g}"
        strokes[state].append(f"M{places[0] * PITCH} {middle}h{len(places) * PITCH - GAP}")
    paths = "".join(
        f'<path class="{state.value if state else "unknown"}" d="{"".join(runs)}"/>'
        for state, runs in strokes.items()
    )
    width = len(states) * PITCH - GAP
    return format_html(
        '<svg class="bars" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}" data-last="{}"'
        ' data-told="{}">{}</svg>',
        width,
        TALLEST,
        sentence,
        last,
        told,
        mark_safe(paths),  # noqa: S308  (numbers and the values of an enumeration)
    )


def sentence(name: str, uptime: Uptime) -> str:
    """`Network: 99.90 % uptime over the last 90 days; Oct 09 major outage for 4 h 36 min`."""
    bad = [day for day in reversed(uptime.days) if is_told(day)]
    parts = [f"{name}: {share(uptime)} over the last {len(uptime.days)} days"]
    parts += [_told(day) for day in bad[:TOLD_DAYS]]
    if len(bad) > TOLD_DAYS:
        more = len(bad) - TOLD_DAYS
        parts.append(f"and {more} more {'day' if more == 1 else 'days'} that were not fully operational")
    return "; ".join(parts)


def share(uptime: Uptime) -> str:
    """`99.90 % uptime`, for a sentence."""
    return "no data on uptime" if uptime.ratio is None else f"{percent(uptime)} uptime"


def percent(uptime: Uptime) -> str:
    """`99.90 %`, cut rather than rounded, so that 100 means that nothing happened; `no data` where it is unknown."""
    return "no data" if uptime.ratio is None else f"{int(uptime.ratio * 10_000) / 100:.2f} %"


def _told(day: Day) -> str:
    state = COMPONENT[day.worst or ComponentStatus.OPERATIONAL].lower()
    seconds = sum(day.spent.get(outage, 0.0) for outage in OUTAGES)
    lasted = f" for {duration(timedelta(seconds=seconds))}" if seconds else ""
    return f"{MONTHS[day.on.month - 1]} {day.on.day:02} {state}{lasted}"


def _lasted(day: Day) -> str:
    """`major outage for 4 h 36 min, degraded performance for 14 min`, the worst first."""
    return _in_words(tuple((state, seconds) for state, seconds in day.spent.items() if state not in FINE))


@lru_cache(maxsize=4096)
def _in_words(bad: tuple[tuple[ComponentStatus, float], ...]) -> str:
    """A day that is over has said the same before."""
    worst_first = sorted(bad, key=lambda spent: spent[0].severity, reverse=True)
    return ", ".join(
        f"{COMPONENT[state].lower()} for {duration(timedelta(seconds=seconds))}"
        for state, seconds in worst_first
    )
