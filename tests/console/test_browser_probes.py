"""The screens of the probes in a real browser: set up without JavaScript on a phone, and axe on every screen."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now
from playwright.sync_api import Browser

from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import Verdict
from incidents.models import Component, Incident, Probe
from incidents.operations.holds import open_automatic
from tests.console.answering import answering
from tests.console.measured import make_hours, measure
from tests.console.signing_in import sign_in
from tests.factories import make_component, make_group, make_page, make_probe
from tests.peers.browser import look

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}
HOUR = timedelta(hours=1)


@pytest.fixture
def network() -> Component:
    User.objects.create_superuser("dana", "dana@sipcity.test", "a long password")
    page = make_page("SIPcity")
    return make_component(page, "Network", group=make_group(page, "Calling Platform"))


def fill(network: Component) -> Probe:
    """A page in trouble, with a probe in every state; the one that is down."""
    page = network.page
    other = make_component(page, "Cloud PBX")
    bad = measure(network, "tls", "o" * 40 + "iwwdd" + "f" * 15, verdict=Verdict.DOWN)
    make_hours(bad, 24)
    measure(network, "udp")
    measure(network, "tcp", "of" * 30, flapping_since=now() - HOUR)
    measure(other, "tls", "o" * 30 + "w" * 30)
    measure(other, "udp", "o" * 9, muted_until=now() + HOUR, announces=False)
    measure(other, "tcp", enabled=False)
    make_probe(other, "tcp", verdict=Verdict.UNKNOWN)
    return bad


def test_a_probe_is_set_up_tried_and_muted_on_a_phone_without_javascript(
    browser: Browser, live_server: Any, network: Component
) -> None:
    page = browser.new_context(viewport=SIZES["phone"], java_script_enabled=False).new_page()  # type: ignore[arg-type]
    sign_in(page, live_server.url)
    page.click("summary")
    page.click(".menu a:has-text('Probes')")
    page.click("a:has-text('Add a probe')")
    page.click("a:has-text('SIP OPTIONS')")
    with answering() as server:
        page.fill("[name=target]", server.target)
        page.click("button:has-text('Try once')")
        assert "200 OK" in page.inner_text(".tried")
        page.click("button:has-text('Add the probe')")
        assert "Nothing is saved" in page.inner_text("[role=alert]")
        page.select_option("[name=component]", label="Network")
        page.fill("[name=name]", "UDP from outside")
        page.click("button:has-text('Add the probe')")
    assert "It runs for the first time within a few seconds." in page.inner_text("main")
    page.click("summary:has-text('Mute')")
    page.click("button:has-text('4 hours')")
    assert "muted until" in page.inner_text(".verdict")
    page.click("button:has-text('Unmute')")
    page.click("button:has-text('Run now')")
    page.click("button:has-text('Switch off')")
    assert "off" in page.inner_text(".verdict")
    probe = Probe.objects.get()
    assert (probe.name, probe.enabled, probe.muted_until) == ("UDP from outside", False, None)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_screen_of_it_is_free_of_axe_violations_and_fits(
    browser: Browser, live_server: Any, network: Component, scheme: Any, size: str
) -> None:
    bad = fill(network)
    open_automatic(
        network.page,
        title="Network: SIP over TLS is not answering",
        body="Detected automatically.",
        components={network: ComponentStatus.PARTIAL_OUTAGE},
        at=now(),
    )
    page = browser.new_context(viewport=SIZES[size], color_scheme=scheme).new_page()  # type: ignore[arg-type]
    sign_in(page, live_server.url, "/console/probes")
    found = look(page)
    add = f"/console/pages/{network.page.code}/probes/new"
    paths = (
        "/console/probes?q=nothing",
        f"/console/probes/{bad.code}",
        f"/console/probes/{bad.code}/edit",
        add,
        f"{add}?kind=sip_register",
        "/console/",
        f"/console/incidents/{Incident.objects.get().code}",
    )
    for path in paths:
        page.goto(live_server.url + path)
        for closed in page.query_selector_all("details:not([open], .menu)"):
            closed.evaluate("element => element.open = true")
        found += look(page)
    page.goto(f"{live_server.url}{add}?kind=sip_options")
    page.fill("[name=target]", "not a target")
    page.click("button:has-text('Try once')")
    found += look(page)
    page.fill("[name=target]", "sip:127.0.0.1:9")
    page.click("button:has-text('Try once')")
    page.wait_for_selector(".tried")
    found += look(page)
    page.goto(f"{live_server.url}/console/probes/{bad.code}")
    page.click("summary:has-text('Mute')")
    page.click("button:has-text('Mute until then')")
    assert "Say until when." in page.inner_text("main")
    found += look(page)
    assert found == []


def test_pictures_hold_no_tab_stops_and_stand_in_line(
    browser: Browser, live_server: Any, network: Component
) -> None:
    fill(network)
    page = browser.new_context(viewport=SIZES["desktop"]).new_page()  # type: ignore[arg-type]
    sign_in(page, live_server.url, "/console/probes")
    edges = page.evaluate(
        "[...document.querySelectorAll('.strip, .probe .sparkline')].map((each) => {"
        " const { left, right } = each.getBoundingClientRect(); return `${left} ${right}`; })"
    )
    assert len(edges) == 14
    assert len(set(edges)) == 1
    assert page.evaluate("document.querySelectorAll('.probe-picture [tabindex]').length") == 0
    assert page.evaluate("document.querySelectorAll('[style]').length") == 0
