"""Writing in a real browser: keys, a draft that keeps itself, who else writes, order by key and by mouse."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now
from playwright.sync_api import Browser, Page

from incidents.domain.components import ComponentStatus
from incidents.models import Component, Draft, Incident
from tests.console.signing_in import sign_in
from tests.factories import make_component, make_group, make_incident, make_page
from tests.peers.browser import look

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
DESK = {"width": 1280, "height": 900}


@pytest.fixture
def incident() -> Incident:
    for name in ("dana", "erin"):
        User.objects.create_superuser(name, f"{name}@sipcity.test", "a long password")
    page = make_page("SIPcity")
    network = make_component(page, "Network", group=make_group(page, "Calling Platform"))
    make_component(page, "Cloud PBX")
    make_component(page, "Fax")
    return make_incident(page, "Calls fail", components={network: ComponentStatus.MAJOR_OUTAGE}, at=now())


def desk(browser: Browser, url: str, path: str) -> Page:
    page = browser.new_context(viewport=DESK).new_page()  # type: ignore[arg-type]
    sign_in(page, url, path)
    page.wait_for_url(f"**{path}")
    page.wait_for_load_state()
    return page


def test_the_keyboard_alone_opens_an_incident(browser: Browser, live_server: Any, incident: Incident) -> None:
    page = desk(browser, live_server.url, "/console/maintenances")
    page.keyboard.press("?")
    assert page.is_visible("#keys")
    assert look(page) == []
    page.keyboard.press("Escape")
    page.wait_for_selector("#keys", state="hidden")
    page.keyboard.press("n")
    page.wait_for_url("**/incidents/new")
    page.fill("[name=title]", "Faxes fail")
    page.fill("[name=body]", "Faxes fail. We are looking: n, u and / are only letters here.")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("h1:has-text('Review')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/incidents/*")
    assert Incident.objects.filter(title="Faxes fail").exists()
    page.keyboard.press("u")
    assert page.evaluate("document.activeElement.name") == "body"


def test_the_list_of_keys_opens_and_closes_by_its_key_and_holds_the_others_back(
    browser: Browser, live_server: Any, incident: Incident
) -> None:
    page = desk(browser, live_server.url, "/console/maintenances")
    page.keyboard.press("?")
    assert page.evaluate("document.activeElement.id") == "letters"
    page.keyboard.press("n")
    assert page.is_visible("#keys")
    page.keyboard.press("?")
    page.wait_for_selector("#keys", state="hidden")
    assert page.url.endswith("/console/maintenances")


def test_a_letter_works_in_the_very_moment_in_which_the_list_closes(
    browser: Browser, live_server: Any, incident: Incident
) -> None:
    page = desk(browser, live_server.url, "/console/maintenances")
    page.keyboard.press("?")
    # A closed dialog keeps the focus on its tick until the next frame.
    page.evaluate(
        """() => {
            document.querySelector("#keys").close();
            document.querySelector("#letters").dispatchEvent(new KeyboardEvent("keydown", {key: "n", bubbles: true}));
        }"""
    )
    page.wait_for_url("**/incidents/new")


def test_single_letters_can_be_switched_off(browser: Browser, live_server: Any, incident: Incident) -> None:
    page = desk(browser, live_server.url, "/console/maintenances")
    page.keyboard.press("?")
    page.uncheck("#letters")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.wait_for_timeout(300)
    assert page.url.endswith("/console/maintenances")


def test_what_is_typed_keeps_itself_and_is_there_on_another_device(
    browser: Browser, live_server: Any, incident: Incident
) -> None:
    path = f"/console/incidents/{incident.code}"
    page = desk(browser, live_server.url, path)
    page.fill("[name=body]", "We have found")
    page.wait_for_selector("#kept:has-text('Draft kept')")
    assert Draft.objects.get().fields["body"] == ["We have found"]
    phone = desk(browser, live_server.url, path)
    assert phone.input_value("[name=body]") == "We have found"
    assert look(phone) == []


def test_a_colleague_who_writes_is_seen(browser: Browser, live_server: Any, incident: Incident) -> None:
    path = f"/console/incidents/{incident.code}"
    page = desk(browser, live_server.url, path)
    other = browser.new_context(viewport=DESK).new_page()  # type: ignore[arg-type]
    other.goto(f"{live_server.url}{path}")
    other.fill("[name=login]", "erin")
    other.fill("[name=password]", "a long password")
    other.click("main button[type=submit]")
    other.wait_for_url(f"**{path}")
    other.fill("[name=body]", "I am writing")
    other.evaluate("htmx.trigger('#others', 'look')")
    other.wait_for_timeout(500)
    page.evaluate("htmx.trigger('#others', 'look')")
    page.wait_for_selector("#others:has-text('erin is writing an update')")


def order() -> list[str]:
    return list(Component.objects.filter(group=None).order_by("position").values_list("name", flat=True))


def test_components_are_ordered_by_the_keyboard(
    browser: Browser, live_server: Any, incident: Incident
) -> None:
    page = desk(browser, live_server.url, f"/console/pages/{incident.page.code}/components")
    page.get_by_role("button", name="Fax up").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**moved=*")
    assert order() == ["Fax", "Cloud PBX"]
    assert page.evaluate("document.activeElement.innerText").strip().endswith("Fax up")
    assert look(page) == []


def test_components_are_ordered_by_dragging(browser: Browser, live_server: Any, incident: Incident) -> None:
    page = desk(browser, live_server.url, f"/console/pages/{incident.page.code}/components")
    fax, pbx = Component.objects.get(name="Fax"), Component.objects.get(name="Cloud PBX")
    page.drag_and_drop(
        f"#item-{fax.code} .order-name", f"#item-{pbx.code}", target_position={"x": 20, "y": 3}
    )
    page.wait_for_url("**moved=*")
    assert order() == ["Fax", "Cloud PBX"]
    group = incident.page.groups.get()
    page.drag_and_drop(
        f"#item-{fax.code} .order-name", f"#item-{group.code}", target_position={"x": 20, "y": 40}
    )
    page.wait_for_timeout(1000)
    fax.refresh_from_db()
    assert fax.group == group
