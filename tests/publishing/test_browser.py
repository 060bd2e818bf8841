"""Every public page in a real browser: axe, width, complaints, foreign requests, and the same words without scripts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request, ViewportSize

from incidents.publishing.site import DOCUMENTS, HTML
from incidents.publishing.store import Store
from tests.peers.browser import chromium, look
from tests.peers.installation import Installation

pytestmark = pytest.mark.slow

FURNISH = """
from datetime import UTC, datetime
from django.db import transaction
from tests.publishing.rich import furnish
with transaction.atomic():  # published once
    furnish(datetime.now(UTC))
"""
PHONE: ViewportSize = {"width": 320, "height": 800}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced colours": {"color_scheme": "dark", "forced_colors": "active"},
}


@dataclass
class Reader:
    """One browser tab with all that it complained of and asked for."""

    tab: Page
    base: str
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tab.on("console", lambda message: self.complaints.append(f"{self.tab.url}: {message.text}"))
        self.tab.on("pageerror", lambda error: self.complaints.append(f"{self.tab.url}: {error}"))
        self.tab.on("request", self._note)

    def _note(self, request: Request) -> None:
        if not request.url.startswith((f"{self.base}/", "data:")):
            self.foreign.append(f"{self.tab.url}: {request.url}")

    def words(self) -> str:
        """What stands on the page, as it is laid out."""
        return self.tab.inner_text("main")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A page with everything on it behind the real front."""
    with Installation(tmp_path_factory.mktemp("site")) as installation:
        installation.shell(FURNISH)
        installation.start("web")
        yield installation


@pytest.fixture(scope="module")
def readers(site: Installation) -> Iterator[tuple[Reader, Reader]]:
    """One with scripts and one without."""
    with chromium() as browser:
        first, second = (
            browser.new_page(java_script_enabled=has_scripts, viewport=PHONE) for has_scripts in (True, False)
        )
        yield Reader(first, site.url), Reader(second, site.url)


def pages(site: Installation) -> list[str]:
    """The fullest published page of every HTML row of the site table."""
    store = Store(Path(site.environment["DATA_DIR"]) / "published")
    (code,) = store.codes()
    found = [each for each in store.page(code).documents() if each.media_type == HTML]
    fullest = []
    for row in DOCUMENTS:
        if row.media_type == HTML:
            like = re.compile(re.sub(r"\\{\w+\\}", r"[^/]+", re.escape(row.pattern)))
            mine = [each for each in found if like.fullmatch(each.path)]
            assert mine, row.pattern
            fullest.append(max(mine, key=lambda each: len(each.fresh.bodies["identity"])).path)
    return fullest


def test_every_page_is_free_of_violations_in_every_look_and_says_the_same_without_scripts(
    site: Installation, readers: tuple[Reader, Reader]
) -> None:
    reader, plain = readers
    found: list[str] = []
    for path in pages(site):
        reader.tab.set_viewport_size(PHONE)
        reader.tab.goto(site.url + path)
        plain.tab.goto(site.url + path)
        assert plain.words() == reader.words()
        for size, chosen in product((PHONE, DESKTOP), LOOKS):
            reader.tab.set_viewport_size(size)
            reader.tab.emulate_media(**LOOKS[chosen])
            found += [f"{chosen}, {size['width']}: {each}" for each in look(reader.tab)]
    assert found == []
    assert [*reader.complaints, *plain.complaints] == []
    assert [*reader.foreign, *plain.foreign] == []
