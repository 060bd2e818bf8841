"""Deliveries as a queue in the database: claim rows, settle what became of them (DESIGN 10).

Each step is one short transaction, none is held while something is sent, and every step may be killed: a claim is a
lease that runs out, or is taken back by the next relay of the same place.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from incidents.channels.kinds import KINDS
from incidents.channels.messages import Answer, Verdict
from incidents.domain.deliveries import (
    BACKOFF_SECONDS,
    GIVE_UP_AFTER,
    LEASE,
    UNFINISHED,
    UNKNOWN,
    UNKNOWN_WAIT,
    DeliveryState,
    late_lease,
    wait_after,
)
from incidents.domain.journal import EventKind
from incidents.domain.subscribers import SubscriberState
from incidents.domain.texts import shown
from incidents.models import Attempt, Delivery, Subscriber
from incidents.operations import bells
from incidents.operations.actors import Actor
from incidents.operations.errors import Refused
from incidents.operations.fanout import supersede
from incidents.operations.journal import lock, record
from incidents.operations.system_clock import is_clock_doubted

MAX_DETAIL = 1000
"""Letters of what the other side said."""

SUSPECT = Q(leased_until__isnull=False, attempts__gte=3)
"""Ready again after so many attempts and with no answer to the last: perhaps it kills whoever sends it."""
LONGEST_WAIT = timedelta(seconds=BACKOFF_SECONDS[-1])
UNTRIED_WAIT = timedelta(seconds=10)
"""Until rows that were not tried, because our own way out was closed, are claimed again."""
LOST = "Given up after three days: whoever was sending this ended each time before there was an answer."
ENDED = "The subscription was ended."


@dataclass(frozen=True, slots=True)
class Claimed:
    """One row to send, and what is needed of its subscriber."""

    pk: int
    event: int
    kind: str
    attempts: int
    code: str
    nonce: str
    address: str
    sealed_url: str
    contact_email: str
    secret: str
    old_secret: str
    old_secret_until: datetime | None
    state: str
    failing_since: datetime | None

    @property
    def key(self) -> str:
        """The delivery's name to the world, the same at every attempt: Message-ID and webhook-id are made of it."""
        return f"{self.pk}-{self.code}"

    @property
    def is_wanted(self) -> bool:
        """Whether its subscriber may be told of this."""
        if self.kind == EventKind.SUBSCRIBER_REQUESTED:
            return self.state in {SubscriberState.ACTIVE, SubscriberState.PENDING, SubscriberState.DISABLED}
        if self.kind == EventKind.SUBSCRIBER_DISABLED:
            return self.state == SubscriberState.DISABLED
        return self.state == SubscriberState.ACTIVE


_FACTS = (
    "pk",
    "event",
    "event__kind",
    "attempts",
    *(f"subscriber__{name}" for name in ("code", "nonce", "address", "sealed_url", "contact_email")),
    *(
        f"subscriber__{name}"
        for name in ("secret", "old_secret", "old_secret_until", "state", "failing_since")
    ),
)


def delivery_key(delivery: Delivery) -> str:
    """The delivery's name to the world, as `Claimed.key`."""
    return f"{delivery.pk}-{delivery.subscriber.code}"


def claim(
    channel: str, *, at: datetime, limit: int, holder: str = "", lease: timedelta = LEASE
) -> list[Claimed]:
    """Lease the next rows of a channel: fresh ones before those that failed, in the order in which they fell due.

    An attempt counts from here, so that a row that kills its sender is counted too. Suspects come last and one by one,
    so that each harms only itself, and not for ever.
    """
    if not Delivery.objects.filter(channel=channel, state__in=UNFINISHED, due_at__lte=at).exists():
        return []  # the usual answer takes no lock
    mine = _claimed(channel, at=at, until=at + lease, limit=limit, holder=holder)
    facts = Delivery.objects.filter(pk__in=mine).order_by("due_at", "pk").values_list(*_FACTS)
    return [Claimed(*each) for each in facts]


@transaction.atomic
def _claimed(channel: str, *, at: datetime, until: datetime, limit: int, holder: str) -> list[int]:
    ready = Delivery.objects.ready(at).filter(channel=channel)
    for state in UNFINISHED:
        if mine := _lease(ready.filter(~SUSPECT, state=state), until, limit=limit, holder=holder):
            return mine
    suspects = ready.filter(SUSPECT)
    _finish_lost(suspects, at=at)
    return _lease(suspects, until, limit=1, holder=holder)


