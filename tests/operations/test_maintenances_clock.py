"""Work in the nights in which Sydney's clocks change, and work that takes longer than was planned."""

from datetime import UTC, datetime, timedelta

import pytest

from incidents.domain.incidents import IncidentStatus
from incidents.domain.zones import resolve_local
from incidents.models import Incident, Page
from incidents.operations.actors import DEMO
from incidents.operations.maintenances import advance_due, schedule_maintenance, update_maintenance
from tests.factories import make_page

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


def plan(page: Page, begins: datetime, ends: datetime) -> Incident:
    return schedule_maintenance(
        page,
        title="Switch",
        body="We replace a switch.",
        scheduled_for=begins,
        scheduled_until=ends,
        by=DEMO,
        at=begins - timedelta(days=3),
    )


def state(incident: Incident) -> str:
    return Incident.objects.get(pk=incident.pk).status


@pytest.mark.parametrize(
    ("first", "last", "begins", "hours"),
    [
        ("2027-10-02T23:00", "2027-10-03T04:00", datetime(2027, 10, 2, 13, tzinfo=UTC), 4),
        ("2027-04-03T23:00", "2027-04-04T04:00", datetime(2027, 4, 3, 12, tzinfo=UTC), 6),
    ],
    ids=["the hour that is missing", "the hour that comes twice"],
)
def test_it_begins_and_ends_at_its_instants_in_a_night_in_which_clocks_change(
    page: Page, first: str, last: str, begins: datetime, hours: int
) -> None:
    local = [datetime.fromisoformat(each) for each in (first, last)]
    window = [resolve_local(each, page.zone) for each in local]
    ends = begins + timedelta(hours=hours)
    assert window == [begins, ends]
    incident = plan(page, *window)
    for at, expected in (
        (begins - MINUTE, "scheduled"),
        (begins, "in_progress"),
        (ends - MINUTE, "in_progress"),
        (ends, "completed"),
    ):
        advance_due(at=at)
        advance_due(at=at)
        assert state(incident) == expected
    assert incident.updates.count() == 3


def test_work_that_takes_longer_ends_when_it_is_planned_to_by_then(page: Page) -> None:
    begins = datetime(2027, 6, 1, tzinfo=UTC)
    incident = plan(page, begins, begins + 60 * MINUTE)
    advance_due(at=begins)
    update_maintenance(
        incident,
        status=IncidentStatus.IN_PROGRESS,
        body="It takes an hour longer.",
        scheduled_until=begins + 120 * MINUTE,
        by=DEMO,
        at=begins + 50 * MINUTE,
    )
    advance_due(at=begins + 60 * MINUTE)
    assert state(incident) == "in_progress"
    update_maintenance(
        incident, status=IncidentStatus.VERIFYING, body="We look.", by=DEMO, at=begins + 110 * MINUTE
    )
    advance_due(at=begins + 120 * MINUTE)
    assert state(incident) == "completed"
