"""Maintenance in a real browser: from plan to completed on a phone without JavaScript, and axe on every screen."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now
from playwright.sync_api import Browser

from incidents.domain.incidents import IncidentStatus
from incidents.domain.zones import in_zone
from incidents.models import Component, Incident, Maintenance
from incidents.operations.maintenances import advance_due, update_maintenance
from tests.console.signing_in import sign_in
from tests.factories import DEMO, make_component, make_group, make_maintenance, make_page, make_probe
from tests.peers.browser import look

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}
HOUR = timedelta(hours=1)


@pytest.fixture
def network() -> Component:
    User.objects.create_superuser("dana", "dana@sipcity.test", "a long password")
    page = make_page("SIPcity")
    network = make_component(page, "Network", group=make_group(page, "Calling Platform"))
    make_component(page, "Cloud PBX")
    make_probe(network, "tls", last_at=now())
    return network


def test_from_plan_to_completed_on_a_phone_without_javascript(
    browser: Browser, live_server: Any, network: Component
) -> None:
    page = browser.new_context(viewport=SIZES["phone"], java_script_enabled=False).new_page()  # type: ignore[arg-type]
    sign_in(page, live_server.url)
    page.click("text=Plan maintenance")
    page.fill("[name=title]", "Core switch")
    page.fill("[name=body]", "Calls may drop for a minute.")
    page.click("button:has-text('Plan it')")
    assert page.input_value("[name=title]") == "Core switch"
    zone = network.page.zone
    for field, hours in (("begins", 3), ("ends", 5)):
        page.fill(f"[name={field}]", in_zone(now() + hours * HOUR, zone).strftime("%Y-%m-%dT%H:%M"))
    page.check("label:has-text('Network') input")
    page.click("button:has-text('Plan it')")
    assert "told in" in page.inner_text(".held")
    page.click("text=Undo")
    assert "Notifications cancelled" in page.inner_text("main")
    Maintenance.objects.update(scheduled_for=now() - HOUR)
    assert advance_due(at=now()) == 1
    page.click("a.brand")
    page.click("text=Say more or extend")
    assert page.is_checked("[name=status][value=in_progress]")
    longer = in_zone(now() + 6 * HOUR, zone).strftime("%Y-%m-%dT%H:%M")
    page.fill("[name=ends]", longer)
    page.fill("[name=body]", "It takes an hour more.")
    page.click("button:has-text('Post update')")
    assert page.input_value("[name=ends]") == longer
    assert page.is_checked("[name=status][value=verifying]")
    page.check("[name=status][value=completed]", force=True)
    assert page.is_hidden("[name=ends]")
    page.fill("[name=body]", "All calls work.")
    page.click("button:has-text('Post update')")
    incident = Incident.objects.get()
    network.refresh_from_db()
    assert (incident.status, network.status) == ("completed", "operational")
    assert incident.updates.count() == 4


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_screen_of_it_is_free_of_axe_violations_and_fits(
    browser: Browser, live_server: Any, network: Component, scheme: Any, size: str
) -> None:
    at, where = now(), network.page
    soon = make_maintenance(where, "Edge routers", begins=at + 72 * HOUR, ends=at + 74 * HOUR, at=at)
    late = make_maintenance(
        where, "Billing", begins=at - HOUR, ends=at + HOUR, at=at - HOUR, starts_itself=False
    )
    going = make_maintenance(
        where, "Core switch", components=[network], begins=at - HOUR, ends=at + HOUR, at=at, hold=HOUR
    )
    over = make_maintenance(where, "Fans", begins=at - HOUR, ends=at + HOUR, at=at - HOUR)
    for each, status in ((going, IncidentStatus.IN_PROGRESS), (over, IncidentStatus.COMPLETED)):
        update_maintenance(each, status=status, body="As planned.", by=DEMO, at=at)
    page = browser.new_context(viewport=SIZES[size], color_scheme=scheme).new_page()  # type: ignore[arg-type]
    sign_in(page, live_server.url)
    found = look(page)
    plan = f"/console/pages/{where.code}/maintenances/new"
    for path in (*(f"/console/maintenances/{each.code}" for each in (soon, late, going, over)), plan):
        page.goto(live_server.url + path)
        for closed in page.query_selector_all("details:not([open], .menu)"):
            closed.evaluate("element => element.open = true")
        found += look(page)
    page.click("button:has-text('Plan it')")
    found += look(page)
    page.goto(f"{live_server.url}/console/maintenances/{going.code}")
    update_maintenance(going, status=IncidentStatus.VERIFYING, body="Almost.", by=DEMO, at=now())
    page.fill("[name=body]", "We look.")
    page.click("button:has-text('Post update')")
    assert "posted while you were writing" in page.inner_text("[role=alert]")
    found += look(page)
    assert found == []
