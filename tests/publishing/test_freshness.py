"""`/api/freshness.json` says what is confirmed and when it was checked; Statuspage's documents stay as they are."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incidents.domain.hysteresis import Verdict
from incidents.models import Component, Page
from incidents.publishing.publisher import publish_page
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import folder_of, text_of
from tests.publishing.pages import rendered

NOW = BEGAN + timedelta(minutes=40)
PATH = "/api/freshness.json"


def freshness(page: Page) -> Any:
    return json.loads(rendered(page, PATH, at=NOW))


@pytest.fixture
def network(page: Page) -> Component:
    component = factories.make_component(page, "Network")
    factories.make_probe(component, "udp", last_at=NOW - timedelta(seconds=20))
    factories.make_probe(component, "tls", last_at=NOW - timedelta(seconds=5))
    return component


def test_what_checks_vouch_for_is_confirmed_with_the_time_of_the_newest_check(network: Component) -> None:
    found = freshness(network.page)
    assert found["confirmed"] is True
    assert datetime.fromisoformat(found["checked_at"]) == NOW - timedelta(seconds=5)
    assert found["components"] == [
        {
            "id": network.code,
            "name": "Network",
            "group_id": None,
            "confirmed": True,
            "checked_at": found["checked_at"],
            "unconfirmed_since": None,
            "reason": None,
        }
    ]


def test_a_component_without_a_check_is_unknown_and_so_is_the_page(network: Component) -> None:
    factories.make_component(network.page, "Voicemail")
    found = freshness(network.page)
    by_name = {each["name"]: (each["confirmed"], each["reason"]) for each in found["components"]}
    assert by_name == {"Network": (True, None), "Voicemail": (None, "no_check")}
    assert found["confirmed"] is None


def test_one_silent_component_makes_the_page_unconfirmed(network: Component) -> None:
    portal = factories.make_component(network.page, "Portal")
    factories.make_probe(portal, last_at=NOW - timedelta(hours=2))
    found = freshness(network.page)
    silent = next(each for each in found["components"] if each["name"] == "Portal")
    assert (silent["confirmed"], silent["reason"]) == (False, "checks_silent")
    assert datetime.fromisoformat(silent["unconfirmed_since"]) == NOW - timedelta(hours=2)
    assert found["confirmed"] is False


def test_a_check_that_never_ran_is_waited_for(page: Page) -> None:
    factories.make_probe(factories.make_component(page, "Network"), last_at=None)
    found = freshness(page)
    assert (found["confirmed"], found["checked_at"]) == (False, None)
    assert found["components"][0]["reason"] == "waiting_for_first_check"


def test_what_is_set_to_operational_while_a_check_fails_is_not_confirmed(page: Page) -> None:
    component = factories.make_component(page, "Registration")
    factories.make_probe(component, "udp", last_at=NOW)
    factories.make_probe(component, "tls", verdict=Verdict.DOWN, last_at=NOW)
    found = freshness(page)
    assert (found["confirmed"], found["components"][0]["reason"]) == (False, "checks_failing")


def test_a_page_without_components_is_unknown(page: Page) -> None:
    found = freshness(page)
    assert (found["confirmed"], found["checked_at"], found["components"]) == (None, None, [])


def test_it_has_a_rendering_for_when_monitoring_is_silent(page: Page) -> None:
    factories.make_probe(factories.make_component(page, "Network"), last_at=datetime.now(UTC))
    publish_page(page.pk)
    assert json.loads(text_of(page, PATH))["confirmed"] is True
    silent = json.loads(text_of(page, PATH, stale=True))
    assert silent["confirmed"] is False
    assert silent["components"][0]["reason"] == "checks_silent"


def test_statuspage_s_keys_stay_exactly_theirs(network: Component) -> None:
    publish_page(network.page_id)
    for bundle in folder_of(network.page).documents():
        if bundle.path.startswith("/api/v2/"):
            assert b"confirmed" not in bundle.fresh.bodies["identity"]
            assert bundle.stale is None
