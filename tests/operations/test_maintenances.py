"""The life of a maintenance through the operations: what each step writes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from incidents.domain.components import ComponentStatus as S
from incidents.domain.incidents import Impact, IncidentStatus
from incidents.domain.journal import EventKind
from incidents.models import (
    Component,
    Event,
    Incident,
    IncidentUpdate,
    Page,
    StatusChange,
)
from incidents.operations.errors import Refused
from incidents.operations.maintenances import BEGUN, COMPLETED, advance_due, update_maintenance
from tests.factories import BEGAN, DEMO, make_component, make_maintenance, make_page

pytestmark = pytest.mark.django_db
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
BEGINS = BEGAN + timedelta(days=2)
ENDS = BEGINS + 2 * HOUR
IN_PROGRESS, VERIFYING = IncidentStatus.IN_PROGRESS, IncidentStatus.VERIFYING
SCHEDULED, DONE = IncidentStatus.SCHEDULED, IncidentStatus.COMPLETED


@pytest.fixture
def page() -> Page:
    return make_page("SIPcity")


@pytest.fixture
def network(page: Page) -> Component:
    return make_component(page, "Network")


@pytest.fixture
def maintenance(page: Page, network: Component) -> Incident:
    return make_maintenance(page, "Core switch", components=[network], begins=BEGINS, ends=ENDS)


def status(component: Component) -> S:
    return Component.objects.get(pk=component.pk).state


def told(maintenance: Incident) -> list[str]:
    return [update.status for update in maintenance.updates.all()]


def said(update: IncidentUpdate) -> dict[str, tuple[str, str]]:
    return {row.name: (row.old_status, row.new_status) for row in update.affected.all()}


def say(
    maintenance: Incident, status: IncidentStatus, *, at: datetime, body: str = "Words.", **facts: object
) -> IncidentUpdate:
    return update_maintenance(maintenance, status=status, body=body, by=DEMO, at=at, **facts)  # type: ignore[arg-type]


def test_scheduling_announces_and_changes_no_component(maintenance: Incident, network: Component) -> None:
    event = Event.objects.get(kind=EventKind.MAINTENANCE_SCHEDULED)
    assert (maintenance.status, maintenance.impact, maintenance.started_at) == (
        SCHEDULED,
        Impact.MAINTENANCE,
        BEGINS,
    )
    assert (event.incident, event.notifies, event.data["scheduled_for"]) == (
        maintenance,
        True,
        BEGINS.isoformat(),
    )
    assert said(maintenance.updates.get()) == {"Network": ("operational", "operational")}
    assert status(network) == S.OPERATIONAL
    assert StatusChange.objects.filter(component=network).count() == 1


def test_it_begins_and_ends_by_itself_at_its_instants(maintenance: Incident, network: Component) -> None:
    assert advance_due(at=BEGINS - SECOND) == 0
    assert advance_due(at=BEGINS) == 1
    assert status(network) == S.UNDER_MAINTENANCE
    assert advance_due(at=ENDS - SECOND) == 0
    assert advance_due(at=ENDS) == 1
    assert status(network) == S.OPERATIONAL
    maintenance.refresh_from_db()
    assert [(update.body, update.at) for update in maintenance.updates.all()[1:]] == [
        (BEGUN, BEGINS),
        (COMPLETED, ENDS),
    ]
    assert (maintenance.status, maintenance.impact, maintenance.resolved_at) == (
        DONE,
        Impact.MAINTENANCE,
        ENDS,
    )
    assert {event.actor for event in Event.objects.filter(incident=maintenance, at__gte=BEGINS)} == {"clock"}


def test_a_sweep_after_the_end_says_nothing_more(maintenance: Incident) -> None:
    advance_due(at=BEGINS)
    advance_due(at=ENDS)
    assert advance_due(at=ENDS + SECOND) == 0
    assert told(maintenance) == [SCHEDULED, IN_PROGRESS, DONE]


@pytest.mark.parametrize(
    ("begins", "ends", "hours"),
    [
        (datetime(2026, 10, 4, 1, 30), datetime(2026, 10, 4, 3, 30), 1),
        (datetime(2027, 4, 4, 1, 30), datetime(2027, 4, 4, 3, 30), 3),
    ],
    ids=["clocks go forward", "clocks go back"],
)
def test_its_instants_hold_across_a_change_of_clocks(
    page: Page, network: Component, begins: datetime, ends: datetime, hours: int
) -> None:
    sydney = ZoneInfo("Australia/Sydney")
    first, last = (each.replace(tzinfo=sydney).astimezone(UTC) for each in (begins, ends))
    make_maintenance(page, components=[network], begins=first, ends=last, at=first - HOUR)
    assert last - first == hours * HOUR
    assert [advance_due(at=first + n * HOUR / 2) for n in range(-1, 2 * hours + 1)] == [
        0,
        1,
        *[0] * (2 * hours - 1),
        1,
    ]


def test_a_window_that_passed_unseen_is_told_from_its_beginning_to_its_end_in_one_sweep(
    maintenance: Incident, network: Component
) -> None:
    assert advance_due(at=ENDS + 5 * HOUR) == 2
    assert told(maintenance) == [SCHEDULED, IN_PROGRESS, DONE]
    assert status(network) == S.OPERATIONAL
    kinds = Event.objects.filter(incident=maintenance).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["maintenance.scheduled", "maintenance.updated", "maintenance.completed"]


def test_what_waits_for_a_person_does_not_move_by_itself(page: Page) -> None:
    make_maintenance(page, begins=BEGINS, ends=ENDS, starts_itself=False)
    by_hand = make_maintenance(page, begins=BEGINS, ends=ENDS, ends_itself=False)
    assert advance_due(at=ENDS + HOUR) == 1
    assert told(by_hand) == [SCHEDULED, IN_PROGRESS]


def test_one_that_was_planned_in_silence_wakes_nobody(page: Page) -> None:
    make_maintenance(page, begins=BEGINS, ends=ENDS, notify=False)
    advance_due(at=ENDS)
    assert not Event.objects.filter(notifies=True).exists()


def test_a_person_starts_early_and_the_clock_does_not_start_it_again(
    maintenance: Incident, network: Component
) -> None:
    update = say(maintenance, IN_PROGRESS, at=BEGINS - HOUR)
    assert said(update) == {"Network": ("operational", "under_maintenance")}
    assert status(network) == S.UNDER_MAINTENANCE
    assert advance_due(at=BEGINS) == 0
    assert advance_due(at=ENDS) == 1


def test_an_extension_moves_the_end_and_tells_so(maintenance: Incident, network: Component) -> None:
    advance_due(at=BEGINS)
    say(maintenance, IN_PROGRESS, at=ENDS - SECOND, scheduled_until=ENDS + HOUR)
    assert advance_due(at=ENDS) == 0
    assert status(network) == S.UNDER_MAINTENANCE
    event = Event.objects.filter(kind=EventKind.MAINTENANCE_UPDATED).last()
    assert event
    assert event.data["scheduled_until"] == (ENDS + HOUR).isoformat()
    assert advance_due(at=ENDS + HOUR) == 1


def test_putting_off_restores_the_components_until_the_new_beginning(
    maintenance: Incident, network: Component
) -> None:
    advance_due(at=BEGINS)
    update = say(
        maintenance,
        SCHEDULED,
        at=BEGINS + HOUR,
        scheduled_for=BEGINS + 24 * HOUR,
        scheduled_until=ENDS + 24 * HOUR,
    )
    assert said(update) == {"Network": ("under_maintenance", "operational")}
    assert status(network) == S.OPERATIONAL
    maintenance.refresh_from_db()
    assert (maintenance.started_at, maintenance.resolved_at) == (BEGINS + 24 * HOUR, None)
    assert advance_due(at=ENDS) == 0
    assert advance_due(at=BEGINS + 24 * HOUR) == 1
    assert status(network) == S.UNDER_MAINTENANCE


@pytest.mark.parametrize("by_itself", [True, False])
def test_putting_off_needs_a_beginning_that_lies_ahead(page: Page, by_itself: bool) -> None:
    maintenance = make_maintenance(page, begins=BEGINS, ends=ENDS, starts_itself=by_itself)
    say(maintenance, IN_PROGRESS, at=BEGINS)
    with pytest.raises(Refused, match="is to begin instead") as refused:
        say(maintenance, SCHEDULED, at=BEGINS + HOUR)
    assert refused.value.field == "scheduled_for"


@pytest.mark.parametrize("status", [IN_PROGRESS, VERIFYING])
def test_work_goes_on_past_its_end_only_with_a_new_one_or_without_a_clock(
    page: Page, maintenance: Incident, status: IncidentStatus
) -> None:
    by_hand = make_maintenance(page, begins=BEGINS, ends=ENDS, ends_itself=False)
    advance_due(at=BEGINS)
    with pytest.raises(Refused, match="is to end instead") as refused:
        say(maintenance, status, at=ENDS)
    assert refused.value.field == "scheduled_until"
    say(maintenance, status, at=ENDS, scheduled_until=ENDS + HOUR)
    say(by_hand, status, at=ENDS)
    assert advance_due(at=ENDS) == 0


def test_verifying_keeps_the_component_under_maintenance_until_a_person_completes_it(
    maintenance: Incident, network: Component
) -> None:
    advance_due(at=BEGINS)
    verifying = say(maintenance, VERIFYING, at=BEGINS + HOUR)
    assert said(verifying) == {"Network": ("under_maintenance", "under_maintenance")}
    completed = say(maintenance, DONE, at=BEGINS + HOUR + SECOND)
    assert said(completed) == {"Network": ("under_maintenance", "operational")}
    assert status(network) == S.OPERATIONAL
    assert advance_due(at=ENDS) == 0


def test_one_that_is_called_off_never_touched_its_components(
    maintenance: Incident, network: Component
) -> None:
    say(maintenance, DONE, at=BEGINS - HOUR, body="Called off.")
    maintenance.refresh_from_db()
    assert maintenance.state == DONE
    assert advance_due(at=BEGINS) == 0
    assert StatusChange.objects.filter(component=network).count() == 1


def test_completed_work_can_be_taken_up_again_with_a_new_end(
    maintenance: Incident, network: Component
) -> None:
    advance_due(at=ENDS)
    say(maintenance, IN_PROGRESS, at=ENDS + HOUR, scheduled_until=ENDS + 2 * HOUR)
    maintenance.refresh_from_db()
    assert (status(network), maintenance.resolved_at) == (S.UNDER_MAINTENANCE, None)
    assert advance_due(at=ENDS + 2 * HOUR) == 1
    assert status(network) == S.OPERATIONAL
