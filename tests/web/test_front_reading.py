"""Real readers in a real browser: axe finds nothing, 320 px is enough, and nothing needs a script."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.peers.installation import Installation
from tests.peers.programs import require

pytestmark = pytest.mark.slow

SET_UP = """
from datetime import UTC, datetime, timedelta
from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import Verdict
from incidents.models import StatusChange
from incidents.operations.actors import PROBES
from tests import factories
now = datetime.now(UTC)
page = factories.make_page("SIPcity")
group = factories.make_group(page, "SIPcity Calling Platform")
for number, status in enumerate(ComponentStatus):
    component = factories.make_component(page, f"Service {number}", group=group if number < 3 else None, status=status)
    StatusChange.objects.create(component=component, status="major_outage", at=now - timedelta(days=9))
    StatusChange.objects.create(component=component, status=status, at=now - timedelta(days=9, hours=-2))
    for transport, verdict in (("udp", Verdict.UP), ("tcp", Verdict.DEGRADED), ("tls", Verdict.DOWN)):
        factories.make_probe(component, transport, verdict=verdict, last_at=now - timedelta(hours=number))
over = factories.make_incident(page, "Degraded network, causing calling outage", components={component: status})
factories.resolve(over)
factories.make_rfo(over, files={"Report.pdf": b"%PDF-1.4 report"}, signatory_name="The Chief Executive")
factories.make_incident(
    page,
    "SIP over TLS is not answering " + "x" * 200,
    body="We see failures: https://status.example/" + "y" * 200 + "\\n\\nمرحبا بالعالم.",
    by=PROBES,
    at=now,
    next_update_by=now + timedelta(minutes=30),
)
print(over.code)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, str]]:
    folder: Path = tmp_path_factory.mktemp("site")
    with Installation(folder) as installation:
        code = installation.shell(SET_UP).split()[-1]
        (Path(installation.environment["DATA_DIR"]) / "published" / "heartbeat").touch()
        installation.start("web")
        yield installation, code


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = require("chromium", "chromium")
    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ]
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=program, args=quiet)


def opened(browser: Browser, url: str, **options: Any) -> Page:
    """A page that fails the test for any script error, refused resource or request to somebody else."""
    page = browser.new_context(**options).new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", lambda message: pytest.fail(message.text) if message.type == "error" else None)
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith(url.partition("/inc")[0][:21]) else pytest.fail(request.url)
        ),
    )
    page.goto(url)
    return page


PATHS = ["/", "/incidents/{code}", "/incidents/{code}/rfo", "/history", "/history/2021/10"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_no_violation(
    site: tuple[Installation, str], browser: Browser, path: str, scheme: Any, width: int
) -> None:
    installation, code = site
    page = opened(
        browser,
        installation.url + path.format(code=code),
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
    )
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    found = Axe().run(page, options=rules)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("path", PATHS)
def test_nothing_scrolls_sideways_at_320_pixels(
    site: tuple[Installation, str], browser: Browser, path: str
) -> None:
    installation, code = site
    page = opened(browser, installation.url + path.format(code=code), viewport={"width": 320, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_everything_is_there_without_a_script(site: tuple[Installation, str], browser: Browser) -> None:
    installation, code = site
    page = opened(browser, f"{installation.url}/incidents/{code}", java_script_enabled=False)
    page.get_by_label("Times are shown in").fill("Europe/London")
    page.get_by_role("button", name="Show").click()
    assert page.get_by_text("Posted Oct 08, 2021 - 22:22 BST").is_visible()
    page.get_by_role("link", name="Back to Australia/Sydney").click()
    assert page.get_by_text("Posted Oct 09, 2021 - 08:22 AEDT").is_visible()


def test_a_reader_may_choose_their_own_clock_and_go_back(
    site: tuple[Installation, str], browser: Browser
) -> None:
    installation, code = site
    page = opened(browser, f"{installation.url}/incidents/{code}", timezone_id="UTC")
    button = page.get_by_role("button", name="My time")
    button.click()
    assert page.get_by_text("Posted Oct 08, 2021 - 21:22 UTC").is_visible()
    assert button.get_attribute("aria-pressed") == "true"
    page.reload()
    assert page.get_by_text("Posted Oct 08, 2021 - 21:22 UTC").is_visible()
    page.get_by_role("button", name="My time").click()
    assert page.get_by_text("Posted Oct 09, 2021 - 08:22 AEDT").is_visible()


def test_the_page_refreshes_itself_and_keeps_what_the_reader_closed(
    site: tuple[Installation, str], browser: Browser
) -> None:
    installation, _ = site
    page = browser.new_context().new_page()
    page.clock.install()
    page.goto(installation.url)
    page.locator("summary").first.click()
    page.locator("body").click(position={"x": 2, "y": 2})
    page.evaluate("document.activeElement.blur()")
    installation.shell(
        "from incidents.models import Page\nfrom tests import factories\n"
        'factories.make_incident(Page.objects.get(), "Seen without reloading")'
    )
    page.clock.run_for(40_000)
    page.get_by_role("link", name="Seen without reloading").wait_for()
    assert page.locator("details").first.get_attribute("open") is None


def test_a_page_from_a_dead_server_grows_too_old_to_be_believed(
    site: tuple[Installation, str], browser: Browser
) -> None:
    installation, _ = site
    installation.shell(
        "from datetime import UTC, datetime\nfrom incidents.models import Page, Probe\n"
        "from incidents.publishing.publisher import publish_page\n"
        "Probe.objects.update(confirmed_at=datetime.now(UTC))\n"
        "publish_page(Page.objects.get().pk, everything=True)"
    )
    page = browser.new_context().new_page()
    page.clock.install()
    page.goto(installation.url)
    assert page.locator(".late").is_hidden()
    page.context.set_offline(True)
    page.clock.run_for(600_000)
    page.get_by_text("We have not been able to confirm current status since").wait_for()
