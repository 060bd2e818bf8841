"""The queue of daily mails about the audit's heads: claimed under a lease, tried again, given up after three days."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from incidents.channels.messages import Answer, Verdict
from incidents.domain.deliveries import (
    GIVE_UP_AFTER,
    UNFINISHED,
    UNKNOWN,
    UNKNOWN_WAIT,
    DeliveryState,
    late_lease,
    wait_after,
)
from incidents.models import HeadMail
from incidents.operations.system_clock import is_clock_doubted

LEASE = timedelta(seconds=240)
"""Longer than sending takes, so that a row whose sender died is sent again soon and none is sent twice at once."""
UNTRIED_WAIT = timedelta(seconds=60)


def claim_head_mails(*, at: datetime) -> list[HeadMail]:
    """Lease what is due; nobody else gets the same rows until the lease is over."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=at)
    due = HeadMail.objects.filter(free, state__in=UNFINISHED, due_at__lte=at)
    if not due.exists():
        return []  # the usual answer takes no lock
    with transaction.atomic():
        mine = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True))
        HeadMail.objects.filter(pk__in=mine).update(leased_until=at + LEASE, attempts=F("attempts") + 1)
    return list(HeadMail.objects.filter(pk__in=mine).select_related("publication"))


@transaction.atomic
def record_head_mails(answers: Iterable[Answer], *, at: datetime) -> None:
    """Write what became of claimed rows; the keys of the answers begin with the rows' own.

    A row that is not confirmed yet stays leased for as long as its reply is waited for.
    """
    for answer in answers:
        row = HeadMail.objects.select_related("publication").get(pk=int(answer.key.rpartition("-")[2]))
        if answer.verdict == Verdict.PENDING:
            row.leased_until = at + late_lease(settings.EMAIL_CONFIRM_SECONDS)
        else:
            _record(row, answer, at=at)
        row.save()


def _record(row: HeadMail, answer: Answer, *, at: datetime) -> None:
    is_unknown = answer.verdict == Verdict.UNKNOWN
    is_over = answer.verdict == Verdict.REFUSED or (is_unknown and row.detail.startswith(UNKNOWN))
    row.leased_until, row.detail = None, answer.detail[:1000]
    if answer.verdict == Verdict.SENT:
        row.state, row.finished_at = DeliveryState.SENT.value, at
    elif is_over or (at - row.publication.at >= GIVE_UP_AFTER and not is_clock_doubted(at=at)):
        row.state, row.finished_at = DeliveryState.DEAD.value, at
    else:
        wait = wait_after(row.attempts, chance=random.random())  # noqa: S311  (spreads load, guards nothing)
        wait = UNTRIED_WAIT if answer.verdict == Verdict.UNTRIED else wait
        row.state = DeliveryState.FAILED.value
        row.due_at = at + (UNKNOWN_WAIT if is_unknown else wait)
