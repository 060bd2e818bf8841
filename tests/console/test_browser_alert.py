"""From a probe's alert to published words, on a phone: the taps are counted."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now
from playwright.sync_api import Browser

from incidents.domain.components import ComponentStatus
from incidents.models import Component, Event, Incident
from incidents.models import Page as StatusPage
from incidents.monitoring.alerts import alert_due
from incidents.notifying.relay import relay_due
from incidents.operations.actors import DEMO
from incidents.operations.alerts import add_alert_address
from incidents.operations.holds import open_automatic
from incidents.publishing.publisher import publish_page
from tests.console.signing_in import sign_in
from tests.factories import make_component, make_page
from tests.peers.browser import look
from tests.peers.mail import MailSink, mail_sink
from tests.publishing.conftest import text_of

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def status_page() -> StatusPage:
    User.objects.create_superuser("dana", "dana@sipcity.test", "a long password")
    return make_page("SIPcity")


@pytest.fixture
def mail(live_server: Any, settings: Any) -> Iterator[MailSink]:
    """Alerts arrive here, and their links lead to the live server."""
    settings.SITE_URL = live_server.url
    with mail_sink() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        yield sink


def opened(page: StatusPage, component: Component) -> Incident:
    incident = open_automatic(
        page,
        title="Registrations over TLS are not answering",
        body="Registrations over TLS fail: the server ended the handshake.",
        components={component: ComponentStatus.PARTIAL_OUTAGE},
        at=now(),
    )
    assert incident
    return incident


@pytest.mark.parametrize("has_script", [True, False], ids=["with scripts", "without"])
def test_three_taps_lead_from_the_alert_to_published_words(
    browser: Browser, live_server: Any, status_page: StatusPage, mail: MailSink, has_script: bool
) -> None:
    add_alert_address(status_page, channel="email", address="noc@sipcity.test", by=DEMO, at=now())
    incident = opened(status_page, make_component(status_page, "Registration"))
    alert_due(at=now())
    relay_due(at=now())
    (message,) = mail.to("noc@sipcity.test")
    text = next(message.iter_parts()).get_content()
    link = re.search(r"Tell customers now:\s+(\S+)", text)
    assert link
    phone = browser.new_context(viewport=PHONE, java_script_enabled=has_script).new_page()
    sign_in(phone, live_server.url)

    began, taps = time.monotonic(), 1
    phone.goto(link[1])
    if has_script:
        assert look(phone) == []
    for name in ("Review", "Publish"):
        phone.get_by_role("button", name=name, exact=True).click()
        taps += 1
        if has_script and name == "Review":
            assert look(phone) == []
    seconds = time.monotonic() - began
    print(f"\nfrom the alert's link to published words: {taps} taps, {seconds:.1f} s")
    assert taps == 3
    incident.refresh_from_db()
    assert incident.taken_over_at is not None
    publish_page(status_page.pk)
    words = text_of(status_page, f"/incidents/{incident.code}")
    assert "We are investigating and will post another update by" in words
    assert "Next update by" in words
    event = Event.objects.filter(update=incident.updates.latest("pk")).latest("pk")
    assert event.hold_until > event.at


def test_a_session_that_has_ended_costs_a_sign_in_and_no_words(
    browser: Browser, live_server: Any, status_page: StatusPage
) -> None:
    incident = opened(status_page, make_component(status_page, "Registration"))
    phone = browser.new_context(viewport=PHONE)
    page = phone.new_page()
    sign_in(page, live_server.url, f"/console/incidents/{incident.code}?draft=alert")
    page.fill("[name=body]", "Words that took two minutes.")
    phone.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Post update").click()
    assert "What you typed is kept" in page.inner_text("main")
    page.fill("[name=login]", "dana")
    page.fill("[name=password]", "a long password")
    page.click("main button[type=submit]")
    assert "Words that took two minutes." in page.inner_text("main")
    assert look(page) == []
    page.get_by_role("button", name="Send it now").click()
    page.wait_for_url(f"**/console/incidents/{incident.code}**")
    assert incident.updates.latest("pk").body == "Words that took two minutes."
