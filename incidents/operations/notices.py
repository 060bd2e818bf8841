"""A notice while it waits: withdrawn, or sent before its time (DESIGN 10)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from incidents.domain.journal import EventKind
from incidents.models import Event
from incidents.operations import bells
from incidents.operations.actors import Actor
from incidents.operations.errors import Refused
from incidents.operations.journal import lock, record


@transaction.atomic
def cancel_event(event: Event, *, by: Actor, at: datetime) -> None:
    """Undo: tell nobody of this event. Raises Refused once the first row is written; a second Undo changes nothing."""
    event = _held(event, "withdrawn")
    if event.cancelled_at is None:
        _with_its_moves(event).update(cancelled_at=at)
        _note(event, "notification withdrawn", by=by, at=at)


@transaction.atomic
def release_event(event: Event, *, by: Actor, at: datetime) -> None:
    """Send now: the hold ends at `at`. Raises Refused where there is nothing to release any more."""
    event = _held(event, "sent early")
    if event.cancelled_at is not None:
        raise Refused("event", "This notification was withdrawn. Post an update to tell people.")
    if event.hold_until > at:
        _with_its_moves(event).update(hold_until=at)
        _note(event, "notification sent early", by=by, at=at)
        bells.ring(event.page_id, due=True)


def _held(event: Event, what: str) -> Event:
    lock(event.page)
    event = Event.objects.select_for_update().get(pk=event.pk)
    if not event.notifies or event.expanded_at or event.cursor:
        raise Refused("event", f"This notification can no longer be {what}: people are being told already.")
    return event


def _with_its_moves(event: Event) -> "QuerySet[Event]":
    """The event and those of the components that its update moved, which wait with it."""
    moves = Q(update__isnull=False, update=event.update_id, component__isnull=False, notifies=True)
    return Event.objects.filter(Q(pk=event.pk) | moves)


def _note(event: Event, what: str, *, by: Actor, at: datetime) -> None:
    record(
        event.page,
        EventKind.INCIDENT_UPDATED,
        by=by,
        at=at,
        incident=event.incident,
        update=event.update,
        data={"event": event.pk, "what": what},
    )