def _finish_lost(suspects: QuerySet[Delivery], *, at: datetime) -> None:
    """Give up those that are still without an answer after three days."""
    old = list(suspects.filter(created_at__lte=at - GIVE_UP_AFTER).values_list("pk", flat=True))
    if not old or is_clock_doubted(at=at):
        return
    _finish(DeliveryState.DEAD, {pk: Answer(str(pk), Verdict.REFUSED, LOST) for pk in old}, at=at)


def _lease(ready: QuerySet[Delivery], until: datetime, *, limit: int, holder: str) -> list[int]:
    free = ready.order_by("due_at", "pk").select_for_update(skip_locked=True, of=("self",))
    mine = list(free.values_list("pk", flat=True)[:limit])
    if mine:
        Delivery.objects.filter(pk__in=mine).update(
            leased_until=until, holder=holder, attempts=F("attempts") + 1
        )
    return mine


@transaction.atomic
def take_back(holder: str, *, at: datetime) -> int:
    """Free at once what a dead relay of the same place had claimed; how many rows. Its attempts still count."""
    rows = Delivery.objects.filter(channel__in=KINDS, state__in=UNFINISHED)
    return rows.filter(holder=holder, leased_until__gt=at).update(leased_until=at)


@transaction.atomic
def settle(answers: Sequence[Answer], *, at: datetime) -> None:
    """Write what became of claimed rows: sent, to be tried again, or dead after a refusal or three days.

    What the other side said is kept as staff may read it.
    """
    verdicts: dict[Verdict, dict[int, Answer]] = defaultdict(dict)
    for said in answers:
        answer = replace(said, detail=shown(said.detail, limit=MAX_DETAIL))
        verdicts[answer.verdict][int(answer.key.partition("-")[0])] = answer
    if sent := verdicts[Verdict.SENT]:
        _finish(DeliveryState.SENT, sent, at=at)
    if untried := verdicts[Verdict.UNTRIED]:
        _give_back(untried, at=at)
    if pending := verdicts[Verdict.PENDING]:
        _hold(pending, at=at)
    if failed := {**verdicts[Verdict.RETRY], **verdicts[Verdict.REFUSED], **verdicts[Verdict.UNKNOWN]}:
        _settle_failed(failed, at=at)


def _hold(answers: Collection[int], *, at: datetime) -> None:
    """Keep everybody else from rows that are handed over and not confirmed yet, the next relay of the place too.

    Where whoever waits for the reply dies, they are sent once more after that.
    """
    rows = Delivery.objects.filter(pk__in=answers, state__in=UNFINISHED)
    rows.update(leased_until=at + late_lease(settings.EMAIL_CONFIRM_SECONDS), holder="")


def _settle_failed(answers: dict[int, Answer], *, at: datetime) -> None:
    # Locked, so that nobody is erased between here and the record of the attempt.
    found = Delivery.objects.select_for_update(of=("self",)).filter(pk__in=answers, state__in=UNFINISHED)
    rows = list(found)
    gives_up = any(at - row.created_at >= GIVE_UP_AFTER for row in rows) and not is_clock_doubted(at=at)
    Attempt.objects.bulk_create([_attempt(row, answers[row.pk], at=at) for row in rows])
    dead = {}
    for row in rows:
        answer = answers[row.pk]
        if _is_over(row, answer, gives_up=gives_up, at=at):
            dead[row.pk] = answer
        else:
            _put_off(row, answer, at=at)
    _finish(DeliveryState.DEAD, dead, at=at)
    supersede(Q(subscriber__in={row.subscriber_id for row in rows}), at=at)


def _is_over(row: Delivery, answer: Answer, *, gives_up: bool, at: datetime) -> bool:
    """Refused, handed over twice in a row and never confirmed, which no third copy follows, or, with `gives_up`, older
    than three days.
    """
    is_unknown_again = answer.verdict == Verdict.UNKNOWN and row.detail.startswith(UNKNOWN)
    is_old = gives_up and at - row.created_at >= GIVE_UP_AFTER
    return answer.verdict == Verdict.REFUSED or is_unknown_again or is_old


