"""Mailing admins, once a day, where the audit ended and what was published."""

import logging
from collections import defaultdict
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings

from incidents.channels.email import EMAIL
from incidents.channels.messages import Answer, Notice, Recipient
from incidents.domain.journal import EventKind
from incidents.models import HeadMail, HeadPublication
from incidents.notifying.headlines import subject_of
from incidents.notifying.late_replies import follow
from incidents.operations.head_mails import claim_head_mails, record_head_mails

log = logging.getLogger(__name__)


def mail_heads(*, at: datetime) -> int:
    """Send what is due; how many mails were tried. Two processes at once send each of them once."""
    batches: dict[HeadPublication, list[HeadMail]] = defaultdict(list)
    for row in claim_head_mails(at=at):
        batches[row.publication].append(row)
    for publication, rows in batches.items():
        name = f"heads-{publication.code}"
        recipients = [Recipient(f"{name}-{row.pk}", row.address, (), "", "") for row in rows]
        answers = EMAIL.send(_notice(publication), recipients)
        record_head_mails(answers, at=at)
        for answer in answers:
            follow(answer, _record_later)
    return sum(map(len, batches.values()))


def _record_later(answer: Answer) -> None:
    record_head_mails([answer], at=datetime.now(UTC))


def _notice(publication: HeadPublication) -> Notice:
    host = urlsplit(settings.SITE_URL).hostname or ""
    title = (
        f"The audit contradicts what was published ({host})"
        if publication.faults
        else f"Audit heads of {host}"
    )
    day = f"{publication.at:%Y-%m-%d}"
    return Notice(
        kind=EventKind.ALERT_RAISED,
        root=f"heads-{publication.code}",
        page_name="Dialtone",
        page_url=settings.SITE_URL,
        subject=subject_of("", f"{title}, {day}", "Dialtone"),
        title=title,
        heading=title,
        body=publication.text,
        posted=f"{publication.at:%Y-%m-%d %H:%M} UTC",
        affected="",
        url=f"{settings.SITE_URL}/console/audit",
        payload={},
        generated_at=publication.at.isoformat(),
        open_label="Open the audit",
        for_staff=True,
        for_admins=True,
    )
