"""Draws the pictures that browsers and chat programs want as PNG, from our own marks and tones.

    python -m tests.publishing.pictures

writes `static/favicons/<state>-32.png` and `-180.png` and `static/cards/<state>.png`. It is run by hand where Chromium
and the fonts are, and what it draws is committed, because pages must not need either.
"""

import shutil
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from incidents.formatting.badge import COLOURS
from incidents.formatting.marks import mark_svg
from incidents.formatting.tone import HEIGHT, WIDTH, tone_path

STATIC = Path(__file__).resolve().parents[2] / "static"
WORDS = {
    "operational": "All systems operational",
    "degraded_performance": "Degraded performance",
    "partial_outage": "Partial outage",
    "major_outage": "Major outage",
    "under_maintenance": "Under maintenance",
    "unknown": "Status not confirmed",
    "page": "Service status",
}
"""`page` is the card of whatever does not say how things are now, such as the history."""
CALM = "#0b57d0"
NEUTRAL = f'<circle cx="8" cy="8" r="8" fill="{CALM}"/><circle cx="8" cy="8" r="3" fill="#fff"/>'  # as page.svg has it
"""The icon of a document that does not say how things are now: neither good news nor bad."""


def draw(browser: Browser) -> None:
    """All of them."""
    for state, words in WORDS.items():
        _keep(_card(browser, state, words), STATIC / "cards" / f"{state}.png", colours=48)
    marks = {state: mark_svg(state, ink=colour, ground="#fff") for state, colour in COLOURS.items()}
    for state, mark in {**marks, "page": NEUTRAL}.items():
        for size, inset, ground in ((32, 1, "transparent"), (180, 34, "#fff")):
            side = size - 2 * inset
            markup = (
                f'<body style="margin:{inset}px;background:{ground}">'
                f'<svg width="{side}" height="{side}" viewBox="-.2 -.2 16.4 16.4" style="display:block">{mark}</svg>'
            )
            _keep(_shot(browser, markup, size, size), STATIC / "favicons" / f"{state}-{size}.png", colours=24)


def _card(browser: Browser, state: str, words: str) -> bytes:
    colour = COLOURS.get(state, CALM)
    mark = (
        f'<svg viewBox="0 0 16 16">{mark_svg(state, ink=colour, ground="#fff")}</svg>'
        if state in COLOURS
        else ""
    )
    dashes = "4 12" if state == "unknown" else "none"
    return _shot(
        browser,
        f"""<style>
          body {{ margin: 0; background: color-mix(in srgb, {colour} 5%, #fff); color: #16191d }}
          div {{ display: flex; align-items: center; gap: 36px; padding: 158px 84px 0 }}
          div svg {{ width: 92px; height: 92px; overflow: visible }}
          h1 {{ margin: 0; font: 600 84px/1.1 "Inter Display", Inter, sans-serif; letter-spacing: -.022em }}
          .tone {{ position: absolute; inset: 322px 0 auto; width: 1200px; height: 200px; fill: none }}
          .tone path {{ vector-effect: non-scaling-stroke }}
        </style>
        <div>{mark}<h1>{words}</h1></div>
        <svg class="tone" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none">
          <path d="{tone_path(state if mark else "operational")}" stroke="{colour}" stroke-width="2.5"
                stroke-dasharray="{dashes}"/>
        </svg>""",
        1200,
        630,
    )


def _shot(browser: Browser, markup: str, width: int, height: int) -> bytes:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_content(f"<!DOCTYPE html>{markup}")
    taken = page.screenshot(omit_background=True)
    page.close()
    return taken


def _keep(taken: bytes, file: Path, *, colours: int) -> None:
    """With few colours, which is a quarter of the bytes and looks the same."""
    file.parent.mkdir(exist_ok=True)
    few = Image.open(BytesIO(taken)).quantize(colours, method=Image.Quantize.FASTOCTREE)
    few.save(file, optimize=True)


if __name__ == "__main__":
    with sync_playwright() as playwright:
        draw(playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"]))
