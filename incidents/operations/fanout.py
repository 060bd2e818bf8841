"""From one event to a row for each reader, in batches that may be killed (DESIGN 10).

The event keeps how far it has come, and a reader has one row an event, so a step may be repeated or run twice at once.
"""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
)

from incidents.domain.components import ComponentStatus
from incidents.domain.deliveries import UNFINISHED, DeliveryState
from incidents.domain.journal import RFOS_TOLD, TO_OWNERS, TOLD, EventKind
from incidents.domain.sweeps import SweepKind
from incidents.models import Delivery, Event, Incident, Subscriber, SweepFailure

ENDS = frozenset({EventKind.INCIDENT_RESOLVED, EventKind.MAINTENANCE_COMPLETED})
ENDINGS = ENDS | RFOS_TOLD
"""Said only to those who know that there was something, and of an RFO to those who follow nothing else."""
FIRST, BATCH = 50, 5000
"""Rows of the first step, so that the first reader is told at once, and of those after it."""


def expandable(at: datetime) -> QuerySet[Event]:
    """Events to expand now, oldest first; one of an incident or a component waits for the earlier ones, held ones
    included, but for those that were switched off because they failed.
    """
    off = SweepFailure.objects.filter(sweep=SweepKind.FAN_OUT, disabled_at__isnull=False).values("row")
    waiting = Event.objects.filter(notifies=True, expanded_at__isnull=True, cancelled_at__isnull=True)
    waiting = waiting.exclude(pk__in=off)
    earlier = waiting.filter(
        Q(incident=OuterRef("incident")) | Q(component=OuterRef("component")), pk__lt=OuterRef("pk")
    )
    return Event.objects.to_expand(at).exclude(pk__in=off).filter(~Exists(earlier)).order_by("pk")


@transaction.atomic
def expand(event: Event, *, at: datetime, batch: int | None = None) -> bool:
    """Write the next `batch` delivery rows of an event; whether nothing is left to do here."""
    held = expandable(at).select_for_update(skip_locked=True).filter(pk=event.pk).first()
    if held is None:
        return True
    size = batch or (BATCH if held.cursor else FIRST)
    step = readers(held).filter(pk__gt=held.cursor).order_by("pk")[:size]
    found = list(step.values_list("pk", flat=True))
    if found:
        _write(held, readers(held).filter(pk__gt=held.cursor, pk__lte=found[-1]), at=at)
        supersede(Q(subscriber__gt=held.cursor, subscriber__lte=found[-1]), at=at)
        held.cursor = found[-1]
    finished = len(found) < size
    held.expanded_at = at if finished else None
    held.save(update_fields=["cursor", "expanded_at"])
    return finished


def _write(event: Event, subscribers: QuerySet[Subscriber], *, at: datetime) -> None:
    """A row for each subscriber that has none, without a row ever coming here: INSERT … SELECT."""
    row: dict[str, Any] = {
        "event_id": Value(event.pk, BigIntegerField()),
        "subscriber_id": F("pk"),
        "channel": Value("email") if event.kind in TO_OWNERS else F("channel"),
        "state": Value(DeliveryState.DUE.value),
        "due_at": Value(at, DateTimeField()),
        "created_at": Value(at, DateTimeField()),
        "attempts": Value(0, IntegerField()),
        "holder": Value(""),
        "manual": Value(False, BooleanField()),
        "detail": Value(""),
    }
    named = {f"its_{column}": value for column, value in row.items()}
    select, values = subscribers.order_by("pk").annotate(**named).values_list(*named).query.sql_with_params()
    table, columns = Delivery._meta.db_table, ", ".join(row)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) {select} ON CONFLICT DO NOTHING", values)


def readers(event: Event) -> QuerySet[Subscriber]:
    """Who is told: those who had joined by then and, of an ending, those who were told of the beginning or joined in
    between."""
    if event.subscriber_id:
        return Subscriber.objects.filter(events=event)
    if event.kind == EventKind.ALERT_RAISED:
        return Subscriber.objects.called(event.page)
    if event.component:
        moved = {event.data.get("old_status"), event.data.get("new_status")}
        is_major = ComponentStatus.MAJOR_OUTAGE.value in moved
        taking = Subscriber.objects.told_of_component(event.component, is_major=is_major)
        return taking.filter(_joined_before(event))
    if event.kind not in TOLD or event.incident is None:
        return Subscriber.objects.none()
    is_rfo = event.kind in RFOS_TOLD
    joined = Subscriber.objects.told_of(event.incident, rfo=is_rfo).filter(_joined_before(event))
    if event.kind not in ENDINGS:
        return joined
    told = Q(
        Exists(
            Delivery.objects.filter(
                subscriber=OuterRef("pk"), event__incident=event.incident, event__lt=event.pk
            )
        )
    )
    if is_rfo:
        told |= Q(wants_incidents=False)
    if event.kind in ENDS:
        told |= _joined_since(event.incident)
    return joined.filter(told)


def _joined_before(event: Event) -> Q:
    """By the journal's order: the clock may have been set back between the two. Older rows know a time alone."""
    return Q(joined_after__lt=event.pk) | Q(joined_after=None, confirmed_at__lte=event.at)


def _joined_since(incident: Incident) -> Q:
    """Who joined after the incident's first event, so that they have seen it on the page."""
    first = Event.objects.filter(incident=incident).order_by("pk").values_list("pk", flat=True).first()
    by_time = Q(joined_after=None, confirmed_at__gt=incident.created_at)
    return by_time if first is None else by_time | Q(joined_after__gte=first)


def supersede(rows: Q, *, at: datetime) -> None:
    """Where an endpoint of these rows was down, keep only its newest notice of each incident and component: it tells
    the whole.

    Rows that are being sent right now stay. Locked rows are left to whoever holds them.
    """
    failing = Delivery.objects.filter(rows, state=DeliveryState.FAILED)
    down = list(failing.order_by().values_list("subscriber", flat=True).distinct())
    if not down:
        return
    newer = Delivery.objects.filter(
        Q(event__incident=OuterRef("event__incident")) | Q(event__component=OuterRef("event__component")),
        subscriber=OuterRef("subscriber"),
        state__in=UNFINISHED,
        pk__gt=OuterRef("pk"),
    )
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=at)
    stale = Delivery.objects.filter(free, Exists(newer), subscriber__in=down, state__in=UNFINISHED)
    pks = list(stale.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=pks).update(
        state=DeliveryState.SUPERSEDED,
        finished_at=at,
        detail="A newer update of the incident is sent instead.",
    )
