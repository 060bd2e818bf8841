"""Every public page in a real browser: axe, width, complaints, foreign requests, and the same words without scripts."""

import re
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import ViewportSize

from incidents.publishing.site import DOCUMENTS, HTML
from tests.peers.browser import look
from tests.peers.installation import Installation
from tests.publishing.conftest import Opens
from tests.publishing.readers import published

pytestmark = pytest.mark.slow

PHONE: ViewportSize = {"width": 320, "height": 800}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced colours": {"color_scheme": "dark", "forced_colors": "active"},
}


def pages(site: Installation) -> list[str]:
    """The fullest published page of every HTML row of the site table."""
    found = [each for each in published(site).documents() if each.media_type == HTML]
    fullest = []
    for row in DOCUMENTS:
        if row.media_type == HTML:
            like = re.compile(re.sub(r"\\{\w+\\}", r"[^/]+", re.escape(row.pattern)))
            mine = [each for each in found if like.fullmatch(each.path)]
            assert mine, row.pattern
            fullest.append(max(mine, key=lambda each: len(each.fresh.bodies["identity"])).path)
    return fullest


def test_every_page_is_free_of_violations_in_every_look_and_says_the_same_without_scripts(
    site: Installation, opens: Opens
) -> None:
    reader, plain = opens(viewport=PHONE), opens(viewport=PHONE, java_script_enabled=False)
    found: list[str] = []
    for path in pages(site):
        reader.tab.set_viewport_size(PHONE)
        reader.open(path)
        plain.open(path)
        assert plain.words() == reader.words()
        for size, chosen in product((PHONE, DESKTOP), LOOKS):
            reader.tab.set_viewport_size(size)
            reader.tab.emulate_media(**LOOKS[chosen])
            found += [f"{chosen}, {size['width']}: {each}" for each in look(reader.tab)]
    assert found == []
