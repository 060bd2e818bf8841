"""One person's data: everything that we hold of a mailbox, handed over or erased; and what is forgotten by itself.

A mailbox is its address in lower case; `name+tag@example.com` is another one here, since its owner may mean only that.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q

from incidents.channels.addresses import mailbox_key
from incidents.domain.incidents import OPEN_STATUSES
from incidents.domain.journal import EventKind
from incidents.domain.subscribers import SubscriberState
from incidents.models import Delivery, Event, Page, Subscriber, Suppression
from incidents.operations.actors import CLOCK, Actor
from incidents.operations.journal import lock, record
from incidents.operations.subscribers import end_subscription

KEPT_PENDING = timedelta(days=30)
"""A request that was never confirmed."""
KEPT_ENDED = timedelta(days=365)
"""An ended subscription, which shows what its owner was told; then it is erased."""
KEPT_FOLLOWING = timedelta(days=90)
"""Following one incident ends by itself so long after that, since its report may take weeks."""
STEP = 500


def subscriptions_of(address: str) -> list[Subscriber]:
    """Every subscription that the mailbox receives, or is the contact of; of no address there is none."""
    if not address:
        return []
    mailbox = mailbox_key(address)
    mine = Q(address__lower=mailbox) | Q(contact_email__iexact=mailbox)
    return list(Subscriber.objects.filter(mine).select_related("page", "incident").order_by("pk"))


def export_person(address: str, *, with_alerts: bool = True) -> dict[str, Any]:
    """All that is kept of a mailbox, for its owner: JSON types only. Without `with_alerts` nothing of staff alerts."""
    found = [each for each in subscriptions_of(address) if with_alerts or not each.is_staff]
    suppressed = Suppression.objects.filter(address=mailbox_key(address)).first()
    return {
        "address": address,
        "suppressed": {"why": suppressed.why, "at": _iso(suppressed.at)} if suppressed else None,
        "subscriptions": [_subscription(each) for each in found],
    }


def _subscription(subscriber: Subscriber) -> dict[str, Any]:
    sent = Delivery.objects.filter(subscriber=subscriber).select_related("event__incident").order_by("pk")
    events = Event.objects.filter(subscriber=subscriber).order_by("pk")
    return {
        "page": subscriber.page.name,
        "channel": subscriber.channel,
        "address": subscriber.hint,
        "contact_email": subscriber.contact_email,
        "state": subscriber.state,
        "components": [str(each) for each in subscriber.components.all()],
        "only_major": subscriber.only_major,
        "topics": subscriber.topics.value,
        "incident": subscriber.incident.title if subscriber.incident else None,
        "asked_at": _iso(subscriber.created_at),
        "confirmed_at": _iso(subscriber.confirmed_at),
        "ended_at": _iso(subscriber.ended_at),
        "history": [{"at": _iso(event.at), "what": event.kind, "by": event.actor} for event in events],
        "deliveries": [
            {
                "about": row.event.incident.title if row.event.incident else row.event.kind,
                "state": row.state,
                "at": _iso(row.finished_at or row.due_at),
                "answer": row.detail,
            }
            for row in sent
        ],
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None


@transaction.atomic
def erase_person(address: str, *, by: Actor, at: datetime) -> int:
    """Delete every subscription of a mailbox with its deliveries and history; how many subscriptions.

    Of a suppressed mailbox the address alone stays, so that it is never mailed again. The journal keeps that one
    person's data was erased, and not whose.
    """
    found = subscriptions_of(address)
    for page in sorted({each.page for each in found}, key=lambda each: each.pk):
        lock(page)
        gone = [each for each in found if each.page == page]
        _erase(gone)
        record(page, EventKind.SUBSCRIBER_ERASED, by=by, at=at, data={"subscriptions": len(gone)})
    Suppression.objects.filter(address=mailbox_key(address)).update(why="Erased at its owner's wish.")
    return len(found)


def _erase(subscribers: Iterable[Subscriber]) -> None:
    Subscriber.objects.filter(pk__in=[each.pk for each in subscribers]).delete()


def forget_subscriptions(*, at: datetime) -> int:
    """Delete requests that were never confirmed and ended subscriptions past their keep, and end what follows an
    incident long over; how many were deleted."""
    for each in Subscriber.objects.active().filter(incident__resolved_at__lt=at - KEPT_FOLLOWING)[:STEP]:
        if each.incident and each.incident.status not in OPEN_STATUSES:
            end_subscription(each, by=CLOCK, at=at)
    pending = Q(state=SubscriberState.PENDING, created_at__lt=at - KEPT_PENDING)
    ended = Q(state=SubscriberState.ENDED, ended_at__lt=at - KEPT_ENDED)
    gone = 0
    for page in Page.objects.all():
        while old := list(Subscriber.objects.filter(pending | ended, page=page)[:STEP]):
            with transaction.atomic():
                lock(page)
                _erase(old)
            gone += len(old)
    return gone
