"""The index: its order, its words, and what it says when nobody can be sure."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import Verdict
from incidents.domain.outcomes import Outcome
from incidents.models import Component, Incident, Page, Probe
from incidents.publishing.publisher import publish_page
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import text_of
from tests.publishing.pages import lines, rendered, words

NOW = BEGAN + timedelta(minutes=40)


def index(page: Page, *, at: datetime = NOW) -> str:
    return rendered(page, "/", at=at)


@pytest.mark.parametrize(
    ("statuses", "heading"),
    [
        ([ComponentStatus.OPERATIONAL, ComponentStatus.OPERATIONAL], "All Systems Operational"),
        ([ComponentStatus.MAJOR_OUTAGE, ComponentStatus.MAJOR_OUTAGE], "Major outage"),
        ([ComponentStatus.MAJOR_OUTAGE, ComponentStatus.OPERATIONAL], "Major outage"),
        ([ComponentStatus.PARTIAL_OUTAGE, ComponentStatus.OPERATIONAL], "Partial outage"),
        ([ComponentStatus.DEGRADED_PERFORMANCE] * 2, "Degraded performance"),
        ([ComponentStatus.DEGRADED_PERFORMANCE, ComponentStatus.OPERATIONAL], "Degraded performance"),
        ([ComponentStatus.UNDER_MAINTENANCE, ComponentStatus.OPERATIONAL], "Under maintenance"),
    ],
)
def test_the_banner_is_heading_and_title_in_the_words_of_services(
    page: Page, statuses: list[ComponentStatus], heading: str
) -> None:
    for status in statuses:
        factories.make_component(page, status=status)
    document = index(page)
    assert f"<title>{heading} – SIPcity Status</title>" in document
    assert re.findall(r"<h1[^>]*>([^<]+)</h1>", document) == [heading]


def test_the_parts_come_in_their_order(outage: Incident) -> None:
    factories.make_incident(outage.page, "Trunks down", at=BEGAN + timedelta(days=21))
    found = lines(index(outage.page, at=BEGAN + timedelta(days=21, hours=1)))
    order = [
        "Skip to content",
        "Subscribe to updates",
        "Active Incident",
        "Active incident",
        "Trunks down",
        "Services",
    ]
    order += [
        "SIPcity Calling Platform",
        "Network",
        "SIPcity Cloud PBX",
        "Past incidents",
        "Incident history",
    ]
    assert [line for line in found if line in order][: len(order)] == order


def test_an_open_incident_shows_in_full_above_the_services(page: Page) -> None:
    incident = factories.make_incident(page, "TLS is down", next_update_by=BEGAN + timedelta(hours=2))
    factories.make_update(
        incident,
        "A certificate is malformed.",
        at=BEGAN + timedelta(minutes=20),
        next_update_by=NOW + timedelta(minutes=20),
    )
    text = words(index(page))
    assert "Next update by 09:22 AEDT" in text
    assert (
        text.index("A certificate is malformed.")
        < text.index("We are investigating failed calls.")
        < text.index("Services")
    )


def test_no_incident_without_components_is_called_all_operational(page: Page) -> None:
    factories.make_component(page)
    factories.make_incident(page)
    assert "All Systems Operational" not in index(page)
    assert '<h1 id="state">Active Incident</h1>' in index(page)


def test_fifteen_days_are_listed_each_with_its_words(outage: Incident) -> None:
    found = lines(index(outage.page, at=datetime(2021, 10, 12, 3, 0, tzinfo=UTC)))
    days = [line for line in found if re.fullmatch(r"(Sep|Oct) \d\d, 2021", line)]
    assert days[0] == "Oct 12, 2021"
    assert len(days) == 15
    assert found[found.index("Oct 12, 2021") + 1] == "No incidents reported today."
    assert found[found.index("Oct 11, 2021") + 1] == "No incidents reported."
    assert found[found.index("Oct 09, 2021") + 1] == "Degraded network, causing calling outage"


def test_a_long_incident_that_began_before_the_days_is_listed_where_it_ended(page: Page) -> None:
    incident = factories.make_incident(page, "A long one", at=BEGAN - timedelta(days=40))
    factories.resolve(incident, at=BEGAN)
    found = lines(index(page, at=BEGAN + timedelta(days=2)))
    assert found[found.index("Oct 09, 2021") + 1] == "A long one"


def test_a_day_with_an_open_incident_is_not_called_free_of_incidents(page: Page) -> None:
    factories.make_incident(page)
    assert "The active incident above began on this day." in words(index(page))
    assert "No incidents reported today." not in index(page)


def test_an_rfo_is_announced_on_the_index_and_read_on_its_page(outage: Incident) -> None:
    text = words(index(outage.page, at=BEGAN + timedelta(days=5)))
    assert "The reason for this outage is published: RFO-2021-0001 ." in text
    assert "One malformed certificate." not in text


@pytest.fixture
def registration(page: Page) -> Component:
    return factories.make_component(page, "Registration")


def test_each_transport_shows_apart_what_still_works(registration: Component) -> None:
    factories.make_probe(registration, "udp", last_at=NOW)
    tls = factories.make_probe(registration, "tls", verdict=Verdict.DOWN, last_at=NOW)
    Probe.objects.filter(pk=tls.pk).update(confirmed_outcome=Outcome.TLS_HANDSHAKE)
    document = index(registration.page)
    assert "UDP working" in words(document)
    assert "TLS not working" in words(document)
    assert '<li class="operational"><svg class="mark operational"' in document
    assert '<li class="major_outage" title="TLS handshake fails"><svg class="mark major_outage"' in document


def test_a_probe_gone_silent_shows_as_not_confirmed_and_never_as_operational(registration: Component) -> None:
    factories.make_probe(registration, last_at=NOW - timedelta(minutes=20))
    text = words(index(registration.page))
    assert "Current Status Not Confirmed" in text
    assert "We have not been able to confirm current status since 08:42 AEDT ." in text
    assert "Not confirmed since 08:42 AEDT" in text
    assert "All Systems Operational" not in text


def test_one_silent_service_of_two_is_named(registration: Component) -> None:
    factories.make_component(registration.page, "Voicemail")
    factories.make_probe(registration, last_at=NOW - timedelta(minutes=20))
    text = words(index(registration.page))
    assert "Status Partly Unconfirmed" in text
    assert "We have not been able to confirm the status of Registration since 08:42 AEDT ." in text
    assert "Voicemail Operational" in text


def test_a_service_whose_checks_never_reported_is_waited_for(registration: Component) -> None:
    factories.make_probe(registration, "udp", verdict=Verdict.UNKNOWN)
    factories.make_probe(factories.make_component(registration.page, "Network"), verdict=Verdict.UNKNOWN)
    text = words(index(registration.page))
    assert "Current Status Not Confirmed Waiting for the first check of Registration and Network ." in text
    assert "Registration UDP not confirmed Waiting for the first check" in text
    assert "since" not in text


def test_a_known_outage_stays_known_while_nobody_looks(registration: Component) -> None:
    factories.make_incident(registration.page, components={registration: ComponentStatus.MAJOR_OUTAGE})
    factories.make_probe(registration, verdict=Verdict.DOWN, last_at=NOW - timedelta(minutes=20))
    text = words(index(registration.page))
    assert "Major outage" in text.partition("Services")[0]
    assert "Last known: Major outage" in text


def test_the_silent_rendering_says_so_and_the_fresh_one_does_not(registration: Component) -> None:
    factories.make_probe(registration, last_at=datetime.now(UTC))
    publish_page(registration.page_id)
    assert "All Systems Operational" in text_of(registration.page, "/")
    assert "Current Status Not Confirmed" in text_of(registration.page, "/", stale=True)
    assert "Registration Operational" not in words(text_of(registration.page, "/", stale=True))


def test_a_page_that_nothing_monitors_has_no_silent_rendering(page: Page) -> None:
    factories.make_component(page)
    publish_page(page.pk)
    assert "Checked" not in text_of(page, "/")
    with pytest.raises(AssertionError):
        text_of(page, "/", stale=True)


def test_a_hidden_service_shows_once_it_is_degraded(registration: Component) -> None:
    registration.only_show_if_degraded = True
    registration.save()
    assert "Registration" not in words(index(registration.page))
    factories.make_incident(registration.page, components={registration: ComponentStatus.PARTIAL_OUTAGE})
    assert "Registration" in words(index(registration.page))


def test_the_weight_of_a_partial_outage_is_stated(registration: Component) -> None:
    assert "a partial outage at 30 %" in words(index(registration.page))


def test_the_zone_switch_works_without_a_script(page: Page) -> None:
    document = " ".join(index(page).split())
    assert '<form class="zone" method="get" action="/">' in document
    assert 'name="tz" list="zones" value="Australia/Sydney"' in document
    assert '<option value="UTC">' in document


def test_nothing_is_fetched_from_anybody_else_and_nothing_is_inline(outage: Incident) -> None:
    document = index(outage.page)
    loaded = re.findall(r'(?:src|href|action)="([^"]+)"', document)
    external = [each for each in loaded if not each.startswith(("/", "#", "http://status.sipcity.test"))]
    assert external == []
    ran = r"<style|style=|<script(?! src| type=.application/ld)| on\w+=|javascript:"
    assert not re.search(ran, document)
