"""An open page keeps itself current, and moves nobody: place, groups, focus, selection and tooltip stay as they are."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.peers.installation import Installation
from tests.publishing.conftest import Opens
from tests.publishing.readers import Reader, path_of, say

pytestmark = pytest.mark.slow

OUTAGE = "SIP registration failing over TLS"
RETURN = "document.dispatchEvent(new Event('visibilitychange'))"
HIDE = "(is) => Object.defineProperty(document, 'hidden', { configurable: true, get: () => is })"
WATCH = """window.changes = 0; new MutationObserver((each) => { window.changes += each.length; }).observe(
  document.querySelector("main"), { subtree: true, childList: true, attributes: true, characterData: true })"""
TOP = "(it) => Math.round(it.getBoundingClientRect().top)"


def refresh(reader: Reader) -> None:
    """Come back to the page, which asks at once, and wait until it has been changed."""
    with reader.tab.expect_response(lambda answer: answer.request.resource_type == "fetch"):
        reader.js(RETURN)
    reader.js("new Promise((done) => setTimeout(done, 200))")


def test_what_is_published_appears_without_moving_the_reader(site: Installation, opens: Opens) -> None:
    reader = opens(viewport={"width": 1000, "height": 700})
    tab = reader.tab
    tab.click("summary:has-text('Numbers')")
    bars = tab.locator(".bars[aria-label^='Cloud PBX']")
    bars.scroll_into_view_if_needed()
    tab.focus(".leaf:has-text('Inbound calls') a")
    while not bars.evaluate("(it) => it === document.activeElement"):
        tab.keyboard.press("Tab")
    tab.keyboard.press("ArrowLeft")
    tab.evaluate("getSelection().selectAllChildren(document.querySelector('.legend'))")
    before = (bars.evaluate(TOP), tab.inner_text(".tip"), tab.locator(".tip").evaluate(TOP))
    selected = reader.js("String(getSelection())")
    assert reader.js("scrollY") > 300

    say(site, OUTAGE, "identified", "One more line.\n\nAnd another.\n\nAnd a third one.")
    refresh(reader)

    assert "And a third one." in reader.words()
    assert (bars.evaluate(TOP), tab.inner_text(".tip"), tab.locator(".tip").evaluate(TOP)) == before
    assert bars.evaluate("(it) => it === document.activeElement")
    assert reader.js("String(getSelection())") == selected
    assert tab.locator("details").evaluate_all("(all) => all.map((it) => it.open)") == [True, False]
    assert tab.inner_text("#say") == f"{OUTAGE}: Update"


def test_an_unchanged_page_is_left_alone_also_in_the_readers_own_zone(opens: Opens) -> None:
    reader = opens(timezone_id="America/New_York", locale="en-US")
    reader.tab.click("text=My time")
    reader.js(WATCH)
    refresh(reader)
    refresh(reader)
    assert reader.tab.inner_text("#say") == ""
    assert reader.js("window.changes") == 0
    last = [each for each in reader.asked if each.resource_type == "fetch"][-1]
    assert last.all_headers().get("if-none-match")


def test_the_state_is_announced_and_worn_by_title_and_icon(site: Installation, opens: Opens) -> None:
    reader, page = opens(), path_of(site, OUTAGE)
    about_it = opens(page)
    reader.tab.focus(f"main h3 [href='{page}']")
    assert reader.tab.title().startswith("Major outage")

    say(site, OUTAGE, "resolved", "Registrations over TLS are back.")
    refresh(reader)
    refresh(about_it)

    assert reader.tab.title().startswith("Status Partly Unconfirmed")
    assert "unknown.svg" in str(reader.tab.get_attribute("[rel=icon]", "href"))
    said = reader.tab.inner_text("#say")
    assert said == f"Status Partly Unconfirmed. {OUTAGE}: Resolved"
    assert reader.js("document.activeElement.getAttribute('href')") == page
    assert "Registrations over TLS are back." in about_it.words()
    assert about_it.tab.inner_text("#say") == f"{OUTAGE}: Resolved"
    assert not about_it.js("'live' in document.querySelector('main').dataset")


@pytest.fixture
def slow(opens: Opens) -> Iterator[Reader]:
    """A reader whose clock only moves when we say so."""
    reader = opens("/history")
    reader.tab.clock.install()
    reader.open("/")
    reader.asked.clear()
    yield reader


def asked_within(reader: Reader, seconds: float) -> int:
    """How often the page asks while so much time passes."""
    before = len(reader.asked)
    for _ in range(int(seconds)):
        reader.tab.clock.run_for(1000)
    settle(reader.tab)
    return sum(each.resource_type == "fetch" for each in reader.asked[before:])


def settle(tab: Page) -> None:
    """Let answers that are under way arrive."""
    tab.wait_for_load_state("networkidle")


def test_it_asks_every_half_minute_not_while_hidden_and_at_once_on_return(slow: Reader) -> None:
    assert asked_within(slow, 20) == 0
    assert asked_within(slow, 20) == 1
    slow.js(HIDE, True)
    slow.js(RETURN)
    assert asked_within(slow, 600) == 0
    slow.js(HIDE, False)
    slow.js(RETURN)
    assert asked_within(slow, 1) == 1


def test_it_asks_ever_less_often_while_nobody_answers_up_to_five_minutes(slow: Reader) -> None:
    slow.tab.route("**/", lambda route: route.fulfill(status=503, body=""))
    assert asked_within(slow, 345) == 3
    assert 4 <= asked_within(slow, 1380) <= 6
    slow.complaints.clear()
    slow.tab.unroute("**/")
    slow.js(RETURN)
    asked_within(slow, 2)
    assert asked_within(slow, 40) == 1
