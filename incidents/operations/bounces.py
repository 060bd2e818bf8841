"""What a mail service says after it has taken a mail: that it came back, or that its reader complained (DESIGN 10)."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction

from incidents.channels.addresses import mailbox_key
from incidents.domain.journal import EventKind
from incidents.domain.subscribers import SubscriberState
from incidents.domain.texts import shown
from incidents.models import Event, Subscriber
from incidents.operations.actors import MAIL_SERVICE
from incidents.operations.endpoints import disable_subscription, suppress
from incidents.operations.journal import lock, record
from incidents.operations.subscribers import end_subscription

SOFT_BOUNCES, SOFT_WINDOW = 3, timedelta(days=7)
"""So many soft bounces within this time end the mails to an address (reliability.md 1.5)."""


class Bounce(StrEnum):
    """How it came back."""

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"
    UNSUBSCRIBED = "unsubscribed"


def note_bounce(address: str, bounce: Bounce, *, why: str, at: datetime) -> None:
    """Act on it: a hard bounce or a complaint ends all mails to the address, from every page; a third soft bounce in a
    week disables its subscriptions. An address that we do not mail is left as it is."""
    why = shown(why, limit=1000)
    theirs = list(
        Subscriber.objects.filter(channel="email", address__lower=mailbox_key(address))
        .exclude(state=SubscriberState.ENDED)
        .select_related("page")
    )
    if not theirs:
        return
    if bounce in {Bounce.HARD, Bounce.COMPLAINT}:
        suppress(
            address,
            why=f"{bounce.value} bounce: {why}" if bounce == Bounce.HARD else f"complaint: {why}",
            at=at,
        )
    for each in theirs:
        if bounce in {Bounce.COMPLAINT, Bounce.UNSUBSCRIBED}:
            end_subscription(each, by=MAIL_SERVICE, at=at)
        elif bounce == Bounce.SOFT and _bounced_again(each, why=why, at=at):
            disable_subscription(each, why=f"{SOFT_BOUNCES} soft bounces: {why}", by=MAIL_SERVICE, at=at)


@transaction.atomic
def _bounced_again(subscriber: Subscriber, *, why: str, at: datetime) -> bool:
    page = lock(subscriber.page)
    data = {"why": why}
    record(page, EventKind.SUBSCRIBER_BOUNCED, by=MAIL_SERVICE, at=at, subscriber=subscriber, data=data)
    bounces = Event.objects.filter(
        subscriber=subscriber, kind=EventKind.SUBSCRIBER_BOUNCED, at__gt=at - SOFT_WINDOW
    )
    return bounces.count() >= SOFT_BOUNCES
