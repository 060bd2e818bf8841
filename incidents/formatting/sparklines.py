"""A probe's last latencies as one line in a small SVG, as wide as its strip; where nothing came the line has a gap."""

import math
from collections.abc import Sequence
from itertools import groupby
from statistics import median

from django.utils.html import format_html
from django.utils.safestring import SafeString

from incidents.formatting.strips import PITCH, PLACES, WIDTH

HEIGHT = 100
_STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)
_MIDDLE = 1.5
"""Of a strip's bar: the line's points stand above the bars of their results."""

Latencies = Sequence[float | None]


def sparkline_svg(name: str, latencies: Latencies) -> SafeString:
    """The newest latencies, drawn from zero to a round number a little above the slowest."""
    shown = list(latencies)[-PLACES:]
    return format_html(
        '<svg class="sparkline" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path d="{}"/></svg>',
        WIDTH,
        HEIGHT,
        f"{name}: {described(shown)}",
        _path(shown),
    )


def described(latencies: Latencies) -> str:
    """`latency newest 12 ms, median 11 ms, from 9 ms to 40 ms; 2 without an answer`."""
    found = known(latencies)
    if not found:
        return "no latency measured"
    silent = len(latencies) - len(found)
    words = (
        f"latency newest {milliseconds(found[-1])}, median {milliseconds(median(found))}, "
        f"from {milliseconds(min(found))} to {milliseconds(max(found))}"
    )
    return f"{words}; {silent} without an answer" if silent else words


def milliseconds(value: float) -> str:
    """`0.4 ms`, `12 ms`, `1,204 ms`."""
    return f"{value:.1f} ms" if value < 10 else f"{value:,.0f} ms"  # noqa: PLR2004  (two digits are enough)


def ceiling(latencies: Latencies) -> float:
    """The round number at the top of the picture; 1 where nothing was measured."""
    slowest = max(known(latencies), default=0.0)
    if slowest <= 0:
        return 1.0
    unit = 10.0 ** math.floor(math.log10(slowest))
    return float(next(step * unit for step in _STEPS if step * unit >= slowest * 0.999))


def known(latencies: Latencies) -> list[float]:
    """Those that are numbers a picture can show."""
    return [each for each in latencies if _is_drawable(each) and each is not None]


def _is_drawable(value: float | None) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
    )


def _path(latencies: Latencies) -> str:
    """A line through each run of numbers; one that stands alone is a dot."""
    top = ceiling(latencies)
    first = PLACES - len(latencies)
    drawn = []
    for is_known, run in groupby(enumerate(latencies, first), key=lambda item: _is_drawable(item[1])):
        if not is_known:
            continue
        points = [
            f"{place * PITCH + _MIDDLE:g} {round(HEIGHT * (1 - (value or 0) / top))}" for place, value in run
        ]
        drawn.append(f"M{points[0]}" + ("".join(f"L{point}" for point in points[1:]) or "h0"))
    return "".join(drawn)
