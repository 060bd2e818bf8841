"""Headline, incident, group and service on one page, and in all that quotes it: they never contradict each other."""

import re
from datetime import timedelta

import pytest

from incidents.domain.components import ComponentStatus as S
from incidents.domain.hysteresis import Verdict
from incidents.domain.incidents import IncidentStatus
from incidents.models import Component, Incident, Page
from incidents.operations.actors import DEMO
from incidents.operations.components import set_status
from incidents.operations.maintenances import update_maintenance
from incidents.operations.retiring import retire_component
from incidents.publishing.publisher import publish_page
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import text_of
from tests.publishing.pages import lines, rendered, words

NOW = BEGAN + timedelta(minutes=40)
IMPACTS = ("No impact", "Minor impact", "Major impact", "Critical impact")


def index(page: Page) -> str:
    return rendered(page, "/", at=NOW)


def heading(page: Page) -> str:
    (found,) = re.findall(r'<h1 id="state">([^<]+)</h1>', index(page))
    return str(found)


def icon(document: str) -> str:
    (found,) = re.findall(r"/static/favicons/(\w+)\.svg", document)
    return str(found)


@pytest.fixture
def services(page: Page) -> list[Component]:
    group = factories.make_group(page, "Calling Platform")
    return [factories.make_component(page, name, group=group) for name in ("Inbound", "Outbound", "Fax")]


def test_an_automatic_incident_with_one_of_three_services_down_has_one_scale(
    services: list[Component],
) -> None:
    page = services[0].page
    factories.make_incident(page, "Outbound calls fail", components={services[1]: S.MAJOR_OUTAGE})
    text = words(index(page))
    assert heading(page) == "Major outage"
    assert "Affects Outbound. The other 2 services are operational." in text
    assert "Outbound calls fail Major outage" in text
    assert "Calling Platform Major outage" in text
    assert not [each for each in ("System Outage", "Service Outage", *IMPACTS) if each in text]


def test_one_service_in_partial_outage_is_one_word_in_four_places(services: list[Component]) -> None:
    page = services[0].page
    incident = factories.make_incident(page, "Some calls fail", components={services[0]: S.PARTIAL_OUTAGE})
    publish_page(page.pk)
    assert heading(page) == "Partial outage"
    assert words(index(page)).count("Partial outage") == 5  # heading, incident, group, service, legend
    for path in ("/embed", "/badge.svg", f"/incidents/{incident.code}"):
        assert "Partial outage" in text_of(page, path), path
    assert icon(text_of(page, "/")) == icon(text_of(page, f"/incidents/{incident.code}")) == "partial_outage"


def test_an_open_incident_whose_services_are_back_says_its_status_and_no_scale(
    services: list[Component],
) -> None:
    page = services[0].page
    incident = factories.make_incident(page, "Calls failed", components={services[0]: S.MAJOR_OUTAGE})
    factories.make_update(
        incident,
        "Calls are back. We watch them.",
        status=IncidentStatus.MONITORING,
        at=NOW,
        components={services[0]: S.OPERATIONAL},
    )
    document = index(page)
    assert heading(page) == "Active Incident"
    assert "Calls failed Monitoring" in words(document)
    assert "outage" not in words(document).partition("Services")[0]
    assert "cards/page.png" in document


def test_services_in_trouble_without_an_incident_are_the_headline(services: list[Component]) -> None:
    page = services[0].page
    set_status(services[2], status=S.DEGRADED_PERFORMANCE, by=DEMO, at=BEGAN)
    assert heading(page) == "Degraded performance"
    assert "Calling Platform Degraded performance" in words(index(page))


def test_an_outage_is_worse_than_the_work_beside_it(services: list[Component]) -> None:
    page = services[0].page
    work = factories.make_maintenance(page, "Switch", components=[services[0]])
    update_maintenance(work, status=IncidentStatus.IN_PROGRESS, body="It goes on.", by=DEMO, at=BEGAN)
    assert heading(page) == "Under maintenance"
    assert "Affects Inbound. The other 2 services are operational." in words(index(page))
    factories.make_incident(page, components={services[1]: S.PARTIAL_OUTAGE})
    assert heading(page) == "Partial outage"
    text = words(index(page))
    assert "Affects Outbound. Inbound is under maintenance. The other service is operational." in text


