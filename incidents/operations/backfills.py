"""An outage of the past that was never told: written down as over, and nobody is woken for it."""

from datetime import datetime

from django.db import transaction

from incidents.domain.incidents import Impact, IncidentStatus
from incidents.domain.journal import EventKind
from incidents.models import Incident, Page
from incidents.operations.actors import Actor
from incidents.operations.components import checked_name
from incidents.operations.journal import lock, record
from incidents.operations.updates import add_update, told


@transaction.atomic
def backfill_incident(
    page: Page,
    *,
    title: str,
    body: str,
    happened_at: datetime,
    impact_override: Impact | None = None,
    by: Actor,
    at: datetime,
) -> Incident:
    """A resolved incident of an earlier day, without components: what they were then is not changed by it.

    Raises Refused naming the field.
    """
    page = lock(page)
    incident = Incident.objects.create(
        page=page,
        title=checked_name("title", title),
        status=IncidentStatus.RESOLVED.value,
        impact_override=impact_override.value if impact_override else "",
        started_at=happened_at,
        created_at=at,
        updated_at=at,
    )
    update = add_update(
        incident,
        status=IncidentStatus.RESOLVED,
        body=body,
        components={},
        by=by,
        at=at,
        happened_at=happened_at,
        notify=False,
    )
    data = told(incident, update) | {"what": "backfilled"}
    record(page, EventKind.INCIDENT_OPENED, by=by, at=at, incident=incident, update=update, data=data)
    return incident
