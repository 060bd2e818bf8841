"""What scripts add to a public page: single days of uptime, the reader's own theme and zone; and how it prints."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from tests.peers.browser import look
from tests.peers.installation import Installation
from tests.publishing.conftest import Opens
from tests.publishing.readers import Reader, path_of

pytestmark = pytest.mark.slow

SYDNEY = ZoneInfo("Australia/Sydney")
LIGHT, DARK = "rgb(255, 255, 255) rgb(22, 25, 29)", "rgb(15, 19, 24) rgb(232, 235, 239)"


def day(back: int) -> str:
    """A day of the page's zone as bars tell of it; `back` counts from today."""
    return f"{datetime.now(SYDNEY) - timedelta(days=back):%b %d, %Y}"


def tip(reader: Reader) -> str:
    """What the tooltip says; nothing while it is hidden."""
    return reader.tab.inner_text(".tip") if reader.tab.is_visible(".tip") else ""


def colours(reader: Reader) -> str:
    """What the page is written on, and with."""
    found = "(({ backgroundColor, color }) => `${backgroundColor} ${color}`)(getComputedStyle(document.body))"
    return str(reader.js(found))


@pytest.mark.parametrize("path", ["/", "/uptime"])
def test_each_row_of_bars_is_one_tab_stop_and_arrows_say_what_each_day_was_like(
    opens: Opens, path: str
) -> None:
    reader = opens(path)
    press = reader.tab.keyboard.press
    bars = reader.tab.locator(".bars[aria-label^='Cloud PBX']")
    assert reader.tab.locator(".bars[tabindex='0']").count() == 6
    assert reader.tab.locator(".bars [tabindex]").count() == 0
    reader.tab.focus(":is(.leaf, tr):has([aria-label^='Porting:']) a")
    while not bars.evaluate("each => each === document.activeElement"):
        press("Tab")
    today = "degraded performance for"
    assert tip(reader).startswith(f"{day(0)}: {today}")
    for _ in range(5):
        press("ArrowLeft")
    assert tip(reader) == f"{day(5)}: degraded performance for 2 h 20 min"
    assert reader.tab.inner_text("#say") == tip(reader)
    press("Home")
    assert tip(reader) == f"{day(89)}: operational"
    press("ArrowLeft")
    assert tip(reader) == f"{day(89)}: operational"
    press("ArrowRight")
    assert tip(reader) == f"{day(88)}: operational"
    press("End")
    assert tip(reader).startswith(f"{day(0)}: {today}")
    assert look(reader.tab) == []
    press("Escape")
    assert tip(reader) == ""
    press("ArrowLeft")
    assert tip(reader).startswith(day(1))
    press("Tab")
    assert tip(reader) == ""


def test_a_tooltip_follows_the_pointer_can_be_entered_and_goes_when_it_is_left(opens: Opens) -> None:
    reader = opens(viewport={"width": 1000, "height": 900})
    bars = reader.tab.locator(".bars[aria-label^='Network']")
    bars.scroll_into_view_if_needed()
    bars.hover(position={"x": 1, "y": 20})
    assert tip(reader) == f"{day(89)}: no data"
    reader.tab.hover(".tip")
    assert tip(reader) == f"{day(89)}: no data"
    bars.hover(position={"x": 1, "y": 20})
    reader.tab.keyboard.press("Escape")
    assert tip(reader) == ""
    box = bars.bounding_box()
    assert box
    bars.hover(position={"x": box["width"] - 2, "y": 20})
    assert tip(reader) == f"{day(0)}: operational"
    reader.tab.hover("h1")
    assert tip(reader) == ""
    bars.click(position={"x": box["width"] - 2, "y": 20})
    assert reader.tab.inner_text("#say") == f"{day(0)}: operational"


