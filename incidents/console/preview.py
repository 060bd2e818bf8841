"""What a statement will look like everywhere, before it is made: it is made, looked at, and taken back.

So nothing here can differ from the real thing: the same operation, the same renderers, one rolled-back transaction.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from incidents.channels.messages import Notice
from incidents.channels.slack import message as slack_message
from incidents.channels.slack import section
from incidents.console.audience import in_words
from incidents.domain.journal import TOLD
from incidents.domain.tree import IncidentView, PageView
from incidents.models import Event, Incident, IncidentUpdate
from incidents.models.trees import component_views, incident_view, page_view, thread_of, with_updates
from incidents.notifying.composer import compose
from incidents.operations.recipients import Recipients, recipients_of
from incidents.publishing.feeds_updates import entry_of


@dataclass(frozen=True, slots=True)
class Preview:
    """One page's statement in every form, and who would be told."""

    page: PageView
    title: str
    notice: Notice
    promised: datetime | None
    mail: str
    webhook: str
    chat: str
    feed: str
    recipients: Recipients
    audience: str
    notify: bool

    @property
    def told(self) -> int:
        """How many will be notified."""
        return self.recipients.notified


def previews(say: Callable[[], Iterable[IncidentUpdate]], *, at: datetime) -> list[Preview]:
    """What `say` would publish. Raises whatever it raises; nothing of it stays."""
    with transaction.atomic():
        found = [_preview(update, at=at) for update in say()]
        transaction.set_rollback(True)
    return found


def _preview(update: IncidentUpdate, *, at: datetime) -> Preview:
    row = with_updates(Incident.objects.select_related("page")).get(pk=update.incident_id)
    page = page_view(row.page, site_url=settings.SITE_URL)
    incident = incident_view(row, component_views(row.page, at=at), thread_of(row))
    event = Event.objects.filter(update=update, kind__in=TOLD, component=None).latest("pk")
    notice = compose(event, at=at)
    recipients = recipients_of(event)
    return Preview(
        page=page,
        title=incident.title,
        notice=notice,
        promised=update.next_update_by,
        mail=_mail(notice),
        webhook=json.dumps(notice.payload, indent=2, ensure_ascii=False),
        chat=_chat(notice),
        feed=_feed(incident, update, page),
        recipients=recipients,
        audience=in_words(recipients.by_channel),
        notify=update.notify,
    )


def _mail(notice: Notice) -> str:
    facts = {"notice": notice, "leave_url": "…", "manage_url": "…", "action_url": "…"}
    return str(render_to_string("mail/notice.txt", facts)).strip()


def _chat(notice: Notice) -> str:
    """What Slack gets: the line of the notification, and the section below the title."""
    return f"{slack_message(notice)['text']}\n\n{section(notice)}"


def _feed(incident: IncidentView, update: IncidentUpdate, page: PageView) -> str:
    view = next(each for each in incident.updates if each.pk == update.pk)
    return entry_of(view, incident, page).strip()
