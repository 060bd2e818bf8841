"""What answers say about an endpoint beyond one delivery: it fails, works again, or is no more (DESIGN 10).

Each step is a transaction of its own after the answers are settled; one that is missed is made up for by the next
failure.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from incidents.channels.addresses import mailbox_key
from incidents.channels.kinds import KINDS
from incidents.channels.messages import Answer, Verdict
from incidents.domain.deliveries import DISABLE_AFTER, TRIES_FIRST, DeliveryState
from incidents.domain.journal import TO_OWNERS, EventKind
from incidents.domain.subscribers import SubscriberState
from incidents.domain.texts import shown
from incidents.models import Delivery, Subscriber, Suppression
from incidents.operations.actors import CLOCK, Actor
from incidents.operations.deliveries import drop
from incidents.operations.journal import lock, record
from incidents.operations.system_clock import is_clock_doubted


def note_answers(answers: Sequence[Answer], *, failing: Collection[str], at: datetime) -> None:
    """Learn from settled answers: clear what works again, date what fails, disable what is no more.

    `failing` are the keys of those rows whose endpoint was failing when they were claimed.
    """
    sent = [_pk(each) for each in answers if each.verdict == Verdict.SENT and each.key in failing]
    if sent:
        mine = Delivery.objects.filter(pk__in=sent, channel=F("subscriber__channel"))
        Subscriber.objects.filter(failing_since__isnull=False, pk__in=mine.values("subscriber")).update(
            failing_since=None
        )
    theirs = {
        _pk(answer): answer for answer in answers if answer.is_theirs and answer.verdict != Verdict.SENT
    }
    if theirs:
        _note_failures(theirs, at=at)


def _pk(answer: Answer) -> int:
    return int(answer.key.partition("-")[0])


def _note_failures(answers: dict[int, Answer], *, at: datetime) -> None:
    rows = list(Delivery.objects.filter(pk__in=answers).select_related("event", "subscriber"))
    own = {row.subscriber_id for row in rows if row.channel == row.subscriber.channel}
    Subscriber.objects.filter(pk__in=own, failing_since__isnull=True).update(failing_since=at)
    for row in rows:
        answer = answers[row.pk]
        why = shown(answer.detail, limit=1000)
        if answer.is_gone and row.channel == "email":
            suppress(_addressee(row), why=why, at=at)
        elif row.channel == row.subscriber.channel and (answer.is_gone or _is_worn_out(row, at=at)):
            disable_subscription(row.subscriber, why=why, at=at)


def _addressee(row: Delivery) -> str:
    subscriber = row.subscriber
    to_owner = row.event.kind in TO_OWNERS
    return (subscriber.contact_email or subscriber.address) if to_owner else subscriber.address


def _is_worn_out(row: Delivery, *, at: datetime) -> bool:
    """Nothing but failures for days, or a greeting that was never taken."""
    since = row.subscriber.failing_since
    if row.event.kind == EventKind.SUBSCRIBER_CONFIRMED and row.state == DeliveryState.DEAD:
        return True
    is_old = since is not None and at - since >= DISABLE_AFTER and row.attempts >= TRIES_FIRST
    return is_old and not is_clock_doubted(at=at)


@transaction.atomic
def disable_subscription(subscriber: Subscriber, *, why: str, by: Actor = CLOCK, at: datetime) -> None:
    """Tell it no more, and its owner why, where there is one whom mail reaches. Twice, or erased, changes nothing."""
    page = lock(subscriber.page)
    known = Subscriber.objects.select_for_update(no_key=True).filter(pk=subscriber.pk).first()
    if known is None or known.state != SubscriberState.ACTIVE:
        return
    subscriber = known
    subscriber.state = SubscriberState.DISABLED.value
    subscriber.disabled_for = why[:1000]
    subscriber.save(update_fields=["state", "disabled_for"])
    drop([subscriber], why="Its endpoint was given up.", at=at)
    owner = subscriber.contact_email if KINDS[subscriber.channel].is_machine else ""
    record(
        page,
        EventKind.SUBSCRIBER_DISABLED,
        by=by,
        at=at,
        subscriber=subscriber,
        data={"why": why[:1000]},
        notify=bool(owner) and not is_suppressed(owner),
    )


def is_suppressed(address: str) -> bool:
    """Whether no mail of ours goes there."""
    return Suppression.objects.filter(address=mailbox_key(address)).exists()


def suppress(address: str, *, why: str, by: Actor = CLOCK, at: datetime) -> None:
    """Send no mail to an address any more, from any page; its subscriptions are disabled."""
    Suppression.objects.get_or_create(address=mailbox_key(address), defaults={"why": why[:1000], "at": at})
    mails: Iterable[Subscriber] = Subscriber.objects.filter(
        channel="email", address__lower=mailbox_key(address), state=SubscriberState.ACTIVE
    ).select_related("page")
    for each in list(mails):
        disable_subscription(each, why=why, by=by, at=at)


def lift_suppression(address: str) -> bool:
    """Mail may go there again, to whoever subscribes anew or is resumed; False where it was not suppressed."""
    return bool(Suppression.objects.filter(address=mailbox_key(address)).delete()[0])
