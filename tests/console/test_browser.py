"""The console in a real browser at phone width: the whole path without JavaScript, and axe on every screen."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now
from playwright.sync_api import Browser

from incidents.domain.components import ComponentStatus
from incidents.models import Event, Incident, RfoVersion
from tests.console.signing_in import sign_in
from tests.factories import make_component, make_group, make_incident, make_page, make_probe, whole_pdf
from tests.peers.browser import look

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def incident() -> Incident:
    for name in ("dana", "erin"):
        User.objects.create_superuser(name, f"{name}@sipcity.test", "a long password")
    page = make_page("SIPcity")
    network = make_component(page, "Network", group=make_group(page, "Calling Platform"))
    make_component(page, "Cloud PBX")
    make_probe(network, "tls", last_at=now())
    return make_incident(page, "Calls fail", components={network: ComponentStatus.MAJOR_OUTAGE}, at=now())


def approve(browser: Browser, url: str, rfo: str) -> None:
    """Somebody who did not write it agrees, on a phone of their own."""
    page = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()
    sign_in(page, url, name="erin")
    page.goto(rfo)
    page.click("text=Approve these words")
    assert "You have approved" in page.inner_text("main")


def test_from_login_to_published_rfo_without_javascript(
    browser: Browser, live_server: Any, incident: Incident, tmp_path: Path
) -> None:
    page = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()
    sign_in(page, live_server.url)
    page.click("article a.button:has-text('Post update')")
    page.check("[name=status][value=identified]", force=True)
    page.fill("[name=body]", "We have found the cause.")
    page.check("[name=next_update][value='15']", force=True)
    page.click("button:has-text('Post update')")
    assert "told in" in page.inner_text(".held")
    page.click("text=Undo")
    assert "Notifications cancelled" in page.inner_text("main")
    page.click("a.brand")
    page.click("text=Resolve")
    assert page.is_checked("[name=status][value=resolved]")
    assert page.is_hidden("[name=next_update][value='15'] + span")
    page.fill("[name=body]", "It is over.")
    page.click("button:has-text('Post update')")
    page.click("text=Write the RFO")
    page.fill("[name=body]", "One bad certificate.")
    document = tmp_path / "finding.pdf"
    document.write_bytes(whole_pdf(b"%PDF-1.7 finding"))
    page.set_input_files("[name=attachment]", document)
    page.click("text=Save and preview")
    assert page.is_hidden("text=Publish v1")
    page.click("text=Ask for a review")
    approve(browser, live_server.url, page.url)
    page.reload()
    page.click("text=Publish v1")
    assert "is published" in page.inner_text("main")
    incident.refresh_from_db()
    assert incident.status == "postmortem"
    assert RfoVersion.objects.get().attachments.get().name == "finding.pdf"
    assert Event.objects.filter(cancelled_at__isnull=False).count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_screen_is_free_of_axe_violations_and_fits_a_phone(
    browser: Browser, live_server: Any, incident: Incident, scheme: Any
) -> None:
    page = browser.new_context(viewport=PHONE, color_scheme=scheme).new_page()
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if "Content Security" in message.text else None,
    )
    url = live_server.url
    page.goto(f"{url}/accounts/login/")
    found = look(page)
    sign_in(page, url)
    found += look(page)
    code = incident.code
    paths = [
        f"/console/incidents/{code}",
        f"/console/incidents/{code}/rfo",
        f"/console/pages/{incident.page.code}/incidents/new",
        *("/help/", "/help/settings/", "/accounts/password/change/", "/accounts/logout/"),
    ]
    for path in paths:
        page.goto(url + path)
        found += look(page)
    page.goto(f"{url}/console/pages/{incident.page.code}/incidents/new")
    page.click("button:has-text('Post on the page')")
    found += look(page)
    assert found == []
    assert complaints == []
