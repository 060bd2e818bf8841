"""A passkey in a real browser: made at the first sign-in, and one touch at the next."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from playwright.sync_api import Browser

from tests.console.signing_in import sign_in
from tests.factories import make_page
from tests.peers.browser import look

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_is_made_once_and_then_one_touch_signs_in(
    browser: Browser, live_server: Any, settings: Any
) -> None:
    settings.SITE_URL = live_server.url
    settings.STAFF_MFA_REQUIRED = True
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    cache.clear()
    User.objects.create_superuser("dana", "dana@sipcity.test", "a long password")
    make_page("SIPcity")
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})

    sign_in(page, live_server.url)
    assert page.url.endswith("/accounts/2fa/")
    assert look(page) == []
    page.click("text=Add a passkey")
    assert look(page) == []
    page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/**")
    assert look(page) == []
    page.goto(f"{live_server.url}/console/")
    assert "Nothing is on fire" in page.inner_text("h1")

    context.clear_cookies()
    page.goto(f"{live_server.url}/console/")
    page.click("#passkey_login")
    page.wait_for_url(f"{live_server.url}/console/")
    assert "Nothing is on fire" in page.inner_text("h1")
    cache.clear()
