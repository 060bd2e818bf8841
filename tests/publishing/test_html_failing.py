"""A service that is said to be operational while its checks fail: after a person resolved too early, for example."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import Verdict
from incidents.models import Component, Page, Probe
from incidents.publishing.publisher import publish_due, publish_page
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import text_of
from tests.publishing.pages import rendered, words

NOW = BEGAN + timedelta(minutes=40)


def index(page: Page) -> str:
    return words(rendered(page, "/", at=NOW))


@pytest.fixture
def registration(page: Page) -> Component:
    component = factories.make_component(page, "Registration")
    factories.make_probe(component, "udp", last_at=NOW)
    factories.make_probe(component, "tls", verdict=Verdict.DOWN, last_at=NOW)
    return component


def test_a_service_whose_checks_fail_is_not_called_operational(registration: Component) -> None:
    text = index(registration.page)
    assert "Current Status Not Confirmed Some checks of Registration are failing at the moment." in text
    assert "TLS not working Checks failing" in text
    assert "All Systems Operational" not in text
    assert "Checked Oct 09, 2021 - 09:02 AEDT" in text


def test_only_what_fails_is_named_and_the_others_stay_operational(registration: Component) -> None:
    factories.make_component(registration.page, "Voicemail")
    text = index(registration.page)
    assert "Status Partly Unconfirmed Some checks of Registration are failing" in text
    assert "Voicemail Operational" in text


def test_so_it_is_after_a_person_resolved_while_probes_still_fail(registration: Component) -> None:
    outage = {registration: ComponentStatus.MAJOR_OUTAGE}
    incident = factories.make_incident(registration.page, components=outage)
    assert "Checks failing" not in index(registration.page)
    factories.resolve(incident, at=BEGAN + timedelta(minutes=30))
    assert "All Systems Operational" not in index(registration.page)
    assert "Checks failing" in index(registration.page)


def test_a_group_does_not_call_itself_operational_over_a_failing_service(page: Page) -> None:
    group = factories.make_group(page, "SIPcity Calling Platform")
    network = factories.make_component(page, "Network", group=group)
    factories.make_probe(network, verdict=Verdict.DOWN, last_at=NOW)
    assert "SIPcity Calling Platform Checks failing" in index(page)


def test_a_hidden_service_shows_while_its_checks_fail(registration: Component) -> None:
    registration.only_show_if_degraded = True
    registration.save()
    assert "Registration UDP working TLS not working Checks failing" in index(registration.page)


def test_a_failing_check_of_long_ago_is_not_confirmed_and_not_failing(page: Page) -> None:
    component = factories.make_component(page, "Network")
    factories.make_probe(component, verdict=Verdict.DOWN, last_at=NOW - timedelta(minutes=20))
    text = index(page)
    assert "Not confirmed since" in text
    assert "failing" not in text


def test_a_worse_state_is_said_in_its_own_words(registration: Component) -> None:
    outage = {registration: ComponentStatus.PARTIAL_OUTAGE}
    factories.make_incident(registration.page, components=outage)
    text = index(registration.page)
    assert "Registration UDP working TLS not working Partial outage" in text
    assert "failing at the moment" not in text


def test_json_keeps_the_stored_state_while_checks_fail(registration: Component) -> None:
    publish_page(registration.page_id)
    summary = json.loads(text_of(registration.page, "/api/v2/summary.json"))
    assert summary["components"][0]["status"] == "operational"


def test_the_silent_rendering_names_no_failing_checks(page: Page) -> None:
    component = factories.make_component(page, "Network")
    factories.make_probe(component, verdict=Verdict.DOWN, last_at=datetime.now(UTC))
    publish_page(page.pk)
    assert "Checks failing" in text_of(page, "/")
    assert "Checks failing" not in text_of(page, "/", stale=True)
    assert "Current Status Not Confirmed" in text_of(page, "/", stale=True)


def test_checks_that_begin_to_fail_are_published_by_the_next_sweep_and_only_once(page: Page) -> None:
    now = datetime.now(UTC)
    probe = factories.make_probe(factories.make_component(page, "Network"), last_at=now)
    publish_page(page.pk)
    Probe.objects.filter(pk=probe.pk).update(verdict=Verdict.DOWN)
    assert publish_due(at=now + timedelta(seconds=5)) == 1
    assert "Checks failing" in text_of(page, "/")
    assert publish_due(at=now + timedelta(seconds=10)) == 0
