"""The mails about accounts in words, and on their way: plain text, our own subject, and links to SITE_URL alone."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import int_to_base36

from incidents.channels.letters import Mail
from incidents.domain.account_mails import SUBJECTS, WITH_LINK, AccountMailKind
from incidents.domain.codes import NAMING
from incidents.models import AccountMail
from incidents.operations.account_mails import (
    MailResult,
    claim_account_mails,
    has_due_account_mails,
    record_mail_results,
)

log = logging.getLogger(__name__)

MAILS_AT_ONCE = 5
"""Claimed together; with EMAIL_TIMEOUT for each they stay within the lease."""
PERMANENT = 500
OUTDATED = "Not sent: the account was deactivated, or its address has changed since."


def send_account_mails(*, at: datetime, rounds: int = 100) -> int:
    """Send what is due; how many the mail server took. A run ends where it takes none of them."""
    sent = 0
    for _ in range(rounds):
        mails = claim_account_mails(at=at, limit=MAILS_AT_ONCE) if has_due_account_mails(at=at) else []
        if not mails:
            break
        results = list(_sent(mails))
        record_mail_results(results, at=at)
        sent += sum(each.is_sent for each in results)
        if not any(each.is_sent for each in results):
            break
    return sent


def _sent(mails: Iterable[AccountMail]) -> Iterable[MailResult]:
    for mail in mails:
        if mail.kind in WITH_LINK and not _is_current(mail):
            yield MailResult(mail, is_sent=False, is_final=True, detail=OUTDATED)
            continue
        try:
            get_connection().send_messages([_message(mail)])
        except Exception as error:  # noqa: BLE001  (a mail service's own backend fails in its own way)
            detail = f"{type(error).__name__}: {error}"
            log.warning("a mail about an account could not be sent", extra={"mail": mail.pk, "error": detail})
            yield MailResult(mail, is_sent=False, is_final=_is_final(error), detail=detail)
        else:
            yield MailResult(mail, is_sent=True, is_final=True, detail="")


def _is_current(mail: AccountMail) -> bool:
    """Whether a link may still go there: it would open the account."""
    return mail.user.is_active and mail.user.email == mail.address


def _is_final(error: Exception) -> bool:
    """Whether the server refuses this very mail for good (RFC 5321, section 4.2.1)."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _ in error.recipients.values())
    return isinstance(error, SMTPDataError | SMTPResponseException) and error.smtp_code >= PERMANENT


def _message(mail: AccountMail) -> Mail:
    kind = AccountMailKind(mail.kind)
    facts: dict[str, Any] = {
        "name": mail.user.get_username(),
        "site": settings.SITE_URL,
        "at": f"{mail.created_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        "link": _link(mail) if kind in WITH_LINK else "",
        "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
        **mail.facts,
    }
    return Mail(
        subject=SUBJECTS[kind],
        body=render_to_string(f"mail/account/{kind.value}.txt", facts).strip() + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[mail.address],
        headers={
            # The same at every attempt, so that what comes twice after a crash is recognised.
            "Message-ID": f"<account-{mail.pk}-{mail.created_at.timestamp():.6f}@{NAMING}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _link(mail: AccountMail) -> str:
    """Made at this moment and kept nowhere: it opens the account until it is used or PASSWORD_RESET_TIMEOUT is over."""
    names = {"uidb36": int_to_base36(mail.user.pk), "key": default_token_generator.make_token(mail.user)}
    return settings.SITE_URL + reverse("account_reset_password_from_key", kwargs=names)
