"""What may be put right of an incident beside its words: title, impact, a script's notes; and its very existence."""

from datetime import datetime
from typing import Any

from django.db import transaction

from incidents.domain.deliveries import UNFINISHED, DeliveryState
from incidents.domain.incidents import Impact
from incidents.domain.journal import EventKind
from incidents.models import Delivery, Event, Incident, Maintenance, RfoVersion
from incidents.operations.actors import Actor
from incidents.operations.components import apply_status, checked_name
from incidents.operations.errors import Refused
from incidents.operations.journal import lock, record
from incidents.operations.metadata import checked_metadata
from incidents.operations.pages import note_set_up
from incidents.operations.rfos import discard_draft
from incidents.operations.updates import affected_components, as_expected, restored_status

DELETED = "The incident was deleted."


@transaction.atomic
def correct_incident(
    incident: Incident,
    *,
    title: str | None = None,
    impact_override: Impact | str | None = None,
    metadata: dict[str, Any] | None = None,
    expected_version: int | None = None,
    by: Actor,
    at: datetime,
) -> Incident:
    """Change the title, the impact that is shown instead of the computed one ("" for that one again), or the metadata.

    None leaves a thing as it is; no subscriber is notified. The journal keeps the old title and the new one.

    Raises Refused naming the field, and Conflict.
    """
    page = lock(incident.page)
    incident = as_expected(incident, expected_version)
    wanted: dict[str, Any] = {}
    if title is not None:
        wanted["title"] = checked_name("title", title)
    if impact_override is not None:
        wanted["impact_override"] = str(impact_override)
    if metadata is not None:
        wanted["metadata"] = checked_metadata(metadata)
    changed = sorted(name for name, value in wanted.items() if getattr(incident, name) != value)
    if not changed:
        return incident
    data = {"what": f"changed: {', '.join(changed)}"}
    if "title" in changed:
        data |= {"before": incident.title, "after": wanted["title"]}
    for name in changed:
        setattr(incident, name, wanted[name])
    incident.version, incident.updated_at = incident.version + 1, at
    incident.save(update_fields=[*changed, "version", "updated_at"])
    planned = incident.state.is_planned
    kind = EventKind.MAINTENANCE_UPDATED if planned else EventKind.INCIDENT_UPDATED
    record(page, kind, by=by, at=at, incident=incident, data=data)
    return incident


@transaction.atomic
def correct_plan(incident: Incident, *, by: Actor, at: datetime, **changes: bool | int | None) -> None:
    """Change what a maintenance does by itself: `starts_itself`, `ends_itself`, `remind_hours`. Nobody is told."""
    page = lock(incident.page)
    plan = Maintenance.objects.get(incident=incident)
    changed = {name: value for name, value in changes.items() if getattr(plan, name) != value}
    if changed:
        Maintenance.objects.filter(pk=plan.pk).update(**changed)
        data = {"what": f"changed: {', '.join(sorted(changed))}"}
        record(page, EventKind.MAINTENANCE_UPDATED, by=by, at=at, incident=incident, data=data)


@transaction.atomic
def delete_incident(incident: Incident, *, by: Actor, at: datetime) -> Incident:
    """Take an incident or a maintenance off the page for good: nobody is told, and what waits to be sent is not sent.

    Components that it holds come back to what the others say of them; their history stays. Its clocks stop, and a draft
    of its RFO goes with it. The journal and the audit keep that there was one. Raises Refused for one whose RFO was
    published: that is withdrawn, never unsaid.
    """
    page = lock(incident.page)
    incident = as_expected(incident, None)
    if incident.rfos.filter(versions__published_at__isnull=False).exists():
        raise Refused("incident", "Its RFO was published. Withdraw that with a reason; the incident stays.")
    if incident.state.is_in_force:
        for each in affected_components(incident):
            apply_status(each, restored_status(each, without=incident), at=at, present=at)
    incident.deleted_at = incident.updated_at = at
    incident.save(update_fields=["deleted_at", "updated_at"])
    incident.holds.filter(released_at=None).update(released_at=at)
    incident.clocks.filter(stopped_at=None).update(stopped_at=at)
    for version in RfoVersion.objects.filter(rfo__incident=incident):
        discard_draft(version, by=by, at=at)
    incident.rfos.all().delete()
    events = Event.objects.filter(incident=incident)
    events.filter(notifies=True, expanded_at=None, cancelled_at=None).update(cancelled_at=at)
    Delivery.objects.filter(event__in=events, state__in=UNFINISHED).update(
        state=DeliveryState.DEAD, finished_at=at, leased_until=None, detail=DELETED
    )
    note_set_up(page, what=f"incident {incident.code} deleted: {incident.title}"[:200], by=by, at=at)
    return incident
