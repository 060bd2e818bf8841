"""The life of an incident: open, update, resolve. Each is one transaction with its journal event."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from incidents.domain.incidents import IncidentStatus
from incidents.domain.journal import EventKind
from incidents.domain.texts import BodyFormat
from incidents.models import Component, Incident, IncidentUpdate, Page
from incidents.operations.actors import Actor
from incidents.operations.clocks import start_default
from incidents.operations.components import checked_name
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


@transaction.atomic
def open_incident(
    page: Page,
    *,
    title: str,
    body: str,
    body_format: BodyFormat = BodyFormat.MARKDOWN,
    status: IncidentStatus = IncidentStatus.INVESTIGATING,
    components: Named | None = None,
    by: Actor,
    at: datetime,
    happened_at: datetime | None = None,
    started_at: datetime | None = None,
    next_update_by: datetime | None = None,
    notify: bool = True,
    hold: timedelta = NO_HOLD,
    twin_of: Incident | None = None,
) -> Incident:
    """Open an incident with its first public words.

    `happened_at` backdates it, `started_at` only says when it began; `twin_of` is the first telling of the same outage,
    on another page. Raises Refused naming the field; then nothing was written.
    """
    if not status.is_open:
        raise Refused("status", "An incident opens as investigating, identified or monitoring.")
    page = lock(page)
    incident = Incident.objects.create(
        page=page,
        title=checked_name("title", title),
        status=status.value,
        automatic=by.is_monitor,
        started_at=started_at or happened_at or at,
        created_at=at,
        updated_at=at,
        twin_of=twin_of,
    )
    start_default(incident, by=by, at=at)
    update = add_update(
        incident,
        status=status,
        body=body,
        body_format=body_format,
        components=components or {},
        by=by,
        at=at,
        happened_at=happened_at,
        next_update_by=next_update_by,
        notify=notify,
    )
    record(
        page,
        EventKind.INCIDENT_OPENED,
        by=by,
        at=at,
        incident=incident,
        update=update,
        data=told(incident, update) | ({"twin_of": twin_of.code} if twin_of else {}),
        notify=notify,
        hold=hold,
    )
    return incident


@transaction.atomic
def update_incident(
    incident: Incident,
    *,
    status: IncidentStatus,
    body: str,
    body_format: BodyFormat = BodyFormat.MARKDOWN,
    components: Named | None = None,
    by: Actor,
    at: datetime,
    happened_at: datetime | None = None,
    next_update_by: datetime | None = None,
    notify: bool = True,
    hold: timedelta = NO_HOLD,
    expected_version: int | None = None,
) -> IncidentUpdate:
    """Say something more about an incident, with any status and any component states.

    `expected_version` is the `Incident.version` that the author saw; Conflict when somebody wrote meanwhile.
    """
    if status == IncidentStatus.POSTMORTEM:
        raise Refused("status", "A postmortem is reached by publishing an RFO.")
    if status.is_planned:
        raise Refused("status", "Only a maintenance is planned, and an incident never becomes one.")
    page = lock(incident.page)
    incident = as_expected(incident, expected_version)
    update = add_update(
        incident,
        status=status,
        body=body,
        body_format=body_format,
        components=components or {},
        by=by,
        at=at,
        happened_at=happened_at,
        next_update_by=next_update_by,
        notify=notify,
    )
    record(
        page,
        EventKind.INCIDENT_RESOLVED if status == IncidentStatus.RESOLVED else EventKind.INCIDENT_UPDATED,
        by=by,
        at=at,
        incident=incident,
        update=update,
        data=told(incident, update),
        notify=notify,
        hold=hold,
    )
    return update


@transaction.atomic
def resolve_incident(
    incident: Incident,
    *,
    body: str,
    body_format: BodyFormat = BodyFormat.MARKDOWN,
    by: Actor,
    at: datetime,
    restore: Iterable[Component] | None = None,
    happened_at: datetime | None = None,
    notify: bool = True,
    hold: timedelta = NO_HOLD,
    expected_version: int | None = None,
) -> IncidentUpdate:
    """Resolve, restoring the components in `restore` (all affected ones when None)."""
    lock(incident.page)
    back = affected_components(incident) if restore is None else restore
    return update_incident(
        incident,
        status=IncidentStatus.RESOLVED,
        body=body,
        body_format=body_format,
        components={each: restored_status(each, without=incident) for each in back},
        by=by,
        at=at,
        happened_at=happened_at,
        notify=notify,
        hold=hold,
        expected_version=expected_version,
    )
