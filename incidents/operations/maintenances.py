"""The life of a maintenance: scheduled, moved, begun, verified, completed; by a person or at its instants by itself."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import EARLIEST, Impact, IncidentStatus
from incidents.domain.journal import EventKind
from incidents.domain.sweeps import SweepKind
from incidents.domain.texts import BodyFormat
from incidents.models import Component, Incident, IncidentUpdate, Maintenance, Page
from incidents.operations.actors import CLOCK, Actor
from incidents.operations.components import checked_name
from incidents.operations.errors import Refused
from incidents.operations.journal import NO_HOLD, lock, record
from incidents.operations.sweeps import Place, each_row
from incidents.operations.updates import (
    Named,
    add_update,
    affected_components,
    as_expected,
    is_as_told,
    last_said,
    told,
)

BEGUN = "The scheduled maintenance window has begun."
COMPLETED = "The scheduled maintenance window has ended."
"""The clock knows the plan and nothing of the work itself: that something is done, a person says."""
LONGEST = timedelta(days=366)
FURTHEST = timedelta(days=731)
"""Nothing begins further ahead than this; a slip in the year would stand on the page for as long."""


@transaction.atomic
def schedule_maintenance(
    page: Page,
    *,
    title: str,
    body: str,
    body_format: BodyFormat = BodyFormat.MARKDOWN,
    scheduled_for: datetime,
    scheduled_until: datetime,
    components: Collection[Component] = (),
    starts_itself: bool = True,
    ends_itself: bool = True,
    remind_hours: int | None = None,
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
        remind_hours=remind_hours,
    )
    _say(
        incident,
        EventKind.MAINTENANCE_SCHEDULED,
        status=IncidentStatus.SCHEDULED,
        body=body,
        body_format=body_format,
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
    components: Named | None = None,
    scheduled_for: datetime | None = None,
    scheduled_until: datetime | None = None,
    by: Actor,
    at: datetime,
    notify: bool = True,
    hold: timedelta = NO_HOLD,
    expected_version: int | None = None,
) -> IncidentUpdate:
    """Say something more, with any of a maintenance's statuses, and perhaps another window or further components.

    What `components` does not name, or names with None, follows the status: under maintenance while the work goes on
    (or as bad as an open incident says), restored once it is completed or put off. Before the work begins components
    are only named. Raises Refused naming the field, and Conflict.
    """
    lock(incident.page)
    incident = as_expected(incident, expected_version)
    if not incident.state.is_planned:
        raise Refused("status", "This is an incident. Only a maintenance has a plan.")
    _move(incident, scheduled_for, scheduled_until, at=at)
    _check_course(incident, status, at=at)
    return _tell(
        incident,
        status=status,
        body=body,
        components=components or {},
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
    for status in (IncidentStatus.IN_PROGRESS, IncidentStatus.COMPLETED):
        work = partial(_advance, status=status, at=at)
        advanced += sum(each_row(SweepKind.MAINTENANCE, _due(status, at=at), work, place=_place, at=at))
    return advanced


def _place(incident: Incident) -> Place:
    return Place(incident.page_id, incident.title, f"/console/maintenances/{incident.code}")


def _due(status: IncidentStatus, *, at: datetime) -> QuerySet[Incident]:
    """What is to begin, or to end: work whose whole window passed unseen does both in one sweep."""
    known = Incident.objects.planned().select_related("page").order_by("pk")
    if status == IncidentStatus.IN_PROGRESS:
        return known.filter(
            status=IncidentStatus.SCHEDULED,
            maintenance__starts_itself=True,
            maintenance__scheduled_for__lte=at,
        )
    return known.in_force().filter(maintenance__ends_itself=True, maintenance__scheduled_until__lte=at)


@transaction.atomic
def _advance(incident: Incident, *, status: IncidentStatus, at: datetime) -> bool:
    lock(incident.page)
    incident = Incident.objects.select_related("page", "maintenance").get(pk=incident.pk)
    begins = status == IncidentStatus.IN_PROGRESS
    ready = incident.state == IncidentStatus.SCHEDULED if begins else incident.state.is_in_force
    plan = incident.maintenance
    if not ready or (plan.scheduled_for if begins else plan.scheduled_until) > at:
        return False
    # Who planned it in silence does not want everybody woken by its beginning.
    notify = incident.updates.filter(notify=True).exists()
    _tell(incident, status=status, body=BEGUN if begins else COMPLETED, by=CLOCK, at=at, notify=notify)
    return True


def _tell(
    incident: Incident,
    *,
    status: IncidentStatus,
    body: str,
    components: Named | None = None,
    by: Actor,
    at: datetime,
    notify: bool,
    hold: timedelta = NO_HOLD,
) -> IncidentUpdate:
    """Say more of a maintenance, inside the caller's transaction and lock."""
    over = status == IncidentStatus.COMPLETED
    return _say(
        incident,
        EventKind.MAINTENANCE_COMPLETED if over else EventKind.MAINTENANCE_UPDATED,
        status=status,
        body=body,
        components=_following(incident, status, components or {}),
        by=by,
        at=at,
        notify=notify,
        hold=hold,
    )


