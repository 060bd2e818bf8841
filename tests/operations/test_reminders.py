"""A reminder before maintenance: once, to who was told, and not to who has just been told."""

from datetime import timedelta

import pytest

from incidents.domain.incidents import IncidentStatus
from incidents.domain.journal import EventKind
from incidents.models import Event, Incident, Maintenance, Page
from incidents.notifying.composer import compose
from incidents.operations.actors import DEMO
from incidents.operations.maintenances import schedule_maintenance, update_maintenance
from incidents.operations.reminders import remind_due
from tests.factories import BEGAN, make_page

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
BEGINS = BEGAN + 100 * HOUR


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


def plan(page: Page, *, notify: bool = True, remind_hours: int | None = 24) -> Incident:
    return schedule_maintenance(
        page,
        title="Switch",
        body="We replace a switch.",
        scheduled_for=BEGINS,
        scheduled_until=BEGINS + 2 * HOUR,
        remind_hours=remind_hours,
        notify=notify,
        by=DEMO,
        at=BEGAN,
    )


def reminders() -> int:
    return Event.objects.filter(kind=EventKind.MAINTENANCE_REMINDED).count()


def test_people_are_reminded_once_at_its_instant(page: Page) -> None:
    incident = plan(page)
    assert remind_due(at=BEGINS - 24 * HOUR - timedelta(seconds=1)) == 0
    assert remind_due(at=BEGINS - 24 * HOUR) == 1
    assert remind_due(at=BEGINS - 23 * HOUR) == 0
    event = Event.objects.get(kind=EventKind.MAINTENANCE_REMINDED)
    assert event.notifies
    notice = compose(event, at=BEGINS - 24 * HOUR)
    assert (notice.heading, notice.title) == ("Reminder", "Switch")
    assert "UTC" in notice.window
    assert incident.updates.count() == 1


def test_moving_the_work_moves_the_reminder(page: Page) -> None:
    incident = plan(page)
    remind_due(at=BEGINS - 24 * HOUR)
    update_maintenance(
        incident,
        status=IncidentStatus.SCHEDULED,
        body="Three days later.",
        scheduled_for=BEGINS + 72 * HOUR,
        scheduled_until=BEGINS + 74 * HOUR,
        by=DEMO,
        at=BEGINS - 20 * HOUR,
    )
    assert remind_due(at=BEGINS) == 0
    assert remind_due(at=BEGINS + 48 * HOUR) == 1
    assert reminders() == 2


def test_extending_its_end_reminds_nobody_again(page: Page) -> None:
    incident = plan(page)
    remind_due(at=BEGINS - 24 * HOUR)
    update_maintenance(
        incident,
        status=IncidentStatus.SCHEDULED,
        body="Longer.",
        scheduled_until=BEGINS + 5 * HOUR,
        by=DEMO,
        at=BEGINS - 20 * HOUR,
    )
    assert remind_due(at=BEGINS - 19 * HOUR) == 0


def test_who_was_told_less_than_that_before_is_left_in_peace(page: Page) -> None:
    plan(page, remind_hours=48 * 4)
    assert remind_due(at=BEGAN + HOUR) == 0
    assert remind_due(at=BEGINS - HOUR) == 0
    assert reminders() == 0


def test_silent_work_and_work_without_a_reminder_remind_nobody(page: Page) -> None:
    plan(page, notify=False)
    plan(page, remind_hours=None)
    assert remind_due(at=BEGINS - HOUR) == 0


def test_work_that_has_begun_reminds_nobody(page: Page) -> None:
    incident = plan(page)
    update_maintenance(
        incident, status=IncidentStatus.IN_PROGRESS, body="Early.", by=DEMO, at=BEGINS - 30 * HOUR
    )
    assert remind_due(at=BEGINS - 24 * HOUR) == 0


def test_a_machine_that_slept_past_the_beginning_reminds_nobody(page: Page) -> None:
    plan(page)
    assert remind_due(at=BEGINS) == 0
    assert Maintenance.objects.get().reminded_at is None
