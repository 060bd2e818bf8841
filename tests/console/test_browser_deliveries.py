"""Deliveries and subscribers in a real browser: a file brought in without JavaScript, and axe on every screen."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now
from playwright.sync_api import Browser

from incidents.domain.components import ComponentStatus
from incidents.models import Event, Page, Subscriber
from incidents.operations.deliveries import claim, settle
from incidents.operations.endpoints import disable_subscription, suppress
from incidents.operations.tokens import Purpose, make_token
from tests.console.signing_in import sign_in
from tests.console.test_deliveries_log import told
from tests.factories import make_component, make_incident, make_page
from tests.notifying.people import hook_reader, mail_reader
from tests.peers.browser import look

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}


@pytest.fixture
def page() -> Page:
    User.objects.create_superuser("dana", "dana@sipcity.test", "a long password")
    return make_page("SIPcity")


def test_a_roster_is_brought_in_and_a_person_erased_on_a_phone_without_javascript(
    browser: Browser, live_server: Any, page: Page, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email\nada@example.com\nno address\n")
    screen = browser.new_context(viewport=SIZES["phone"], java_script_enabled=False).new_page()  # type: ignore[arg-type]
    sign_in(screen, live_server.url)
    screen.goto(f"{live_server.url}/console/subscribers")
    screen.click("text=import")
    screen.set_input_files("[name=file]", file)
    screen.check("[name=vouched]")
    screen.click("button:has-text('Import')")
    assert "Nothing was imported" in screen.inner_text("[role=status]")
    screen.set_input_files("[name=file]", file)
    screen.check("[name=vouched]")
    screen.check("[name=accept_loss]")
    screen.click("button:has-text('Import')")
    assert "1 added" in screen.inner_text("[role=status]")
    assert "Line 3:" in screen.inner_text("[role=status]")
    screen.goto(f"{live_server.url}/console/subscribers/person")
    screen.fill("[name=address]", "ada@example.com")
    screen.click("button:has-text('Find')")
    screen.fill("[name=again]", "ada@example.com")
    screen.click("button:has-text('Erase')")
    assert "Erased: 1 subscription" in screen.inner_text("main")
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_screen_of_it_is_free_of_axe_violations_and_fits(
    browser: Browser, live_server: Any, page: Page, scheme: Any, size: str
) -> None:
    network = make_component(page, "Network")
    event, mail, hook = told(page)
    make_incident(page, "Faxes fail", components={network: ComponentStatus.MAJOR_OUTAGE}, at=now())
    suppress("ada@example.com", why="550 5.1.1 no such user", at=now())
    gone = hook_reader(
        page, "https://hooks.example.com/a/rather/long/address/that/has/to/be/broken/somewhere"
    )
    disable_subscription(gone, why="410 Gone", at=now())
    assert claim("webhook", at=now(), limit=1) == []
    settle([], at=now())
    screen = browser.new_context(viewport=SIZES[size], color_scheme=scheme).new_page()  # type: ignore[arg-type]
    sign_in(screen, live_server.url)
    found: list[str] = []
    for path in (
        "deliveries",
        f"events/{event.pk}/deliveries",
        f"events/{event.pk}/deliveries?state=failed&q=hooks",
        f"incidents/{Event.objects.filter(pk=event.pk).values_list('incident__code', flat=True)[0]}",
        "subscribers",
        *(f"subscribers/{each.code}" for each in (mail.subscriber, hook.subscriber, gone)),
        "subscribers/person?address=ops@example.com",
        "subscribers/suppressed",
        f"pages/{page.code}/subscribers/import",
    ):
        screen.goto(f"{live_server.url}/console/{path}")
        for closed in screen.query_selector_all("details:not([open], .menu)"):
            closed.evaluate("element => element.open = true")
        found += look(screen)
    assert found == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_a_receivers_owner_is_free_of_axe_violations_and_fits(
    browser: Browser, live_server: Any, page: Page, scheme: Any
) -> None:
    incident = make_incident(page, "Calls fail")
    hook, ada = hook_reader(page, "https://hooks.example.com/a"), mail_reader(page)
    screen = browser.new_context(viewport=SIZES["phone"], color_scheme=scheme).new_page()  # type: ignore[arg-type]
    manage = {
        each: f"/subscriptions/manage/{make_token(each, Purpose.MANAGE, at=datetime.now(UTC))}"
        for each in (hook, ada)
    }
    found: list[str] = []
    for path in (
        *(f"/subscriptions/?channel={name}" for name in ("email", "webhook", "slack", "teams")),
        f"/subscriptions/?incident={incident.code}",
        *manage.values(),
    ):
        screen.goto(live_server.url + path)
        found += look(screen)
    screen.goto(live_server.url + manage[hook])
    screen.click("button:has-text('Send a message')")
    found += look(screen)
    screen.click("button:has-text('Replace the signing secret')")
    assert "whsec_" in screen.inner_text("pre")
    found += look(screen)
    disable_subscription(hook, why="410 Gone", at=now())
    screen.goto(live_server.url + manage[hook])
    found += look(screen)
    screen.click("button:has-text('Resume')")
    assert "active again" in screen.inner_text("main")
    assert found == []
