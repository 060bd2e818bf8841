"""The life of a maintenance: scheduled, moved, begun, verified, completed; by a person or at its instants by itself."""

import logging
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.db import transaction

from incidents.domain.components import ComponentStatus, worst
from incidents.domain.incidents import EARLIEST, Impact, IncidentStatus
from incidents.domain.journal import EventKind
from incidents.models import Component, Incident, IncidentUpdate, Maintenance, Page
from incidents.operations.actors import CLOCK, Actor
from incidents.operations.components import Statuses, checked_name
from incidents.operations.errors import Refused
from incidents.operations.journal import NO_HOLD, lock, record
from incidents.operations.updates import (
    Named,
    add_update,
    affected_components,
    as_expected,
    restored_status,
    told,
)

log = logging.getLogger(__name__)

BEGUN = "Scheduled maintenance is currently in progress. We will provide updates as necessary."
COMPLETED = "The scheduled maintenance has been completed."
LONGEST = timedelta(days=366)


@transaction.atomic
def schedule_maintenance(
    page: Page,
    *,
    title: str,
    body: str,
    scheduled_for: datetime,
    scheduled_until: datetime,
    components: Collection[Component] = (),
    starts_itself: bool = True,
    ends_itself: bool = True,
    by: Actor,
    at: datetime,
    notify: bool = True,
    hold: timedelta = NO_HOLD,
) -> Incident:
    """Announce work on some components; returns the thread in which it is told.

    Nothing of a component's status changes before the work begins. Raises Refused naming the field; then nothing was
    written.
    """
    _check_window(scheduled_for, scheduled_until, at=at)
    page = lock(page)
    incident = Incident.objects.create(
        page=page,
        title=checked_name("title", title),
        status=IncidentStatus.SCHEDULED.value,
        impact=Impact.MAINTENANCE.value,
        started_at=scheduled_for,
        created_at=at,
        updated_at=at,
    )
    Maintenance.objects.create(
        incident=incident,
        scheduled_for=scheduled_for,
        scheduled_until=scheduled_until,
        starts_itself=starts_itself,
        ends_itself=ends_itself,
    )
    _say(
        incident,
        EventKind.MAINTENANCE_SCHEDULED,
        status=IncidentStatus.SCHEDULED,
        body=body,
        components=dict.fromkeys(components),
        by=by,
        at=at,
        notify=notify,
        hold=hold,
    )
    return incident


@transaction.atomic
def update_maintenance(
    incident: Incident,
    *,
    status: IncidentStatus,
    body: str,
    components: Statuses | None = None,
    scheduled_for: datetime | None = None,
    scheduled_until: datetime | None = None,
    by: Actor,
    at: datetime,
    notify: bool = True,
    hold: timedelta = NO_HOLD,
    expected_version: int | None = None,
) -> IncidentUpdate:
    """Say something more, with any of a maintenance's statuses, and perhaps another window.

    What `components` does not name follows the status: under maintenance while the work goes on (or as bad as an open
    incident says), restored once it is completed or put off. Raises Refused naming the field, and Conflict.
    """
    lock(incident.page)
    incident = as_expected(incident, expected_version)
    _move(incident, scheduled_for, scheduled_until, at=at)
    over = status == IncidentStatus.COMPLETED
    return _say(
        incident,
        EventKind.MAINTENANCE_COMPLETED if over else EventKind.MAINTENANCE_UPDATED,
        status=status,
        body=body,
        components={**_following(incident, status), **(components or {})},
        by=by,
        at=at,
        notify=notify,
        hold=hold,
    )


def advance_due(*, at: datetime) -> int:
    """Begin and complete what is to do so by itself at `at`; how many there were.

    Safe to run twice at once: the page is locked and the status read again. One that fails does not stop the others.
    """
    advanced = 0
    for pk, status in _due(at):
        try:
            advanced += _advance(pk, status, at=at)
        except Exception:  # the next sweep tries again; meanwhile the other pages go on
            log.exception("a maintenance could not be advanced", extra={"incident": pk})
    return advanced


def _due(at: datetime) -> Iterator[tuple[int, IncidentStatus]]:
    """What is to begin, then what is to end: work whose whole window passed unseen does both in one sweep."""
    known = Incident.objects.planned()
    begins = known.filter(
        status=IncidentStatus.SCHEDULED, maintenance__starts_itself=True, maintenance__scheduled_for__lte=at
    )
    for pk in list(begins.order_by("pk").values_list("pk", flat=True)):
        yield pk, IncidentStatus.IN_PROGRESS
    ends = known.in_force().filter(maintenance__ends_itself=True, maintenance__scheduled_until__lte=at)
    for pk in list(ends.order_by("pk").values_list("pk", flat=True)):
        yield pk, IncidentStatus.COMPLETED


@transaction.atomic
def _advance(pk: int, status: IncidentStatus, *, at: datetime) -> bool:
    lock(Incident.objects.select_related("page").get(pk=pk).page)
    incident = Incident.objects.select_related("page", "maintenance").get(pk=pk)
    begins = status == IncidentStatus.IN_PROGRESS
    ready = incident.state == IncidentStatus.SCHEDULED if begins else incident.state.is_in_force
    plan = incident.maintenance
    if not ready or (plan.scheduled_for if begins else plan.scheduled_until) > at:
        return False
    update_maintenance(incident, status=status, body=BEGUN if begins else COMPLETED, by=CLOCK, at=at)
    return True


def _following(incident: Incident, status: IncidentStatus) -> Named:
    """What the status says of the components that the maintenance has named."""
    named = affected_components(incident)
    if status == IncidentStatus.SCHEDULED and incident.state == IncidentStatus.SCHEDULED:
        return dict.fromkeys(named)
    restored = {each: restored_status(each, without=incident) for each in named}
    if not status.is_in_force:
        return restored
    if incident.state.is_in_force:
        return {}
    return {each: worst([known, ComponentStatus.UNDER_MAINTENANCE]) for each, known in restored.items()}


def _say(
    incident: Incident,
    kind: EventKind,
    *,
    status: IncidentStatus,
    body: str,
    components: Named,
    by: Actor,
    at: datetime,
    notify: bool,
    hold: timedelta,
) -> IncidentUpdate:
    update = add_update(
        incident, status=status, body=body, components=components, by=by, at=at, notify=notify
    )
    record(
        incident.page,
        kind,
        by=by,
        at=at,
        incident=incident,
        update=update,
        data=told(incident, update),
        notify=notify,
        hold=hold,
    )
    return update


def _move(incident: Incident, begins: datetime | None, ends: datetime | None, *, at: datetime) -> None:
    plan = incident.maintenance
    window = begins or plan.scheduled_for, ends or plan.scheduled_until
    if window == (plan.scheduled_for, plan.scheduled_until):
        return
    _check_window(*window, at=at)
    plan.scheduled_for, plan.scheduled_until = window
    plan.save(update_fields=["scheduled_for", "scheduled_until"])
    incident.started_at = plan.scheduled_for  # the update that follows saves it


def _check_window(begins: datetime, ends: datetime, *, at: datetime) -> None:
    if begins < EARLIEST:
        raise Refused("scheduled_for", f"This time lies before {EARLIEST.year}. Check its year.")
    if ends <= begins:
        raise Refused("scheduled_until", "The maintenance must end after it begins.")
    if ends <= at:
        raise Refused("scheduled_until", "This time has passed. Give the end as it is planned now.")
    if ends - begins > LONGEST:
        raise Refused("scheduled_until", f"A maintenance may last {LONGEST.days} days at most.")
