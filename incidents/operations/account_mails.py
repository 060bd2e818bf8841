"""Mails about accounts as a queue in the database: queued with the change that they tell of, sent by a worker.

No click waits for the mail server, so that neither a server that is down nor the time that it takes tells a stranger
whether there is an account.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q

from incidents.channels.messages import Answer, Verdict
from incidents.domain.account_mails import AccountMailKind
from incidents.domain.deliveries import (
    GIVE_UP_AFTER,
    UNFINISHED,
    UNKNOWN,
    UNKNOWN_WAIT,
    DeliveryState,
    late_lease,
    wait_after,
)
from incidents.models import AccountMail
from incidents.operations import bells
from incidents.operations.actors import Actor
from incidents.operations.audit import note
from incidents.operations.quotas import MAILBOX, mailbox_of, take
from incidents.operations.staff_lookup import person_by_mail
from incidents.operations.system_clock import is_clock_doubted

LEASE = timedelta(seconds=240)
"""Longer than a worker takes for what it has claimed."""
KEPT = timedelta(days=30)
"""So long the console shows what became of a mail."""


@dataclass(frozen=True, slots=True)
class MailResult:
    """What became of one attempt at a claimed mail."""

    mail: AccountMail
    answer: Answer


def queue_account_mail(
    user: User, kind: AccountMailKind, *, address: str = "", facts: dict[str, str] | None = None, at: datetime
) -> None:
    """Write down one mail, in the transaction of what it tells of; nothing for somebody without an address."""
    to = address or user.email
    if not to:
        return
    AccountMail.objects.create(
        user=user, kind=kind.value, address=to, facts=facts or {}, created_at=at, due_at=at
    )
    transaction.on_commit(bells.ring_account_mails, robust=True)


@transaction.atomic
def request_password_link(address: str, *, at: datetime) -> None:
    """What anybody may ask for: a link to choose a password, where exactly one account has this address.

    The caller learns nothing: the count is kept and the worker woken for unknown addresses as well, so that both take
    the same time; and no mail ever goes to one.
    """
    person = person_by_mail(address)
    is_within = take(MAILBOX, mailbox_of(address), at=at)
    if person is not None and is_within:
        queue_account_mail(person, AccountMailKind.PASSWORD_LINK, at=at)
    else:
        transaction.on_commit(bells.ring_account_mails, robust=True)


@transaction.atomic
def send_password_link(user: User, *, by: Actor, at: datetime) -> None:
    """An admin sends the link, once more where there is a password already."""
    kind = AccountMailKind.PASSWORD_LINK if user.has_usable_password() else AccountMailKind.INVITATION
    queue_account_mail(user, kind, facts={"by": by.name}, at=at)
    note("staff.password_link", by=by, at=at, subject=f"person {user.get_username()}")


@transaction.atomic
def claim_account_mails(*, at: datetime, limit: int) -> list[AccountMail]:
    """Lease the next mails that are due, oldest first; an attempt counts from here."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=at)
    due = AccountMail.objects.filter(free, state__in=UNFINISHED, due_at__lte=at).order_by("due_at", "pk")
    mine = list(due.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:limit])
    AccountMail.objects.filter(pk__in=mine).update(leased_until=at + LEASE, attempts=F("attempts") + 1)
    return list(AccountMail.objects.filter(pk__in=mine).select_related("user").order_by("pk"))


def has_due_account_mails(*, at: datetime) -> bool:
    """Whether anything is to be sent; takes no lock."""
    return AccountMail.objects.filter(state__in=UNFINISHED, due_at__lte=at).exists()


@transaction.atomic
def record_mail_results(results: Sequence[MailResult], *, at: datetime) -> None:
    """Write what became of claimed mails: sent, to be tried again, or given up after a refusal or three days.

    A mail that is not confirmed yet stays leased for as long as its reply is waited for; one that never was is sent
    once more.
    """
    for each in results:
        row = AccountMail.objects.filter(pk=each.mail.pk)
        if each.answer.verdict == Verdict.PENDING:
            row.update(leased_until=at + late_lease(settings.EMAIL_CONFIRM_SECONDS))
            continue
        state = _state_after(each, at=at)
        wait = wait_after(each.mail.attempts, chance=random.random())  # noqa: S311  (spreads load, guards nothing)
        row.update(
            state=state,
            leased_until=None,
            finished_at=None if state == DeliveryState.FAILED else at,
            due_at=at + (UNKNOWN_WAIT if each.answer.verdict == Verdict.UNKNOWN else wait),
            detail=each.answer.detail[:1000],
        )


def _state_after(result: MailResult, *, at: datetime) -> DeliveryState:
    verdict, mail = result.answer.verdict, result.mail
    if verdict == Verdict.SENT:
        return DeliveryState.SENT
    is_unknown_again = verdict == Verdict.UNKNOWN and mail.detail.startswith(UNKNOWN)
    is_old = at - mail.created_at >= GIVE_UP_AFTER and not is_clock_doubted(at=at)
    is_over = verdict == Verdict.REFUSED or is_unknown_again or is_old
    return DeliveryState.DEAD if is_over else DeliveryState.FAILED


def purge_account_mails(*, at: datetime) -> int:
    """Delete mails past their keep; how many."""
    return AccountMail.objects.filter(created_at__lt=at - KEPT).delete()[0]
