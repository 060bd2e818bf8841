"""Mending the words of an update that is public already: what it said before stays with it, for everybody to read."""

from datetime import datetime, timedelta

from django.db import transaction

from incidents.domain.journal import EventKind
from incidents.models import Incident, IncidentUpdate, Revision
from incidents.operations.actors import Actor
from incidents.operations.errors import Conflict, Refused
from incidents.operations.journal import NO_HOLD, lock, record
from incidents.operations.updates import checked_body, told


@transaction.atomic
def revise_update(
    update: IncidentUpdate,
    *,
    body: str,
    by: Actor,
    at: datetime,
    notify: bool = False,
    hold: timedelta = NO_HOLD,
    expected_revisions: int | None = None,
) -> IncidentUpdate:
    """Replace the words of an update. Its status, its instant and what it said of components stay.

    `expected_revisions` is how often it had been mended when the author saw it; Conflict when somebody mended it since.
    With `notify` people are told of the new words as of any update. The same words again change nothing. Raises Refused
    naming the field.
    """
    page = lock(update.incident.page)
    update = IncidentUpdate.objects.select_related("incident__page").get(pk=update.pk)
    if update.rfo_version_id is not None:
        raise Refused("body", "This is a version of the RFO, which never changes. Publish the next version.")
    body, old = checked_body(body), update.body
    if body != old and expected_revisions not in {None, update.revisions.count()}:
        raise Conflict("body", "Somebody changed these words while you were writing. Read theirs first.")
    if body == old and not notify:
        return update
    if body != old:
        Revision.objects.create(update=update, body=old, replaced_at=at, replaced_by=by.user)
        update.body, update.edited_at = body, at
        update.save(update_fields=["body", "edited_at"])
    incident = _touched(update.incident, by=by, at=at)
    record(
        page,
        EventKind.MAINTENANCE_UPDATED if incident.state.is_planned else EventKind.INCIDENT_UPDATED,
        by=by,
        at=at,
        incident=incident,
        update=update,
        data=told(incident, update) | {"what": "words changed", "before": old[:500]},
        notify=notify,
        hold=hold,
    )
    return update


def _touched(incident: Incident, *, by: Actor, at: datetime) -> Incident:
    """The incident's own row follows: a form that was handed out before is noticed, and automation steps back."""
    incident.version += 1
    incident.updated_at = at
    if by.is_person and incident.taken_over_at is None:
        incident.taken_over_at = at
    incident.save(update_fields=["version", "updated_at", "taken_over_at"])
    return incident
