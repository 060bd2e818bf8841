"""Going back in a real browser after something was sent: no screen of the console asks to send it again."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now
from playwright.sync_api import Browser, Page

from incidents.models import Draft, Incident
from tests.console.signing_in import sign_in
from tests.factories import make_component, make_incident, make_page

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def incident() -> Incident:
    User.objects.create_superuser("dana", "dana@sipcity.test", "a long password")
    page = make_page("SIPcity")
    make_component(page, "Fax")
    return make_incident(page, "Calls fail", at=now())


def desk(browser: Browser, url: str, path: str) -> Page:
    page = browser.new_context().new_page()
    sign_in(page, url, path)
    page.wait_for_url(f"**{path}")
    page.wait_for_load_state()
    return page


def test_back_after_review_and_publish_shows_a_page(
    browser: Browser, live_server: Any, incident: Incident
) -> None:
    page = desk(browser, live_server.url, f"/console/pages/{incident.page.code}/incidents/new")
    page.fill("[name=title]", "Faxes fail")
    page.fill("[name=body]", "Faxes fail. We are looking.")
    page.click("button[data-review]")
    page.wait_for_selector("h1:has-text('Review')")
    page.click("button:has-text('Publish')")
    page.wait_for_selector("h1:has-text('Faxes fail')")
    for _ in range(2):
        shown = page.go_back()
        assert shown
        assert shown.status == 200
    assert Incident.objects.filter(title="Faxes fail").count() == 1


def test_back_from_the_review_of_an_update_keeps_what_was_typed(
    browser: Browser, live_server: Any, incident: Incident
) -> None:
    page = desk(browser, live_server.url, f"/console/incidents/{incident.code}")
    page.fill("[name=body]", "We have found the cause.")
    page.click("button[data-review]")
    page.wait_for_selector("h1:has-text('Review')")
    assert page.reload().status == 200  # type: ignore[union-attr]
    page.go_back()
    assert page.input_value("[name=body]") == "We have found the cause."
    assert Draft.objects.count() == 1


def test_back_to_a_form_that_was_refused_shows_a_page(
    browser: Browser, live_server: Any, incident: Incident
) -> None:
    page = desk(browser, live_server.url, f"/console/incidents/{incident.code}")
    page.evaluate("document.querySelector('[name=body]').removeAttribute('required')")
    page.click("button[data-review]")
    page.wait_for_selector("text=Say at least one sentence")
    page.click("a.brand")
    page.wait_for_url("**/console/")
    shown = page.go_back()
    assert shown
    assert shown.status == 200
