"""Mails about accounts as a queue in the database: queued with the change that they tell of, sent by a worker.

No click waits for the mail server, so that neither a server that is down nor the time that it takes tells a stranger
whether there is an account.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q

from incidents.domain.account_mails import AccountMailKind
from incidents.domain.deliveries import GIVE_UP_AFTER, UNFINISHED, DeliveryState, wait_after
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
    """What became of one attempt: sent, refused for good, or neither, and then it is tried again."""

    mail: AccountMail
    is_sent: bool
    is_final: bool
    detail: str


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
    queue_account_mail(user, kind, at=at)
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
    """Write what became of claimed mails: sent, to be tried again, or given up after a refusal or three days."""
    for each in results:
        is_old = at - each.mail.created_at >= GIVE_UP_AFTER and not is_clock_doubted(at=at)
        is_over = each.is_final or is_old
        wait = wait_after(each.mail.attempts, chance=random.random())  # noqa: S311  (spreads load, guards nothing)
        state = DeliveryState.DEAD if is_over else DeliveryState.FAILED
        state = DeliveryState.SENT if each.is_sent else state
        AccountMail.objects.filter(pk=each.mail.pk).update(
            state=state,
            leased_until=None,
            finished_at=None if state == DeliveryState.FAILED else at,
            due_at=at + wait,
            detail=each.detail[:1000],
        )


def purge_account_mails(*, at: datetime) -> int:
    """Delete mails past their keep; how many."""
    return AccountMail.objects.filter(created_at__lt=at - KEPT).delete()[0]