def _attempt(row: Delivery, answer: Answer, *, at: datetime) -> Attempt:
    return Attempt(
        delivery=row,
        number=row.attempts,
        at=at,
        took_ms=round(answer.took * 1000),
        code=answer.code,
        detail=answer.detail,
        manual=row.manual,
    )


def _finish(state: DeliveryState, answers: dict[int, Answer], *, at: datetime) -> None:
    """One statement for all that were answered alike; what was sent counts as sent whatever happened meanwhile."""
    alike: dict[tuple[int | None, str], list[int]] = defaultdict(list)
    for pk, answer in answers.items():
        alike[answer.code, answer.detail].append(pk)
    rows = (
        Delivery.objects.all()
        if state == DeliveryState.SENT
        else Delivery.objects.filter(state__in=UNFINISHED)
    )
    for (code, detail), pks in alike.items():
        rows.filter(pk__in=pks).update(
            state=state, finished_at=at, leased_until=None, manual=False, code=code, detail=detail
        )


def _put_off(row: Delivery, answer: Answer, *, at: datetime) -> None:
    wait = wait_after(row.attempts, chance=random.random())  # noqa: S311  (spreads load, guards nothing)
    wait = UNKNOWN_WAIT if answer.verdict == Verdict.UNKNOWN else wait
    asked = timedelta(seconds=answer.retry_after or 0)
    Delivery.objects.filter(pk=row.pk).update(
        state=DeliveryState.FAILED,
        due_at=at + max(wait, min(asked, LONGEST_WAIT)),
        leased_until=None,
        manual=False,
        code=answer.code,
        detail=answer.detail,
    )


def _give_back(answers: dict[int, Answer], *, at: datetime) -> None:
    """They keep their tries and their place for three days: what failed was not theirs."""
    rows = Delivery.objects.filter(pk__in=answers, state__in=UNFINISHED)
    old = set(rows.filter(created_at__lte=at - GIVE_UP_AFTER).values_list("pk", flat=True))
    if old and is_clock_doubted(at=at):
        old = set()
    _finish(DeliveryState.DEAD, {pk: answers[pk] for pk in old}, at=at)
    for detail in Counter(answer.detail for answer in answers.values()):
        alike = [pk for pk, answer in answers.items() if answer.detail == detail]
        rows.filter(pk__in=alike).update(
            due_at=at + UNTRIED_WAIT, leased_until=None, attempts=F("attempts") - 1, detail=detail
        )


def drop(subscribers: Collection[Subscriber] | Collection[int], *, why: str = ENDED, at: datetime) -> None:
    """Finish what is still to be sent to subscribers that left; inside the caller's transaction."""
    rows = Delivery.objects.filter(subscriber__in=subscribers, state__in=UNFINISHED)
    rows.update(state=DeliveryState.DEAD, finished_at=at, leased_until=None, detail=why[:1000])


@transaction.atomic
def replay(delivery: Delivery, *, by: Actor, at: datetime) -> None:
    """Send it again, with the same id, whatever became of it. Raises Refused where its subscriber is not told now."""
    page = lock(delivery.event.page)
    delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("subscriber", "event")
        .get(pk=delivery.pk)
    )
    if delivery.subscriber.state != SubscriberState.ACTIVE:
        raise Refused(
            "delivery", "This subscriber is not told of anything now, so there is nobody to send it to."
        )
    if delivery.leased_until is not None and delivery.leased_until > at:
        raise Refused("delivery", "It is being sent right now.")
    Delivery.objects.filter(pk=delivery.pk).update(
        state=DeliveryState.DUE, due_at=at, created_at=at, finished_at=None, leased_until=None, manual=True
    )
    record(
        page,
        EventKind.SUBSCRIBER_TRIED,
        by=by,
        at=at,
        subscriber=delivery.subscriber,
        data={"delivery": delivery.pk, "what": "sent again"},
    )
    bells.ring(page.pk, due=True, touched=False)


def unwanted(claimed: Iterable[Claimed]) -> list[Answer]:
    """The end of those rows whose subscriber left meanwhile."""
    return [Answer(each.key, Verdict.REFUSED, ENDED) for each in claimed if not each.is_wanted]