def test_work_that_names_no_service_is_not_all_operational(services: list[Component]) -> None:
    page = services[0].page
    work = factories.make_maintenance(page, "Switch")
    update_maintenance(work, status=IncidentStatus.IN_PROGRESS, body="It goes on.", by=DEMO, at=BEGAN)
    assert heading(page) == "Under maintenance"


def test_what_is_not_confirmed_is_no_reason_to_hide_an_outage(services: list[Component]) -> None:
    page = services[0].page
    factories.make_probe(services[0], last_at=NOW - timedelta(minutes=20))
    factories.make_incident(page, components={services[1]: S.MAJOR_OUTAGE})
    text = words(index(page))
    assert heading(page) == "Major outage"
    assert "Affects Outbound." in text
    assert "are operational" not in text
    assert "We have not been able to confirm the status of Inbound since" in text


def test_a_group_waits_in_the_words_of_its_service(services: list[Component]) -> None:
    page = services[0].page
    factories.make_probe(services[0], verdict=Verdict.UNKNOWN)
    assert "Calling Platform Waiting for the first check" in words(index(page))


def test_an_incident_without_services_claims_nothing_of_any(services: list[Component]) -> None:
    page = services[0].page
    factories.make_incident(page, "Billing is slow")
    text = words(index(page))
    assert heading(page) == "Active Incident"
    assert "Billing is slow Investigating" in text
    assert not [each for each in IMPACTS if each in text]


def test_a_service_still_down_after_its_incident_is_over_is_the_headline(services: list[Component]) -> None:
    page = services[0].page
    incident = factories.make_incident(page, "Calls fail", components={services[0]: S.MAJOR_OUTAGE})
    factories.resolve(incident, at=BEGAN + timedelta(minutes=20))
    set_status(services[0], status=S.PARTIAL_OUTAGE, by=DEMO, at=BEGAN + timedelta(minutes=30))
    assert heading(page) == "Partial outage"
    over = rendered(
        page, f"/incidents/{incident.code}", at=NOW, pattern="/incidents/{code}", code=incident.code
    )
    assert "Major outage Resolved after 20 min" in words(over)
    assert icon(over) == "page"


def test_a_retired_service_weighs_nothing(services: list[Component]) -> None:
    page = services[0].page
    set_status(services[2], status=S.MAJOR_OUTAGE, by=DEMO, at=BEGAN)
    assert heading(page) == "Major outage"
    retire_component(services[2], by=DEMO, at=BEGAN + timedelta(minutes=10))
    assert heading(page) == "All Systems Operational"


def test_an_open_incident_s_own_page_follows_its_services(services: list[Component]) -> None:
    page = services[0].page
    incident = factories.make_incident(page, components={services[0]: S.MAJOR_OUTAGE})
    publish_page(page.pk)
    path = f"/incidents/{incident.code}"
    assert "Major outage" in words(text_of(page, path))
    set_status(services[0], status=S.DEGRADED_PERFORMANCE, by=DEMO, at=NOW)
    publish_page(page.pk)
    assert "Major outage" not in words(text_of(page, path))
    assert "Degraded performance" in words(text_of(page, path))


@pytest.mark.parametrize("path", ["/history", "/uptime", "/api"])
def test_a_document_that_does_not_say_how_things_are_wears_no_tick(
    services: list[Component], path: str
) -> None:
    page = services[0].page
    factories.make_incident(page, components={services[0]: S.MAJOR_OUTAGE})
    publish_page(page.pk, everything=True)
    assert icon(text_of(page, path)) == "page"


def test_history_says_how_bad_it_was_in_the_words_of_services(outage: Incident) -> None:
    factories.resolve(factories.make_incident(outage.page, "Billing", at=BEGAN + timedelta(hours=1)))
    factories.make_incident(outage.page, "Still open", at=BEGAN + timedelta(hours=2))
    publish_page(outage.page_id)
    found = lines(text_of(outage.page, "/history/2021/10"))
    wears = {name: found[found.index(name) + 1] for name in (outage.title, "Billing", "Still open")}
    assert list(wears.values()) == ["Major outage", "Resolved", "Investigating"]


def test_v2_keeps_statuspages_words(services: list[Component]) -> None:
    page = services[0].page
    factories.make_incident(page, components={services[0]: S.MAJOR_OUTAGE})
    publish_page(page.pk)
    status = text_of(page, "/api/v2/status.json")
    assert '"indicator":"major","description":"Partial System Outage"' in status
