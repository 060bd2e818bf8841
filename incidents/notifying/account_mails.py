"""The mails about accounts in words, and on their way: plain text, our own subject, and links to SITE_URL alone."""

import logging
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import int_to_base36

from incidents.channels.letters import Mail, one_line
from incidents.channels.mail_line import send_one
from incidents.channels.messages import Answer, Verdict
from incidents.domain.account_mails import SUBJECTS, WITH_LINK, AccountMailKind
from incidents.domain.codes import NAMING
from incidents.models import AccountMail, Membership
from incidents.notifying.late_replies import follow
from incidents.operations.account_mails import (
    MailResult,
    claim_account_mails,
    has_due_account_mails,
    record_mail_results,
)
from incidents.operations.staff import must_have_second_factor

log = logging.getLogger(__name__)

MAILS_AT_ONCE = 5
"""Claimed together; with EMAIL_TIMEOUT for each they stay within the lease."""
OUTDATED = "Not sent: the account was deactivated, or its address has changed since."


def send_account_mails(*, at: datetime, rounds: int = 100) -> int:
    """Send what is due; how many the mail server took at once. A run ends where it takes none of them."""
    sent = 0
    for _ in range(rounds):
        mails = claim_account_mails(at=at, limit=MAILS_AT_ONCE) if has_due_account_mails(at=at) else []
        if not mails:
            break
        results = [MailResult(mail, _sent(mail)) for mail in mails]
        record_mail_results(results, at=at)
        for each in results:
            follow(each.answer, partial(_record_later, each.mail))
        taken = sum(each.answer.verdict == Verdict.SENT for each in results)
        sent += taken
        if not taken:
            break
    return sent


def _record_later(mail: AccountMail, answer: Answer) -> None:
    record_mail_results([MailResult(mail, answer)], at=datetime.now(UTC))


def _sent(mail: AccountMail) -> Answer:
    key = f"account-{mail.pk}"
    if mail.kind in WITH_LINK and not _is_current(mail):
        return Answer(key, Verdict.REFUSED, OUTDATED)
    answer = send_one(_message(mail), key)
    if answer.verdict not in {Verdict.SENT, Verdict.PENDING}:
        log.warning(
            "a mail about an account could not be sent", extra={"mail": mail.pk, "error": answer.detail}
        )
    return answer


def _is_current(mail: AccountMail) -> bool:
    """Whether a link may still go there: it would open the account."""
    return mail.user.is_active and mail.user.email == mail.address


def _message(mail: AccountMail) -> Mail:
    kind = AccountMailKind(mail.kind)
    facts: dict[str, Any] = {
        "name": mail.user.get_username(),
        "site": settings.SITE_URL,
        "at": f"{mail.created_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        "link": _link(mail) if kind in WITH_LINK else "",
        "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
        **(_invitation(mail.user) if kind == AccountMailKind.INVITATION else {}),
        **mail.facts,
    }
    return Mail(
        subject=one_line(SUBJECTS[kind].format_map(facts)),
        body=render_to_string(f"mail/account/{kind.value}.txt", facts).strip() + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[mail.address],
        headers={
            # The same at every attempt, so that what comes twice after a crash is recognised.
            "Message-ID": f"<account-{mail.pk}-{mail.created_at.timestamp():.6f}@{NAMING}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _invitation(user: User) -> dict[str, Any]:
    """To what somebody is invited, as the roles are when the mail is sent, not as they were when it was queued."""
    held = Membership.objects.filter(user=user).select_related("page").order_by("page__name")
    roles = [(each.role.capitalize(), each.page.name if each.page else "every status page") for each in held]
    pages = {on for _, on in roles}
    only = next(iter(pages)) if len(pages) == 1 else ""
    host = urlsplit(settings.SITE_URL).hostname
    where = f"the status page {only}" if only and held[0].page else f"the status pages of {host}"
    return {"roles": roles, "where": where, "needs_factor": must_have_second_factor(user)}


def _link(mail: AccountMail) -> str:
    """Made at this moment and kept nowhere: it opens the account until it is used or PASSWORD_RESET_TIMEOUT is over."""
    names = {"uidb36": int_to_base36(mail.user.pk), "key": default_token_generator.make_token(mail.user)}
    return settings.SITE_URL + reverse("account_reset_password_from_key", kwargs=names)
