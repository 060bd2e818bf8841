"""Versions follow each other: revised, superseded, withdrawn with a reason; each chained to the one before."""

from datetime import timedelta

import pytest

from incidents.domain.rfos import RfoKind, checksum
from incidents.models import Event, Incident, RfoVersion
from incidents.operations.attachments import attach_document
from incidents.operations.errors import Refused
from incidents.operations.rfos import discard_draft, draft_rfo
from incidents.operations.versions import facts_of, publish_rfo, withdraw_rfo
from tests.factories import BEGAN, DEMO, make_incident, make_page, make_rfo, resolve

pytestmark = pytest.mark.django_db
LATER = BEGAN + timedelta(days=30)


@pytest.fixture
def incident() -> Incident:
    incident = make_incident(make_page("SIPcity"))
    resolve(incident)
    return incident


def withdraw(incident: Incident, reason: str = "The cause was another one.") -> None:
    withdraw_rfo(incident.rfos.get(), reason=reason, by=DEMO, at=LATER)


def test_the_second_version_is_a_revision_and_a_withdrawal_the_last_link_of_the_chain(
    incident: Incident,
) -> None:
    first = make_rfo(incident)
    second = make_rfo(incident, "Better words.", change_summary="A time.", at=LATER)
    withdraw(incident)
    rows = list(RfoVersion.objects.order_by("number"))
    assert [(row.kind, row.state) for row in rows] == [
        ("final", "withdrawn"),
        ("final", "withdrawn"),
        ("withdrawn", "published"),
    ]
    assert [row.previous_sha256 for row in rows] == ["", first.sha256, second.sha256]
    assert all(checksum(facts_of(row)) == row.sha256 for row in rows)
    kinds = Event.objects.filter(kind__startswith="rfo.", notifies=True).order_by("pk")
    assert [each.kind for each in kinds] == ["rfo.published", "rfo.revised", "rfo.withdrawn"]


def test_what_is_withdrawn_may_be_written_anew_and_follows_the_withdrawal(incident: Incident) -> None:
    make_rfo(incident)
    withdraw(incident)
    make_rfo(
        incident, "What it really was.", change_summary="Another cause.", kind=RfoKind.CORRECTION, at=LATER
    )
    before, last = RfoVersion.objects.order_by("number")[1:]
    assert (last.number, last.state, last.previous_sha256) == (3, "published", before.sha256)
    assert before.state == "superseded"


@pytest.mark.parametrize("reason", ["", "  ", "a\x00b"])
def test_a_withdrawal_says_why(incident: Incident, reason: str) -> None:
    make_rfo(incident)
    with pytest.raises(Refused):
        withdraw(incident, reason)


def test_nothing_is_withdrawn_twice_before_it_is_published_or_beside_a_draft(incident: Incident) -> None:
    draft = draft_rfo(incident, body="Words.", by=DEMO, at=LATER)
    with pytest.raises(Refused, match="Nothing"):
        withdraw(incident)
    publish_rfo(draft, by=DEMO, at=LATER)
    draft_rfo(incident, body="Next.", change_summary="More.", by=DEMO, at=LATER)
    with pytest.raises(Refused, match="being written"):
        withdraw(incident)
    discard_draft(RfoVersion.objects.last() or draft, by=DEMO, at=LATER)
    withdraw(incident)
    with pytest.raises(Refused, match="Nothing"):
        withdraw(incident)


def test_a_draft_that_is_thrown_away_gives_its_number_to_the_next(incident: Incident) -> None:
    make_rfo(incident)
    draft = draft_rfo(incident, body="Next.", change_summary="More.", by=DEMO, at=LATER)
    attach_document(draft, name="a.txt", content=b"Words.", by=DEMO, at=LATER)
    discard_draft(draft, by=DEMO, at=LATER)
    again = draft_rfo(incident, body="Another.", change_summary="More.", by=DEMO, at=LATER)
    assert (again.number, again.attachments.count()) == (2, 0)


def test_a_kind_is_not_drafted_as_withdrawn(incident: Incident) -> None:
    with pytest.raises(Refused, match="reason"):
        draft_rfo(incident, body="Words.", kind=RfoKind.WITHDRAWN, by=DEMO, at=LATER)
