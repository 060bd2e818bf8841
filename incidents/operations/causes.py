"""Saying that a maintenance brought an incident about: a link on both of their pages."""

from datetime import datetime

from django.db import transaction

from incidents.domain.journal import EventKind
from incidents.models import Incident
from incidents.operations.actors import Actor
from incidents.operations.errors import Refused
from incidents.operations.journal import lock, record


@transaction.atomic
def set_cause(incident: Incident, *, maintenance: Incident | None, by: Actor, at: datetime) -> None:
    """Link an incident to the maintenance that caused it, or to none. Raises Refused; twice is once."""
    page = lock(incident.page)
    incident = Incident.objects.select_related("caused_by", "page").get(pk=incident.pk)
    if incident.state.is_planned:
        raise Refused("incident", "A maintenance is caused by nobody's maintenance.")
    if maintenance is not None:
        if maintenance.page_id != incident.page_id:
            raise Refused("incident", f"{maintenance} is not on this page.")
        if not maintenance.state.is_planned:
            raise Refused("incident", f"{maintenance} is no maintenance.")
    before = incident.caused_by
    if before == maintenance:
        return
    Incident.objects.filter(pk=incident.pk).update(caused_by=maintenance, updated_at=at)
    said = {"what": "cause", "caused_by": maintenance.code if maintenance else ""}
    record(page, EventKind.INCIDENT_UPDATED, by=by, at=at, incident=incident, data=said)
    for each in filter(None, (before, maintenance)):
        record(
            page, EventKind.MAINTENANCE_UPDATED, by=by, at=at, incident=each, data={"caused": incident.code}
        )
