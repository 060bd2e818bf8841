"""RFO versions: drafted, published once, chained, and never changed again."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incidents.domain.incidents import IncidentStatus
from incidents.domain.rfos import RfoState
from incidents.management.demo.document import pdf
from incidents.models import Attachment, Incident, RfoVersion
from incidents.operations.actors import Actor
from incidents.operations.attachments import attach_document, detach_document
from incidents.operations.errors import Refused
from incidents.operations.incidents import open_incident, resolve_incident
from incidents.operations.pages import create_page
from incidents.operations.rfos import draft_rfo
from incidents.operations.versions import publish_rfo

pytestmark = pytest.mark.django_db
T0 = datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
DAY = timedelta(days=1)
DANA = Actor("dana")


@pytest.fixture
def incident() -> Incident:
    page = create_page(name="SIPcity", zone_name="Australia/Sydney", by=DANA, at=T0)
    return open_incident(page, title="Calls failing", body="We are looking.", by=DANA, at=T0)


@pytest.fixture
def resolved(incident: Incident) -> Incident:
    resolve_incident(incident, body="Done.", by=DANA, at=T0 + DAY)
    incident.refresh_from_db()
    return incident


def test_publishing_numbers_the_version_and_puts_the_incident_in_postmortem(resolved: Incident) -> None:
    version = draft_rfo(
        resolved, body="A **bad** certificate.", signatory_name="The CEO", by=DANA, at=T0 + DAY
    )
    update = publish_rfo(version, by=DANA, at=T0 + 2 * DAY)
    resolved.refresh_from_db()
    version.refresh_from_db()
    assert str(version) == "RFO-2021-0001 v1"
    assert version.state == RfoState.PUBLISHED
    assert len(version.sha256) == 64
    assert (resolved.status, update.status) == (IncidentStatus.POSTMORTEM, IncidentStatus.POSTMORTEM)
    assert resolved.resolved_at == T0 + DAY
    assert "<strong>bad</strong>" in version.body_html


def test_a_draft_is_rewritten_and_a_published_version_is_followed_by_the_next(resolved: Incident) -> None:
    draft_rfo(resolved, body="First words.", by=DANA, at=T0 + DAY)
    first = draft_rfo(resolved, body="Better words.", by=DANA, at=T0 + DAY)
    publish_rfo(first, by=DANA, at=T0 + 2 * DAY)
    with pytest.raises(Refused, match="what changed"):
        draft_rfo(resolved, body="More words.", by=DANA, at=T0 + 3 * DAY)
    second = draft_rfo(resolved, body="More words.", change_summary="Cause added.", by=DANA, at=T0 + 3 * DAY)
    publish_rfo(second, by=DANA, at=T0 + 3 * DAY)
    first, second = RfoVersion.objects.order_by("number")
    assert (first.body, first.state) == ("Better words.", RfoState.SUPERSEDED)
    assert second.previous_sha256 == first.sha256 != second.sha256


def test_a_published_version_takes_no_document_and_is_not_published_twice(resolved: Incident) -> None:
    version = draft_rfo(resolved, body="Words.", by=DANA, at=T0 + DAY)
    attach_document(version, name="finding.pdf", content=pdf(), by=DANA, at=T0 + DAY)
    publish_rfo(version, by=DANA, at=T0 + DAY)
    with pytest.raises(Refused, match="never changes"):
        attach_document(version, name="late.pdf", content=pdf(), by=DANA, at=T0 + DAY)
    with pytest.raises(Refused, match="already published"):
        publish_rfo(version, by=DANA, at=T0 + DAY)
    assert Attachment.objects.count() == 1


def test_a_wrong_document_is_taken_off_a_draft_with_its_bytes_and_off_nothing_else(
    resolved: Incident, django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]]
) -> None:
    version = draft_rfo(resolved, body="Words.", by=DANA, at=T0 + DAY)
    wrong = attach_document(version, name="wrong.pdf", content=pdf(), by=DANA, at=T0 + DAY)
    kept = attach_document(version, name="right.pdf", content=pdf(), by=DANA, at=T0 + DAY)
    file = Path(wrong.file.path)
    with django_capture_on_commit_callbacks(execute=True):
        detach_document(wrong, by=DANA, at=T0 + DAY)
    assert not file.exists()
    publish_rfo(version, by=DANA, at=T0 + DAY)
    with pytest.raises(Refused, match="keeps its documents"):
        detach_document(kept, by=DANA, at=T0 + DAY)
    assert Path(kept.file.path).exists()


def test_an_open_incident_has_no_rfo_published(incident: Incident) -> None:
    version = draft_rfo(incident, body="Words.", by=DANA, at=T0)
    with pytest.raises(Refused, match="Resolve the incident first"):
        publish_rfo(version, by=DANA, at=T0)


def test_a_hostile_document_is_refused_by_name_and_leaves_nothing(resolved: Incident) -> None:
    version = draft_rfo(resolved, body="Words.", by=DANA, at=T0 + DAY)
    with pytest.raises(Refused, match=r"logo\.png"):
        attach_document(version, name="logo.png", content=b"<svg onload='x'/>", by=DANA, at=T0 + DAY)
    assert Attachment.objects.count() == 0


def test_an_rfo_over_64_kilobytes_or_without_words_is_refused(resolved: Incident) -> None:
    for body in ("x" * 65_537, "  ", "a\x00b"):
        with pytest.raises(Refused) as refused:
            draft_rfo(resolved, body=body, by=DANA, at=T0 + DAY)
        assert refused.value.field == "body"


def test_numbers_count_within_the_year_in_which_the_outage_began_locally(resolved: Incident) -> None:
    eve = datetime(2021, 12, 31, 14, 0, tzinfo=UTC)  # already 2022 in Sydney
    other = open_incident(resolved.page, title="New year", body="Words.", by=DANA, at=eve)
    assert str(draft_rfo(resolved, body="Words.", by=DANA, at=eve)) == "RFO-2021-0001 v1"
    assert str(draft_rfo(other, body="Words.", by=DANA, at=eve)) == "RFO-2022-0001 v1"
