"""Deliveries as a queue in the database: expand an event, claim rows, settle what became of them (DESIGN 10).

Each step is one short transaction, none is held while something is sent, and every step may be killed: the event keeps
how far its fan-out has come, and a claim is a lease that runs out.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from incidents.channels.kinds import KINDS
from incidents.channels.messages import Answer, Verdict
from incidents.domain.deliveries import BACKOFF_SECONDS, GIVE_UP_AFTER, UNFINISHED, DeliveryState, wait_after
from incidents.domain.journal import TOLD, EventKind
from incidents.domain.subscribers import SubscriberState
from incidents.models import Delivery, Event, Subscriber
from incidents.operations import bells
from incidents.operations.actors import Actor
from incidents.operations.errors import Refused
from incidents.operations.journal import lock, record

LEASE = timedelta(seconds=120)
"""Longer than any channel takes for a batch, short enough that a killed relay's rows come back soon."""
SUSPECT = Q(leased_until__isnull=False, attempts__gte=3)
"""Ready again after so many attempts and with no answer to the last: perhaps it kills whoever sends it."""
LONGEST_WAIT = timedelta(seconds=BACKOFF_SECONDS[-1])
LOST = "Given up after three days: whoever was sending this ended each time before there was an answer."
ENDS = frozenset({EventKind.INCIDENT_RESOLVED, EventKind.MAINTENANCE_COMPLETED})
ENDINGS = ENDS | {EventKind.RFO_PUBLISHED}
"""Said only to those who know that there was something."""


def delivery_key(delivery: Delivery) -> str:
    """The delivery's name to the world, the same at every attempt: Message-ID and webhook-id are made of it."""
    return f"{delivery.pk}-{delivery.subscriber.code}"


def expandable(at: datetime) -> QuerySet[Event]:
    """Events to expand now, oldest first; an incident's event waits for the earlier ones, held ones included."""
    waiting = Event.objects.filter(notifies=True, expanded_at__isnull=True, cancelled_at__isnull=True)
    earlier = waiting.filter(incident=OuterRef("incident"), pk__lt=OuterRef("pk"))
    return Event.objects.to_expand(at).filter(~Exists(earlier)).order_by("pk")


@transaction.atomic
def expand(event: Event, *, at: datetime, batch: int = 500) -> bool:
    """Write the next `batch` delivery rows of an event; whether nothing is left to do here.

    Safe to repeat and to run twice at once: the event's row is locked, and a subscriber has one row an event.
    """
    held = expandable(at).select_for_update(skip_locked=True).filter(pk=event.pk).first()
    if held is None:
        return True
    readers = list(
        _readers(held).filter(pk__gt=held.cursor).order_by("pk").values_list("pk", flat=True)[:batch]
    )
    Delivery.objects.bulk_create(
        [Delivery(event=held, subscriber_id=pk, due_at=at, created_at=at) for pk in readers],
        ignore_conflicts=True,
    )
    _supersede(readers, at=at)
    finished = len(readers) < batch
    held.cursor = readers[-1] if readers else held.cursor
    held.expanded_at = at if finished else None
    held.save(update_fields=["cursor", "expanded_at"])
    return finished


def _readers(event: Event) -> QuerySet[Subscriber]:
    """Who is told: those who had joined by then and, of an ending, those who were told of the beginning or joined
    in between."""
    if event.kind not in TOLD or event.incident is None:
        return Subscriber.objects.filter(events=event)
    readers = Subscriber.objects.told_of(event.incident).filter(confirmed_at__lte=event.at)
    if event.kind not in ENDINGS:
        return readers
    told = Q(
        Exists(
            Delivery.objects.filter(
                subscriber=OuterRef("pk"), event__incident=event.incident, event__lt=event.pk
            )
        )
    )
    if event.kind in ENDS:
        told |= Q(confirmed_at__gt=event.incident.created_at)
    return readers.filter(told)


@transaction.atomic
def claim(*, at: datetime, limit: int = 500, lease: timedelta = LEASE) -> list[Delivery]:
    """Lease the next rows to send: of one event and one channel, fresh ones before those that failed.

    An attempt counts from here, so that a row that kills its sender is counted too. Suspects come last and one by one,
    so that each harms only itself, and not for ever.
    """
    for state in UNFINISHED:
        trusted = Delivery.objects.ready(at).filter(~SUSPECT, state=state)
        if batch := _lease(trusted, at=at, limit=limit, lease=lease):
            return batch
    suspects = Delivery.objects.ready(at).filter(SUSPECT)
    _finish_lost(suspects, at=at)
    return _lease(suspects, at=at, limit=1, lease=lease)


def _finish_lost(suspects: QuerySet[Delivery], *, at: datetime) -> None:
    """Give up those that are still without an answer after three days."""
    old = list(suspects.filter(created_at__lte=at - GIVE_UP_AFTER).values_list("pk", flat=True))
    _finish(DeliveryState.DEAD, {pk: Answer(str(pk), Verdict.REFUSED, LOST) for pk in old}, at=at)


def _lease(ready: QuerySet[Delivery], *, at: datetime, limit: int, lease: timedelta) -> list[Delivery]:
    free = ready.order_by("due_at", "pk").select_for_update(skip_locked=True, of=("self",))
    rows = list(free.values_list("pk", "event", "subscriber__channel")[:limit])
    if not rows:
        return []
    _, event, channel = rows[0]
    mine = [pk for pk, *its in rows if its == [event, channel]][: KINDS[channel].batch]
    Delivery.objects.filter(pk__in=mine).update(leased_until=at + lease, attempts=F("attempts") + 1)
    return list(Delivery.objects.filter(pk__in=mine).select_related("event__page", "subscriber"))


