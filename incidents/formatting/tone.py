"""The page's signature: its state as the tone a telephone would play, drawn as one line.

All is well: dial tone, 350 and 440 Hz together, whose beat gives the line its waist. Degraded: stutter dial tone.
Partial outage: busy, as long on as off. Major outage: reorder, twice as fast. Maintenance: the message-waiting
stutter that then goes on as dial tone. Not confirmed: a line with nothing on it.
"""

from collections.abc import Mapping
from functools import cache
from itertools import groupby
from math import cos, pi

WIDTH, HEIGHT = 720, 40
_STEP = 4
"""Width of half a wave."""
_BEAT = 9
"""Half waves from one waist to the next: (350 + 440) / 2 over (440 - 350), in halves, rounded."""
_COUNT = WIDTH // _STEP

_CADENCES: Mapping[str, tuple[int, int]] = {
    "operational": (_COUNT, 0),
    "degraded_performance": (45, 9),
    "partial_outage": (18, 18),
    "major_outage": (9, 9),
    "unknown": (0, _COUNT),
}
"""Half waves on and off."""
_STUTTER = (9, 4)


@cache
def tone_path(state: str) -> str:
    """The `d` of an SVG path in a box of WIDTH by HEIGHT."""
    drawn = [f"M0 {HEIGHT // 2}"]
    place = 0
    for is_on, run in groupby(_sounds(state)):
        length = len(list(run))
        drawn += [_wave(index) for index in range(place, place + length)] if is_on else [f"h{length * _STEP}"]
        place += length
    return "".join(drawn)


def _sounds(state: str) -> list[bool]:
    if state == "under_maintenance":
        on, off = _STUTTER
        begun = ([True] * on + [False] * off) * 4
        return [*begun, *[True] * (_COUNT - len(begun))]
    on, off = _CADENCES[state]
    return [place % (on + off) < on for place in range(_COUNT)]


def _wave(index: int) -> str:
    """Half a wave: a curve whose control point lies twice as far out as its crest."""
    swing = round(HEIGHT * 0.92 * abs(cos(pi * (index % _BEAT + 0.5) / _BEAT - pi / 2)))
    return f"q{_STEP // 2} {swing if index % 2 else -swing} {_STEP} 0"