def test_a_mirrored_page_mirrors_its_bars_and_nothing_sticks_out(opens: Opens) -> None:
    reader = opens(viewport={"width": 320, "height": 800})
    reader.js("document.documentElement.dir = 'rtl'")
    assert reader.js("document.documentElement.scrollWidth <= innerWidth")
    bars = reader.tab.locator(".bars[aria-label^='Cloud PBX']")
    bars.click(position={"x": 1, "y": 20})
    assert tip(reader).startswith(f"{day(0)}: degraded")
    reader.tab.keyboard.press("ArrowLeft")
    assert tip(reader).startswith(day(0))
    reader.tab.keyboard.press("ArrowRight")
    assert tip(reader).startswith(day(1))


def test_a_chosen_theme_holds_from_before_the_first_paint_on(opens: Opens) -> None:
    reader = opens(color_scheme="light")
    assert (colours(reader), reader.tab.input_value(".theme select")) == (LIGHT, "")
    reader.tab.select_option(".theme select", "dark")
    assert colours(reader) == DARK
    reader.tab.add_init_script(
        "new MutationObserver(() => document.body && (window.first ??= document.documentElement.dataset.theme))"
        ".observe(document, { childList: true, subtree: true })"
    )
    for path in ("/history", "/subscriptions/"):
        reader.open(path)
        assert (colours(reader), reader.js("window.first")) == (DARK, "dark")
        assert reader.tab.get_attribute("[name=color-scheme]", "content") == "dark"
    reader.tab.select_option(".theme select", "")
    assert colours(reader) == LIGHT
    assert reader.tab.get_attribute("[name=color-scheme]", "content") == "light dark"


def test_without_scripts_the_system_chooses_the_theme_and_offers_nothing_that_needs_them(
    opens: Opens,
) -> None:
    reader = opens(java_script_enabled=False, color_scheme="dark")
    assert colours(reader) == DARK
    assert reader.tab.locator("select, [tabindex].bars, [aria-pressed]").count() == 0


def midnight_zone() -> str:
    """A zone in which the last hour of a day is running, so that what begins there ends on another day."""
    ahead = 23 - datetime.now(UTC).hour
    ahead -= 24 if ahead > 14 else 0
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC"


@pytest.mark.parametrize("zone_name", ["America/New_York", "America/Los_Angeles", midnight_zone()])
def test_my_time_prints_every_time_as_the_server_would_also_over_midnight(
    site: Installation, opens: Opens, zone_name: str
) -> None:
    paths = ("/", "/history", path_of(site, "Database of ported numbers moves"))
    reader = opens("/", timezone_id=zone_name, locale="en-US")
    reader.tab.click("text=My time")
    times = "[...document.querySelectorAll('main time')].map((each) => each.textContent)"
    titles = "[...document.querySelectorAll('main time')].map((each) => each.title)"
    for path in paths:
        reader.open(path)
        assert reader.tab.get_attribute("[aria-pressed]", "aria-pressed") == "true"
        assert reader.tab.input_value("#tz") == zone_name
        mine, both = reader.js(times), reader.js(titles)
        reader.open(f"{path}?tz={quote(zone_name)}")
        assert reader.js(times) == mine
        assert reader.js(titles) == both
        assert all(" AEDT (" in each or " AEST (" in each for each in both)


def test_a_zone_that_was_asked_for_is_not_overruled_by_my_time(opens: Opens) -> None:
    reader = opens("/", timezone_id="America/New_York", locale="en-US")
    reader.tab.click("text=My time")
    reader.tab.fill("#tz", "Europe/London")
    reader.tab.click("button:text-is('Show')")
    assert reader.tab.inner_text(".banner time").endswith((" GMT", " BST"))
    reader.tab.click("text=Back to Australia/Sydney")
    assert " AED" in reader.tab.inner_text(".banner time")


def test_groups_that_are_closed_on_the_screen_are_open_on_paper(opens: Opens) -> None:
    reader = opens(color_scheme="dark")
    reader.tab.click("summary:has-text('Calling Platform')")
    assert not reader.tab.is_visible("text=Inbound calls >> nth=0")
    reader.tab.emulate_media(media="print")
    assert colours(reader) == "rgb(255, 255, 255) rgb(0, 0, 0)"
    height = reader.js("document.querySelector('details .leaf').getBoundingClientRect().height")
    assert height > 20
    assert not reader.tab.is_visible(".bottom")
