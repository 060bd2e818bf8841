"""The journal's writer, and the lock that puts one page's events in the order of their commits."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from incidents.domain.journal import TOLD, UNSEEN, EventKind
from incidents.models import Component, Event, Incident, IncidentUpdate, Page, Subscriber
from incidents.operations import bells
from incidents.operations.actors import Actor
from incidents.operations.audit import seal_events

NO_HOLD = timedelta(0)


def lock(page: Page) -> Page:
    """The page's row, locked until the transaction ends: whoever writes to a page does it one after another."""
    return Page.objects.select_for_update().get(pk=page.pk)


def newest_event() -> int:
    """The key of the newest event: what is recorded from now on, under the page's lock, has a greater one."""
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def record(
    page: Page,
    kind: EventKind,
    *,
    by: Actor,
    at: datetime,
    incident: Incident | None = None,
    update: IncidentUpdate | None = None,
    subscriber: Subscriber | None = None,
    component: Component | None = None,
    data: dict[str, Any] | None = None,
    notify: bool = False,
    hold: timedelta = NO_HOLD,
) -> Event:
    """Write one event in the caller's transaction, move the page's `updated_at`, and ring the bells after commit.

    `notify` asks for a fan-out once `hold` is over: to the page's subscribers for the kinds in `TOLD`, to its staff for
    an alert, to the machines that follow `component`, else to `subscriber` alone. What an `update` moved is told to
    machines one by one as well.
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
        component=component,
        data=data or {},
        notifies=notify and (kind in TOLD or kind == EventKind.ALERT_RAISED or bool(subscriber or component)),
        hold_until=at + hold,
    )
    moves = _record_moves(event, update) if update and event.notifies else []
    if kind not in UNSEEN:
        Page.objects.filter(pk=page.pk).update(updated_at=at)
    seal_events(page, [event, *moves])
    bells.ring(page.pk, due=event.notifies, touched=kind not in UNSEEN)
    return event


def _record_moves(event: Event, update: IncidentUpdate) -> list[Event]:
    """Statuspage tells machines of each component whose status changes, beside the incident that says so.

    A move that still waits gives way to the newer one, which then tells of both; there and back is not told at all.
    """
    moved = update.affected.exclude(old_status=F("new_status")).filter(new_status=F("component__status"))
    rows = list(moved.select_related("component"))
    waiting = Event.objects.waiting(event.at).filter(component__in=[row.component_id for row in rows])
    before = {each.component_id: each.data["old_status"] for each in waiting.order_by("-pk")}
    waiting.update(cancelled_at=event.at)
    moves = [(row, before.get(row.component_id, row.old_status)) for row in rows]
    return Event.objects.bulk_create(
        [
            Event(
                page=event.page,
                kind=EventKind.COMPONENT_CHANGED,
                at=event.at,
                user=event.user,
                actor=event.actor,
                update=update,
                component=row.component,
                data={"component": row.component.code, "old_status": old, "new_status": row.new_status},
                notifies=True,
                hold_until=event.hold_until,
            )
            for row, old in moves
            if old != row.new_status
        ]
    )


def record_unheard(
    page: Page, kind: EventKind, *, by: Actor, at: datetime, data: Sequence[dict[str, Any]]
) -> None:
    """Write many events of one kind that nobody is told of, and ring once for all of them."""
    events = Event.objects.bulk_create(
        [
            Event(page=page, kind=kind, at=at, user=by.user, actor=by.name, data=each, hold_until=at)
            for each in data
        ]
    )
    Page.objects.filter(pk=page.pk).update(updated_at=at)
    seal_events(page, events)
    bells.ring(page.pk, due=False, touched=kind not in UNSEEN)


def record_components(page: Page, moved: Mapping[Component, str], *, by: Actor, at: datetime) -> None:
    """Write one event for each component that went from a status to its present one, and ring once for all of them."""
    events = Event.objects.bulk_create(
        [
            Event(
                page=page,
                kind=EventKind.COMPONENT_CHANGED,
                at=at,
                user=by.user,
                actor=by.name,
                component=component,
                data={"component": component.code, "old_status": old, "new_status": component.status},
                notifies=True,
                hold_until=at,
            )
            for component, old in moved.items()
        ],
        batch_size=500,
    )
    Page.objects.filter(pk=page.pk).update(updated_at=at)
    seal_events(page, events)
    bells.ring(page.pk, due=True, touched=True)
