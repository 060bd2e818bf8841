"""An incident's page says what the saved reports of this kind say, word for word, and more."""

import re
from datetime import timedelta

from incidents.domain.incidents import IncidentStatus
from incidents.models import Incident, Page
from incidents.operations.actors import DEMO, PROBES
from incidents.operations.rfos import draft_rfo
from incidents.operations.versions import publish_rfo
from incidents.publishing.publisher import publish_page
from tests import factories
from tests.factories import BEGAN
from tests.publishing.conftest import text_of
from tests.publishing.pages import lines, words

POSTED = [
    "Posted Oct 29, 2021 - 14:12 AEDT",
    "Posted Oct 10, 2021 - 12:49 AEDT",
    "Posted Oct 09, 2021 - 12:58 AEDT",
    "Posted Oct 09, 2021 - 11:11 AEDT",
    "Posted Oct 09, 2021 - 09:26 AEDT",
    "Posted Oct 09, 2021 - 08:22 AEDT",
]


def incident_page(incident: Incident) -> str:
    publish_page(incident.page_id)
    return text_of(incident.page, f"/incidents/{incident.code}")


def test_the_six_instants_are_printed_as_the_report_did_newest_first(outage: Incident) -> None:
    document = incident_page(outage)
    assert re.findall(r">(Posted [^<]+)</time>", document) == POSTED
    assert (
        '<time datetime="2021-10-08T21:22:00Z" title="Oct 09, 2021 - 08:22 AEDT (Oct 08, 2021 - 21:22 UTC)"'
        in document
    )


def test_title_page_and_footer_sentence_are_word_for_word(outage: Incident) -> None:
    document = incident_page(outage)
    assert '<h1 dir="auto">Degraded network, causing calling outage</h1>' in document
    assert "Incident Report for SIPcity" in words(document)
    assert (
        ">This incident affected: SIPcity Calling Platform (Network) and SIPcity Cloud PBX.</p>" in document
    )
    assert document.count("<h1") == 1


def test_each_update_has_its_label_and_update_where_the_status_stayed(outage: Incident) -> None:
    found = lines(incident_page(outage))
    labels = [
        line for line in found if line in {"Resolved", "Monitoring", "Update", "Identified", "Investigating"}
    ]
    assert labels == ["Resolved", "Monitoring", "Update", "Update", "Identified"]


def test_the_rfo_comes_first_with_its_signature(outage: Incident) -> None:
    text = words(incident_page(outage))
    order = [
        text.index(each)
        for each in ("Reason for outage", "One malformed certificate.", "The Chief Executive")
    ]
    assert order == sorted(order)
    assert (
        text.index("The Chief Executive SIPcity")
        < text.index(POSTED[0])
        < text.index("This incident has been")
    )


def test_line_breaks_are_kept_and_addresses_are_linked(page: Page) -> None:
    incident = factories.make_incident(page, body="One.\nTwo at https://status.example/a?b=1&c=2.\n\nThree.")
    document = incident_page(incident)
    assert '<p dir="auto">One.<br>Two at <a href="https://status.example/a?b=1&amp;c=2"' in document
    assert '<p dir="auto">Three.</p>' in document


def test_a_backdated_statement_is_marked_as_added_later(outage: Incident) -> None:
    factories.make_update(
        outage,
        "This we should have said then.",
        at=BEGAN + timedelta(days=25),
        happened_at=BEGAN + timedelta(minutes=90),
    )
    text = words(incident_page(outage))
    assert "Posted Oct 09, 2021 - 09:52 AEDT added later, Nov 03, 2021 - 08:22 AEDT" in text
    assert text.index("Arena is disabled") > text.index("This we should have said then.")


def test_what_probes_found_says_so(page: Page) -> None:
    incident = factories.make_incident(page, by=PROBES)
    assert "Posted Oct 09, 2021 - 08:22 AEDT posted automatically" in words(incident_page(incident))


def test_the_promise_of_the_next_update_is_printed_while_the_incident_is_open(page: Page) -> None:
    incident = factories.make_incident(page, next_update_by=BEGAN + timedelta(minutes=30))
    assert "Next update by Oct 09, 2021 - 08:52 AEDT" in words(incident_page(incident))
    factories.resolve(incident)
    assert "Next update by" not in words(incident_page(incident))


def test_a_second_version_of_the_rfo_leads_and_the_first_stays_to_be_had(outage: Incident) -> None:
    draft = draft_rfo(
        outage,
        body="Two certificates.",
        change_summary="The second one.",
        by=DEMO,
        at=BEGAN + timedelta(days=30),
    )
    publish_rfo(draft, by=DEMO, at=BEGAN + timedelta(days=30))
    text = words(incident_page(outage))
    assert "Changed in version 2: The second one." in text
    assert "Two certificates." in text
    assert "One malformed certificate." not in text
    first = text_of(outage.page, "/rfo/RFO-2021-0001/v1")
    assert "One malformed certificate." in words(first)
    assert 'A newer version of this document exists: <a href="/rfo/RFO-2021-0001/v2">' in first
    assert "Two certificates." in words(text_of(outage.page, f"/incidents/{outage.code}/rfo"))
    assert "Two certificates." in words(text_of(outage.page, "/rfo/RFO-2021-0001/v2"))


def test_the_rfo_page_carries_number_checksum_and_the_updates_oldest_first(outage: Incident) -> None:
    incident_page(outage)
    document = text_of(outage.page, f"/incidents/{outage.code}/rfo")
    assert "RFO-2021-0001, version 1 (final)" in words(document)
    assert outage.rfos.get().versions.get().sha256 in document
    assert re.findall(r">(Posted [^<]+)</time>", document) == list(reversed(POSTED[1:]))


def test_a_reopened_incident_keeps_its_rfo_on_top(outage: Incident) -> None:
    factories.make_update(
        outage, "It is back.", status=IncidentStatus.INVESTIGATING, at=BEGAN + timedelta(days=40)
    )
    text = words(incident_page(outage))
    assert text.index("One malformed certificate.") < text.index("It is back.")


def test_an_incident_without_components_has_no_footer_sentence(page: Page) -> None:
    assert "This incident affected" not in incident_page(factories.make_incident(page))
