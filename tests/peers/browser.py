"""Chromium through playwright, and what axe finds on a page as it stands."""

from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, sync_playwright

from tests.peers.programs import require

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_LOOK = """(rules) => axe.run({ runOnly: { type: "tag", values: rules }, resultTypes: ["violations"] }).then(
  ({ violations }) => violations.map(({ id, nodes }) => `${id} ${nodes[0].target}`))"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    program = require("chromium", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


def look(page: Page) -> list[str]:
    """What axe finds on the page as it stands, and whether it must be scrolled sideways."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = [f"{page.url}: {each}" for each in page.evaluate(_LOOK, RULES)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{page.url}: wider than the screen")
    return found