def _following(incident: Incident, status: IncidentStatus, given: Named) -> Named:
    """What the statement says of the components that the maintenance has named, and of those that are `given`.

    The end of the work leaves a component alone whose status somebody has set by hand meanwhile.
    """
    known, goes_on = affected_components(incident), incident.state.is_in_force
    named: dict[Component, ComponentStatus | None] = dict.fromkeys([*known, *given])
    if status.is_in_force:
        begun = known if goes_on else []
        named |= {each: ComponentStatus.UNDER_MAINTENANCE for each in named if each not in begun}
    elif goes_on:
        said = [last_said(each, incident) for each in known]
        named |= {row.component: ComponentStatus.OPERATIONAL for row in said if row and is_as_told(row)}
    elif status == IncidentStatus.SCHEDULED:
        return named
    return named | {each: chosen for each, chosen in given.items() if chosen}


def _say(
    incident: Incident,
    kind: EventKind,
    *,
    status: IncidentStatus,
    body: str,
    body_format: BodyFormat = BodyFormat.MARKDOWN,
    components: Named,
    by: Actor,
    at: datetime,
    notify: bool,
    hold: timedelta,
) -> IncidentUpdate:
    update = add_update(
        incident,
        status=status,
        body=body,
        body_format=body_format,
        components=components,
        by=by,
        at=at,
        notify=notify,
    )
    record(
        incident.page,
        kind,
        by=by,
        at=at,
        incident=incident,
        update=update,
        data={**told(incident, update), **window_told(incident)},
        notify=notify,
        hold=hold,
    )
    return update


def window_told(incident: Incident) -> dict[str, str]:
    """The plan as it was when this was said: a later one does not change what this notice tells."""
    plan = incident.maintenance
    return {
        "scheduled_for": plan.scheduled_for.isoformat(),
        "scheduled_until": plan.scheduled_until.isoformat(),
    }


def _move(incident: Incident, begins: datetime | None, ends: datetime | None, *, at: datetime) -> None:
    plan = incident.maintenance
    window = begins or plan.scheduled_for, ends or plan.scheduled_until
    if window == (plan.scheduled_for, plan.scheduled_until):
        return
    _check_window(*window, at=at)
    if plan.scheduled_for != window[0]:
        plan.reminded_at = None
    plan.scheduled_for, plan.scheduled_until = window
    plan.save(update_fields=["scheduled_for", "scheduled_until", "reminded_at"])
    incident.started_at = plan.scheduled_for  # the update that follows saves it


def _check_course(incident: Incident, status: IncidentStatus, *, at: datetime) -> None:
    """What is said now must not be undone by the clock's next look."""
    plan = incident.maintenance
    is_put_off = status == IncidentStatus.SCHEDULED and incident.state != IncidentStatus.SCHEDULED
    if is_put_off and plan.scheduled_for <= at:
        raise Refused("scheduled_for", "This time has passed. Say when the maintenance is to begin instead.")
    if status.is_in_force and plan.ends_itself and plan.scheduled_until <= at:
        raise Refused("scheduled_until", "This time has passed. Say when the maintenance is to end instead.")


def _check_window(begins: datetime, ends: datetime, *, at: datetime) -> None:
    if begins < EARLIEST:
        raise Refused("scheduled_for", f"This time lies before {EARLIEST.year}. Check its year.")
    if begins > at + FURTHEST:
        raise Refused("scheduled_for", "This time lies more than two years ahead. Check its year.")
    if ends <= begins:
        raise Refused("scheduled_until", "The maintenance must end after it begins.")
    if ends <= at:
        raise Refused("scheduled_until", "This time has passed. Give the end as it is planned now.")
    if ends - begins > LONGEST:
        raise Refused("scheduled_until", f"A maintenance may last {LONGEST.days} days at most.")
