"""A badge: two fields of words and a mark as one SVG that needs nothing else and reads on light and dark grounds.

No style sheet and no font come with it: a browser that opens it alone applies our policy, which allows neither.
"""

import unicodedata
from collections.abc import Iterator, Mapping

from incidents.domain.texts import UNCLEAN
from incidents.formatting.marks import mark_svg
from incidents.formatting.xml import xml_document, xml_text

COLOURS: Mapping[str, str] = {
    "operational": "#1a7f37",
    "degraded_performance": "#8a6500",
    "partial_outage": "#b8470b",
    "major_outage": "#b3202a",
    "under_maintenance": "#1f5fbf",
    "unknown": "#5f666f",
}
"""White words on each have a contrast of 4.5:1 or more."""
LABEL, EDGE, INK = "#22282f", "#858c95", "#ffffff"
FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Helvetica Neue',Arial,sans-serif"
SIZE = 12
"""Height of the words in pixels; all other lengths go with it."""
HEIGHT, ROUND, PAD, MARK, GAP = 26, 5, 10, 13, 6
WIDEST = 18.0
"""Width of the longest label in ems; what is longer is cut."""
BOLDER = 1.06
_ZWJ = "\u200d"
_WIDTHS: tuple[tuple[float, str], ...] = (
    (0.27, " ijl|!.,:;'`I[]()"),
    (0.37, 'frt-/\\"*'),
    (0.86, "mwMW@%"),
    (1.0, "…"),
)


def badge_svg(label: str, state: str, words: str) -> bytes:
    """`label` may be anybody's words, `words` are those of the state."""
    label = " ".join(UNCLEAN.sub("", label).split())
    shown = shortened(label)
    first, second = (round(width(text) * SIZE, 1) for text in (shown, words))
    second = round(second * BOLDER, 1)
    left = first + 2 * PAD
    whole = round(left + PAD + MARK + GAP + second + PAD, 1)
    title = xml_text(f"{label}: {words}")
    middle, top = (HEIGHT + SIZE * 0.72) / 2, (HEIGHT - MARK) / 2
    svg = f"""<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{HEIGHT}" role="img" aria-label="{title}">
<title>{title}</title>
<rect width="{whole}" height="{HEIGHT}" rx="{ROUND}" fill="{LABEL}"/>
<path fill="{COLOURS[state]}" d="{_right_field(left, whole)}"/>
<path fill="none" stroke="{EDGE}" stroke-opacity=".5" d="{_edge(whole)}"/>
<g fill="{INK}" font-family="{FONT}" font-size="{SIZE}" text-anchor="middle">
{_text(shown, first, at=PAD + first / 2, base=middle)}
<g font-weight="600">{_text(words, second, at=whole - PAD - second / 2, base=middle)}</g>
</g>
<g transform="translate({left + PAD} {top}) scale({MARK / 16})">{mark_svg(state, ink=INK, ground=COLOURS[state])}</g>
</svg>
"""
    return xml_document(svg)


def width(text: str) -> float:
    """About how wide a system's font sets the text, in ems."""
    return sum(wide for _, wide in _measured(text))


def shortened(text: str, *, widest: float = WIDEST) -> str:
    """The text, or as much of its beginning as leaves room for an ellipsis, never cut within a character."""
    if width(text) <= widest:
        return text
    room, end = widest - width("…"), 0
    for index, wide in _measured(text):
        if room < 0:
            break
        if wide:
            end = index
        room -= wide
    return f"{text[:end].rstrip()}…"


def _measured(text: str) -> Iterator[tuple[int, float]]:
    """Each character's place and width; none for what joins the character before it."""
    for index, char in enumerate(text):
        joins = index > 0 and text[index - 1] == _ZWJ
        yield index, 0.0 if joins or _is_joined(char) else _width_of(char)


def _is_joined(char: str) -> bool:
    return unicodedata.category(char) in {"Mn", "Me", "Cf"} or "\U0001f3fb" <= char <= "\U0001f3ff"


def _width_of(char: str) -> float:
    if unicodedata.east_asian_width(char) in {"W", "F"}:
        return 1.1
    listed = next((wide for wide, chars in _WIDTHS if char in chars), None)
    return listed or (0.67 if char.isupper() else 0.56)


def _text(text: str, length: float, *, at: float, base: float) -> str:
    """Words set to exactly the given length, whatever font there is; Arabic and Hebrew from their own side."""
    strong = next(
        (kind for char in text if (kind := unicodedata.bidirectional(char)) in {"L", "R", "AL"}), "L"
    )
    direction = "" if strong == "L" else ' direction="rtl"'
    fitted = f'textLength="{length}" lengthAdjust="spacingAndGlyphs"' if text else ""
    return f'<text x="{round(at, 1)}" y="{round(base, 1)}" {fitted}{direction}>{xml_text(text)}</text>'


def _right_field(left: float, whole: float) -> str:
    bend, down = f"a{ROUND} {ROUND} 0 0 1", HEIGHT - 2 * ROUND
    across = round(whole - left - ROUND, 1)
    return f"M{left} 0h{across}{bend} {ROUND} {ROUND}v{down}{bend} -{ROUND} {ROUND}h-{across}z"


def _edge(whole: float) -> str:
    """A line around it all, just inside, that sets the badge off from a ground as dark as its label."""
    radius = ROUND - 0.5
    bend = f"a{radius} {radius} 0 0 1"
    across, down = round(whole - 2 * ROUND, 1), HEIGHT - 2 * ROUND
    corners = (f"{radius} {radius}", f"-{radius} {radius}", f"-{radius} -{radius}", f"{radius} -{radius}")
    sides = (f"v{down}", f"h-{across}", f"v-{down}", "z")
    around = "".join(f"{bend} {corner}{side}" for corner, side in zip(corners, sides, strict=True))
    return f"M{ROUND} .5h{across}{around}"
