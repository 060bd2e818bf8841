"""A mark is the same wherever it is drawn."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from incidents.formatting.marks import MARKS

PAGE_MARKS = (settings.BASE_DIR / "templates" / "pages" / "marks.html").read_text()


def shapes(markup: str) -> list[tuple[str, ...]]:
    """What is drawn, without how it is coloured."""
    facts = re.findall(r"<(circle|path|rect)\b([^>]*?)/?>", markup)
    kept = ("cx", "cy", "d", "width", "height", "rx")
    return [
        (name, *(found for key in kept for found in re.findall(rf' {key}="([^"]+)"', attributes)))
        for name, attributes in facts
    ]


@pytest.mark.parametrize("state", MARKS)
def test_pages_draw_the_same_mark(state: str) -> None:
    symbol = re.search(rf'<symbol id="{state}"[^>]*>(.*?)</symbol>', PAGE_MARKS, re.DOTALL)
    assert symbol
    assert shapes(symbol[1]) == shapes(MARKS[state])


@pytest.mark.parametrize("state", MARKS)
def test_the_icon_of_the_tab_is_the_same_mark(state: str) -> None:
    icon = Path(settings.BASE_DIR / "static" / "favicons" / f"{state}.svg").read_text()
    assert shapes(icon)[0][0] == shapes(MARKS[state])[0][0]
    assert shapes(icon)[1:] == shapes(MARKS[state])[1:]
