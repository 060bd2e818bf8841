"""Notifications while they wait: how long, which ones, and the two buttons, Undo and Send now (DESIGN 10)."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.models import Event, Incident
from incidents.operations.actors import Actor, staff
from incidents.operations.errors import Refused
from incidents.operations.notices import cancel_event, release_event

CONSOLE_HOLD = timedelta(seconds=30)
"""What holds here while `NOTIFY_HOLD_SECONDS` is 0, which means "at once" to the API."""


def hold() -> timedelta:
    """The hold of the next post, so that a slip can be withdrawn before anybody is told."""
    return settings.NOTIFY_HOLD or CONSOLE_HOLD


def held_events(incidents: Collection[Incident], *, at: datetime) -> list[Event]:
    """What of these incidents nobody has been told yet."""
    waiting = Event.objects.filter(notifies=True, cancelled_at__isnull=True, expanded_at__isnull=True)
    return list(waiting.filter(incident__in=incidents, hold_until__gt=at).select_related("update"))


@door(of=finding.event)
def undo(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Tell nobody of this post."""
    return _act(
        request, pk, cancel_event, "Notifications cancelled. The update stays on the page; edit it here."
    )


@door(of=finding.event)
def send_now(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Do not wait for the hold to end."""
    return _act(request, pk, release_event, "The notifications are queued to be sent now.")


def _act(request: StaffRequest, pk: int, operation: Callable[..., object], done: str) -> HttpResponseBase:
    event = get_object_or_404(
        Event.objects.select_related("incident", "page", "update"), pk=pk, incident__isnull=False
    )
    assert event.incident  # noqa: S101  (the query says so)
    if request.method == "POST":
        by: Actor = staff(request.user)
        try:
            operation(event, by=by, at=now())
        except Refused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, done)
            if operation is cancel_event and event.update and event.update.rfo_version_id is None:
                return redirect("console:edit-update", event.update.code)
    planned = event.incident.state.is_planned
    return redirect("console:maintenance" if planned else "console:incident", event.incident.code)
