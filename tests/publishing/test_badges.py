"""Badges of a page and of its services: what is known now, and never green without proof."""

from datetime import UTC, datetime, timedelta
from xml.dom import minidom

import pytest

from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import Verdict
from incidents.models import Component, Page
from incidents.publishing.publisher import publish_due, publish_page
from tests import factories
from tests.publishing.conftest import folder_of, text_of


def words_of(svg: str) -> str:
    return minidom.parseString(svg).documentElement.getAttribute("aria-label")  # type: ignore[union-attr]


@pytest.fixture
def network(page: Page) -> Component:
    return factories.make_component(page, "Network")


def test_the_page_s_badge_says_its_state_in_the_words_of_the_banner(network: Component) -> None:
    publish_page(network.page_id)
    assert words_of(text_of(network.page, "/badge.svg")) == "SIPcity Status: All Systems Operational"
    factories.make_incident(network.page, components={network: ComponentStatus.MAJOR_OUTAGE})
    publish_page(network.page_id)
    assert words_of(text_of(network.page, "/badge.svg")) == "SIPcity Status: Major outage"


def test_every_service_has_a_badge_also_one_without_a_shown_past(network: Component) -> None:
    Component.objects.filter(pk=network.pk).update(showcase=False)
    publish_page(network.page_id)
    assert words_of(text_of(network.page, f"/badge/{network.code}.svg")) == "Network: Operational"


def test_only_the_badge_of_the_service_that_changed_is_written_anew(network: Component) -> None:
    page = network.page
    other = factories.make_component(page, "Voicemail")
    publish_page(page.pk, everything=True)
    files = [folder_of(page).file_of(f"/badge/{each.code}.svg") for each in (network, other)]
    before = [file.stat().st_mtime_ns for file in files]
    factories.make_incident(page, components={network: ComponentStatus.PARTIAL_OUTAGE})
    publish_page(page.pk)
    after = [file.stat().st_mtime_ns for file in files]
    assert after[0] > before[0]
    assert after[1] == before[1]
    assert words_of(text_of(page, f"/badge/{network.code}.svg")) == "Network: Partial outage"


def test_a_badge_has_a_second_rendering_for_when_monitoring_is_silent(network: Component) -> None:
    factories.make_probe(network, last_at=datetime.now(UTC))
    publish_page(network.page_id)
    stale = words_of(text_of(network.page, f"/badge/{network.code}.svg", stale=True))
    assert stale == "Network: Not confirmed"
    assert "Not Confirmed" in words_of(text_of(network.page, "/badge.svg", stale=True))


def test_a_probe_gone_silent_turns_the_badge_at_the_next_sweep(network: Component) -> None:
    now = datetime.now(UTC)
    factories.make_probe(network, last_at=now)
    publish_page(network.page_id)
    assert words_of(text_of(network.page, f"/badge/{network.code}.svg")) == "Network: Operational"
    publish_due(at=now + timedelta(minutes=20))
    assert words_of(text_of(network.page, f"/badge/{network.code}.svg")) == "Network: Not confirmed"


def test_a_badge_is_not_green_while_a_check_fails(network: Component) -> None:
    factories.make_probe(network, verdict=Verdict.DOWN, last_at=datetime.now(UTC))
    publish_page(network.page_id)
    assert words_of(text_of(network.page, f"/badge/{network.code}.svg")) == "Network: Checks failing"


def test_hostile_names_break_no_badge(network: Component) -> None:
    evil = '"><script>alert(1)</script>\x07\u202e' + "ß" * 220
    Component.objects.filter(pk=network.pk).update(name=evil)
    Page.objects.filter(pk=network.page_id).update(name=evil)
    publish_page(network.page_id, everything=True)
    for path in ("/badge.svg", f"/badge/{network.code}.svg"):
        assert words_of(text_of(network.page, path)).startswith('"><script>alert(1)</script>ß')
