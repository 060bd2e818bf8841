"""The journal's writer, and the lock that puts one page's events in the order of their commits."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from incidents.domain.journal import TOLD, UNSEEN, EventKind
from incidents.models import Event, Incident, IncidentUpdate, Page, Subscriber
from incidents.operations import bells
from incidents.operations.actors import Actor

NO_HOLD = timedelta(0)


def lock(page: Page) -> Page:
    """The page's row, locked until the transaction ends: whoever writes to a page does it one after another."""
    return Page.objects.select_for_update().get(pk=page.pk)


def record(
    page: Page,
    kind: EventKind,
    *,
    by: Actor,
    at: datetime,
    incident: Incident | None = None,
    update: IncidentUpdate | None = None,
    subscriber: Subscriber | None = None,
    data: dict[str, Any] | None = None,
    notify: bool = False,
    hold: timedelta = NO_HOLD,
) -> Event:
    """Write one event in the caller's transaction, move the page's `updated_at`, and ring the bells after commit.

    `notify` asks for a fan-out once `hold` is over: to the page's subscribers for the kinds in `TOLD`, else to
    `subscriber` alone.
    """
    event = Event.objects.create(
        page=page,
        kind=kind,
        at=at,
        user=by.user,
        actor=by.name,
        incident=incident,
        update=update,
        subscriber=subscriber,
        data=data or {},
        notifies=notify and (kind in TOLD or subscriber is not None),
        hold_until=at + hold,
    )
    if subscriber is None:
        Page.objects.filter(pk=page.pk).update(updated_at=at)
    bells.ring(page.pk, due=event.notifies, touched=kind not in UNSEEN)
    return event


def record_unheard(
    page: Page, kind: EventKind, *, by: Actor, at: datetime, data: Sequence[dict[str, Any]]
) -> None:
    """Write many events of one kind that nobody is told of, and ring once for all of them."""
    Event.objects.bulk_create(
        [
            Event(page=page, kind=kind, at=at, user=by.user, actor=by.name, data=each, hold_until=at)
            for each in data
        ]
    )
    Page.objects.filter(pk=page.pk).update(updated_at=at)
    bells.ring(page.pk, due=False, touched=kind not in UNSEEN)