def unwanted(deliveries: Iterable[Delivery]) -> set[int]:
    """The primary keys of those claimed rows whose subscriber left meanwhile; ask right before sending."""
    wanted = Q(subscriber__state=SubscriberState.ACTIVE) | Q(
        event__kind=EventKind.SUBSCRIBER_REQUESTED, subscriber__state=SubscriberState.PENDING
    )
    claimed = {delivery.pk for delivery in deliveries}
    still = Delivery.objects.filter(wanted, pk__in=claimed, state__in=UNFINISHED)
    return claimed - set(still.values_list("pk", flat=True))


@transaction.atomic
def settle(answers: Sequence[Answer], *, at: datetime) -> None:
    """Write what became of claimed rows: sent, to be tried again, or dead after a refusal or three days."""
    verdicts: dict[Verdict, dict[int, Answer]] = defaultdict(dict)
    for answer in answers:
        verdicts[answer.verdict][int(answer.key.partition("-")[0])] = answer
    _finish(DeliveryState.SENT, verdicts[Verdict.SENT], at=at)
    refused = dict(verdicts[Verdict.REFUSED])
    tried = verdicts[Verdict.RETRY]
    failed = list(Delivery.objects.filter(pk__in=tried, state__in=UNFINISHED))
    for row in failed:
        if at - row.created_at >= GIVE_UP_AFTER:
            refused[row.pk] = tried[row.pk]
        else:
            _put_off(row, tried[row.pk], at=at)
    _finish(DeliveryState.DEAD, refused, at=at)
    _supersede({row.subscriber_id for row in failed}, at=at)


def _finish(state: DeliveryState, answers: dict[int, Answer], *, at: datetime) -> None:
    """One statement for all that were answered alike; what was sent counts as sent whatever happened meanwhile."""
    alike: dict[str, list[int]] = defaultdict(list)
    for pk, answer in answers.items():
        alike[answer.detail].append(pk)
    rows = (
        Delivery.objects.all()
        if state == DeliveryState.SENT
        else Delivery.objects.filter(state__in=UNFINISHED)
    )
    for detail, pks in alike.items():
        rows.filter(pk__in=pks).update(state=state, finished_at=at, leased_until=None, detail=detail[:1000])


def _put_off(row: Delivery, answer: Answer, *, at: datetime) -> None:
    wait = wait_after(row.attempts, chance=random.random())  # noqa: S311  (spreads load, guards nothing)
    asked = timedelta(seconds=answer.retry_after or 0)
    Delivery.objects.filter(pk=row.pk).update(
        state=DeliveryState.FAILED,
        due_at=at + max(wait, min(asked, LONGEST_WAIT)),
        leased_until=None,
        detail=answer.detail[:1000],
    )


def drop(subscriber: Subscriber, *, at: datetime) -> None:
    """Finish what is still to be sent to a subscriber that left; inside the caller's transaction."""
    rows = Delivery.objects.filter(subscriber=subscriber, state__in=UNFINISHED)
    rows.update(
        state=DeliveryState.DEAD, finished_at=at, leased_until=None, detail="The subscription was ended."
    )


def _supersede(subscribers: Iterable[int], *, at: datetime) -> None:
    """Where an endpoint was down, keep only the newest notice of each incident: it tells the whole story.

    Rows that are being sent right now stay. Locked rows are left to whoever holds them.
    """
    mine = Delivery.objects.filter(subscriber=OuterRef("subscriber"), state__in=UNFINISHED)
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=at)
    stale = Delivery.objects.filter(
        free,
        Exists(mine.filter(state=DeliveryState.FAILED)),
        Exists(mine.filter(event__incident=OuterRef("event__incident"), pk__gt=OuterRef("pk"))),
        subscriber__in=list(subscribers),
        state__in=UNFINISHED,
    )
    pks = list(stale.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=pks).update(
        state=DeliveryState.SUPERSEDED,
        finished_at=at,
        detail="A newer update of the incident is sent instead.",
    )


@transaction.atomic
def cancel_event(event: Event, *, by: Actor, at: datetime) -> None:
    """Undo: tell nobody of this event. Raises Refused once the first row is written; a second Undo changes nothing."""
    event = _held(event, "withdrawn")
    if event.cancelled_at is None:
        Event.objects.filter(pk=event.pk).update(cancelled_at=at)
        _note(event, "notification withdrawn", by=by, at=at)


@transaction.atomic
def release_event(event: Event, *, by: Actor, at: datetime) -> None:
    """Send now: the hold ends at `at`. Raises Refused where there is nothing to release any more."""
    event = _held(event, "sent early")
    if event.cancelled_at is not None:
        raise Refused("event", "This notification was withdrawn. Post an update to tell people.")
    if event.hold_until > at:
        Event.objects.filter(pk=event.pk).update(hold_until=at)
        _note(event, "notification sent early", by=by, at=at)
        bells.ring(event.page_id, due=True)


def _held(event: Event, what: str) -> Event:
    lock(event.page)
    event = Event.objects.select_for_update().get(pk=event.pk)
    if not event.notifies or event.expanded_at or event.cursor:
        raise Refused("event", f"This notification can no longer be {what}: people are being told already.")
    return event


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
