"""A probe's last results as one small SVG: a bar a result, whose height and cap carry its health as well as its colour.

A result is a letter, as `domain/hysteresis.py` remembers it. Good results are low bars, a warning is a good one with a
cap, degraded ones are higher, failed ones full; what measured nothing is a stub.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from incidents.domain.hysteresis import LETTERS, RECENT
from incidents.domain.outcomes import Health

HEALTHS: Mapping[str, Health] = {letter: health for health, letter in LETTERS.items()}
WORDS: Mapping[Health, str] = {
    Health.OK: "ok",
    Health.WARNING: "ok with a warning",
    Health.DEGRADED: "impaired",
    Health.FAILED: "failed",
    Health.INCONCLUSIVE: "not measured",
}
HEIGHTS: Mapping[Health, int] = {
    Health.OK: 10,
    Health.WARNING: 10,
    Health.DEGRADED: 17,
    Health.FAILED: 24,
    Health.INCONCLUSIVE: 3,
}
PLACES = RECENT
PITCH, GAP, TALLEST = 4, 1, 24
WIDTH = PLACES * PITCH - GAP
_CAP = 14
"""Where the middle of a warning's cap is, from below."""


def strip_svg(name: str, letters: str, *, places: int = PLACES) -> SafeString:
    """The newest `places` results, oldest on the left and the newest always at the right edge."""
    shown = letters[-places:]
    return _drawn(shown, f"{name}: {counted(shown)}", places)


def counted(letters: str) -> str:
    """`last 60 results: 57 ok, 2 impaired, 1 failed; newest ok`; letters that mean nothing are left out."""
    known = [HEALTHS[letter] for letter in letters if letter in HEALTHS]
    if not known:
        return "no results yet"
    found = Counter(known)
    parts = ", ".join(f"{found[health]} {WORDS[health]}" for health in Health if found[health])
    if len(known) == 1:
        return f"one result: {WORDS[known[0]]}"
    return f"last {len(known)} results: {parts}; newest {WORDS[known[-1]]}"


@lru_cache(maxsize=1024)
def _drawn(letters: str, sentence: str, places: int) -> SafeString:
    """Equal results in a row are one dashed stroke; CSS draws the dashes and gives each class its width."""
    strokes: dict[str, list[str]] = defaultdict(list)
    first = places - len(letters)
    for letter, run in groupby(enumerate(letters, first), key=itemgetter(1)):
        health = HEALTHS.get(letter)
        if health is None:
            continue
        within = [place for place, _ in run]
        start, length = within[0] * PITCH, len(within) * PITCH - GAP
        strokes[health.value].append(_stroke(start, TALLEST - HEIGHTS[health] / 2, length))
        if health == Health.WARNING:
            strokes["cap"].append(_stroke(start, TALLEST - _CAP, length))
    paths = "".join(f'<path class="{name}" d="{"".join(runs)}"/>' for name, runs in strokes.items())
    return format_html(
        '<svg class="strip" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        places * PITCH - GAP,
        TALLEST,
        sentence,
        mark_safe(paths),  # noqa: S308  (numbers and the values of an enumeration)
    )


def _stroke(start: int, middle: float, length: int) -> str:
    return f"M{start} {middle:g}h{length}"
