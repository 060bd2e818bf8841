"""One outage on two pages, in a real browser at phone width: the path without JavaScript, and axe on every screen."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now
from playwright.sync_api import Browser

from incidents.domain.components import ComponentStatus
from incidents.models import Incident
from tests.console.signing_in import sign_in
from tests.factories import make_component, make_group, make_incident, make_page
from tests.peers.browser import look

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def incident() -> Incident:
    User.objects.create_superuser("dana", "dana@sipcity.test", "a long password")
    page = make_page("SIPcity")
    network = make_component(page, "Network", group=make_group(page, "Calling Platform"))
    talk = make_page("2talk", zone="Pacific/Auckland")
    make_component(talk, "Trunks")
    return make_incident(
        page,
        "Calls to New Zealand fail",
        body="We are looking into failed calls to New Zealand.",
        components={network: ComponentStatus.PARTIAL_OUTAGE},
        at=now(),
    )


def test_told_on_a_second_page_and_spoken_of_on_both_without_javascript(
    browser: Browser, live_server: Any, incident: Incident
) -> None:
    page = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()
    sign_in(page, live_server.url, f"/console/incidents/{incident.code}")
    page.click("text=Also tell on 2talk")
    assert page.input_value("[name=body]") == "We are looking into failed calls to New Zealand."
    page.fill("[name=title]", "Calls to Australia fail")
    page.fill("[name=body]", "We are looking into failed calls to Australia.")
    page.select_option("select", "major_outage")
    page.click("button:has-text('Post on the page')")
    twin = Incident.objects.get(twin_of=incident)
    page.click("a:has-text('SIPcity')")
    page.fill("[name=body]", "A cable under the Tasman Sea is cut.")
    assert page.is_hidden(f"[name=twin-{twin.code}]")
    page.click("summary:has-text('Also on 2talk')")
    page.check(f"[name=twin-{twin.code}]")
    page.fill(f"[name=twin-{twin.code}-words]", "The cable to Australia is cut.")
    page.click("button:has-text('Post update')")
    assert "Your words are on SIPcity and 2talk." in page.inner_text("main")
    assert page.locator("text=Undo").count() == 3
    assert [each.updates.last().body for each in (incident, twin)] == [
        "A cable under the Tasman Sea is cut.",
        "The cable to Australia is cut.",
    ]
    page.click("a.brand")
    assert "also on 2talk" in page.inner_text("main")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_screen_of_it_is_free_of_axe_violations_and_fits_a_phone(
    browser: Browser, live_server: Any, incident: Incident, scheme: Any
) -> None:
    page = browser.new_context(viewport=PHONE, color_scheme=scheme).new_page()
    url = live_server.url
    sign_in(page, url, f"/console/incidents/{incident.code}")
    found = look(page)
    page.click("text=Also tell on 2talk")
    found += look(page)
    page.fill("[name=title]", "")
    page.click("button:has-text('Post on the page')")
    found += look(page)
    page.fill("[name=title]", "Calls to Australia fail")
    page.click("button:has-text('Post on the page')")
    found += look(page)
    twin = Incident.objects.get(twin_of=incident)
    page.goto(f"{url}/console/incidents/{incident.code}")
    page.click("summary:has-text('Also on 2talk')")
    found += look(page)
    page.fill(f"[name=twin-{twin.code}-words]", "Words without their tick.")
    page.fill("[name=body]", "Words.")
    page.click("button:has-text('Post update')")
    assert "Tick that it is said on 2talk" in page.inner_text("main")
    found += look(page)
    page.goto(f"{url}/console/")
    found += look(page)
    assert found == []
