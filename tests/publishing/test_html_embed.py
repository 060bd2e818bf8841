"""The page in short, as other sites show it in a frame."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import IncidentStatus
from incidents.models import Component, Page
from incidents.operations.actors import DEMO
from incidents.operations.maintenances import update_maintenance
from incidents.publishing.html_embed import MOST
from incidents.publishing.publisher import publish_page
from incidents.web.answers import answers
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import folder_of, text_of
from tests.publishing.pages import lines, rendered, words

NOW = BEGAN + timedelta(minutes=40)


def embed(page: Page, *, zone: str = "") -> str:
    return rendered(page, "/embed", at=NOW, zone=zone)


@pytest.fixture
def network(page: Page) -> Component:
    return factories.make_component(page, "Network")


def test_a_quiet_page_is_its_state_and_the_way_to_all_of_it(network: Component) -> None:
    assert lines(embed(network.page)) == ["All Systems Operational", "SIPcity", "Status"]


def test_an_open_incident_shows_its_newest_words_alone(network: Component) -> None:
    incident = factories.make_incident(network.page, "TLS is down")
    factories.make_update(
        incident, "A certificate is malformed.", at=NOW, next_update_by=NOW + timedelta(minutes=20)
    )
    text = words(embed(network.page))
    assert "Active Incident" in text
    assert "TLS is down Identified: A certificate is malformed. Posted Oct 09, 2021 - 09:02 AEDT" in text
    assert "next update by 09:22 AEDT" in text
    assert "We are investigating" not in text


def test_long_words_are_cut_and_many_incidents_counted(network: Component) -> None:
    for number in range(MOST + 4):
        factories.make_incident(
            network.page, f"Trouble {number}", body="word " * 400, at=BEGAN + timedelta(minutes=number)
        )
    text = words(embed(network.page))
    assert len(text) < 1500
    assert "Trouble 6" in text
    assert "Trouble 0" not in text
    assert "And 4 more" in text


def test_every_link_is_absolute_opens_its_own_page_and_keeps_the_zone(network: Component) -> None:
    incident = factories.make_incident(network.page)
    links = re.findall(r"<a ([^>]*)>", " ".join(embed(network.page, zone="UTC").split()))
    assert len(links) == 2
    assert all('target="_blank" rel="noopener"' in link for link in links)
    assert f'/incidents/{incident.code}?tz=UTC"' in links[1]
    assert all(re.search(r'href="https?://[^/"]+/', link) for link in links)


def test_maintenance_in_progress_is_shown(network: Component) -> None:
    work = factories.make_maintenance(network.page, "Core switch replaced", components=[network], begins=NOW)
    update_maintenance(
        work, status=IncidentStatus.IN_PROGRESS, body="We have begun.", by=DEMO, at=NOW - timedelta(minutes=1)
    )
    text = words(embed(network.page))
    assert "Core switch replaced In progress: We have begun." in text


def test_what_nobody_vouches_for_is_not_called_operational(network: Component) -> None:
    factories.make_probe(network, last_at=NOW - timedelta(minutes=20))
    text = words(embed(network.page))
    assert "Current Status Not Confirmed" in text
    assert "We have not been able to confirm current status since 08:42 AEDT ." in text


def test_the_silent_rendering_says_so_also_of_a_known_outage(network: Component) -> None:
    factories.make_probe(network, last_at=datetime.now(UTC))
    factories.make_incident(network.page, components={network: ComponentStatus.MAJOR_OUTAGE})
    publish_page(network.page_id)
    text = words(text_of(network.page, "/embed", stale=True))
    assert "Major outage" in text
    assert "We have not been able to confirm current status since" in text


def test_any_site_may_frame_it_and_no_search_engine_lists_it(network: Component) -> None:
    publish_page(network.page_id)
    published = folder_of(network.page).read("/embed")
    assert published is not None
    headers = dict(answers(published).fresh.by_encoding["br"].headers)
    assert "frame-ancestors *" in headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in headers
    assert "Set-Cookie" not in headers
    assert '<meta name="robots" content="noindex">' in text_of(network.page, "/embed")


def test_the_frame_is_small(network: Component) -> None:
    factories.make_incident(network.page, body="word " * 100)
    publish_page(network.page_id)
    published = folder_of(network.page).read("/embed")
    assert published is not None
    assert len(published.fresh.bodies["br"]) < 1_500


def test_a_hostile_name_is_text(network: Component) -> None:
    evil = '"><script>alert(1)</script>'
    factories.make_incident(network.page, evil, body=evil)
    document = embed(network.page)
    assert "<script>alert" not in document
    assert words(document).count(evil) == 2
