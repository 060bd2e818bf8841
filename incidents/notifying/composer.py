"""An event in words: the notice that all of its readers get, printed in the page's zone and in UTC (DESIGN 7, 10)."""

from dataclasses import replace
from datetime import UTC, datetime

from django.conf import settings
from django.db.models.functions import Coalesce

from incidents.channels.kinds import KINDS
from incidents.channels.messages import Earlier, Notice
from incidents.domain.incidents import IncidentStatus
from incidents.domain.rollup import roll_up
from incidents.domain.subscribers import SubscriberState
from incidents.domain.tree import IncidentView, PageView, PlanView, UpdateView
from incidents.formatting.affected import affected_of
from incidents.formatting.spans import full_span
from incidents.formatting.statuspage import incident_url, webhook_incident
from incidents.formatting.times import iso_ms, posted
from incidents.formatting.words import page_label
from incidents.models import Component, Event, Incident, Page, Subscriber
from incidents.models.trees import component_views, incident_view, page_view, thread_of, with_updates

EARLIER = 10
"""So many earlier updates are repeated in a mail; the page has them all."""


def compose(event: Event, *, at: datetime) -> Notice:
    """The notice of an event, with the incident as it stood when the event was written."""
    page = page_view(event.page, site_url=settings.SITE_URL)
    if event.incident_id is None:
        return _asked(event, page, at=at)
    views = component_views(event.page, at=at)
    row = with_updates(Incident.objects.all()).get(pk=event.incident_id)
    components = {pk: views[pk] for pk in _in_page_order(event.page)}
    incident = incident_view(row, components, thread_of(row))
    told = next((update for update in incident.updates if update.pk == event.update_id), incident.updates[0])
    incident = _as_of(told, incident, _plan(event, incident))
    rollup = roll_up(view.status for view in views.values())
    return Notice(
        kind=event.kind,
        root=f"incident-{incident.code}",
        page_name=page.name,
        page_url=page.url,
        subject=f"[{page.name}] {incident.title}",
        title=incident.title,
        heading=page_label(told.status, None),
        body=_body(told),
        posted=_posted(told, page),
        affected=affected_of(incident),
        url=incident_url(incident, page),
        payload=webhook_incident(incident, page, rollup),
        generated_at=iso_ms(at, page.zone),
        window=_window(incident, page),
        earlier=tuple(
            Earlier(page_label(update.status, None), _body(update), _posted(update, page))
            for update in incident.updates
            if update.pk != told.pk
        )[:EARLIER],
    )


def _in_page_order(page: Page) -> list[int]:
    """Groups stand among the stand-alone components by their positions, as the page shows them."""
    place = (Coalesce("group__position", "position"), Coalesce("group__name", "name"), "position", "name")
    return list(Component.objects.filter(page=page).order_by(*place).values_list("pk", flat=True))


def _plan(event: Event, incident: IncidentView) -> PlanView | None:
    """The plan of a maintenance as it was when the event was written, where the journal keeps it beside the words."""
    if incident.plan is None or "scheduled_for" not in event.data:
        return incident.plan
    begins, ends = (datetime.fromisoformat(event.data[key]) for key in ("scheduled_for", "scheduled_until"))
    return replace(incident.plan, scheduled_for=begins, scheduled_until=ends)


def _window(incident: IncidentView, page: PageView) -> str:
    plan = incident.plan
    return f"Scheduled for {full_span(plan.scheduled_for, plan.scheduled_until, page.zone)}" if plan else ""


def _as_of(told: UpdateView, incident: IncidentView, plan: PlanView | None) -> IncidentView:
    """The incident without what was written after `told`: a queue that runs late still tells things in their order."""
    updates = tuple(update for update in incident.updates if update.pk <= told.pk)
    status = updates[0].status
    watched = [update.at for update in updates if update.status == IncidentStatus.MONITORING]
    return replace(
        incident,
        updates=updates,
        status=status,
        updated_at=max(update.created_at for update in updates),
        monitoring_at=max(watched, default=None),
        resolved_at=incident.resolved_at if status.is_over else None,
        plan=plan,
    )


def _body(update: UpdateView) -> str:
    """An update's words; of an RFO, which is a letter in Markdown, only that it is there and what changed."""
    if update.rfo is None:
        return update.body
    rfo = update.rfo
    changed = f"\n\n{rfo.change_summary}" if rfo.change_summary else ""
    signed = f", signed by {rfo.signatory_name}" if rfo.signatory_name else ""
    return (
        f"The reason for outage report {rfo.number}, version {rfo.version}, is published{signed}.{changed}\n\n"
        "Read it on the incident's page."
    )


def _posted(update: UpdateView, page: PageView) -> str:
    local, utc = posted(update.at, page.zone), f"{update.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"Posted {local}" if local.endswith(" UTC") else f"Posted {local} ({utc})"


def _asked(event: Event, page: PageView, *, at: datetime) -> Notice:
    """The answer to somebody's request. No word of it is the asker's, who may be no friend of the reader."""
    assert event.subscriber is not None  # noqa: S101  (an event of no incident that is told at all is of a subscriber)
    known = event.subscriber.state == SubscriberState.ACTIVE
    title = "You are already subscribed" if known else "Confirm your subscription"
    return Notice(
        kind=event.kind,
        root=f"subscription-{event.pk}",
        page_name=page.name,
        page_url=page.url,
        subject=f"[{page.name}] {title}",
        title=title,
        heading=title,
        body=_known_words(page) if known else _pending_words(event.subscriber, page),
        posted="",
        affected="",
        url=page.url,
        payload={},
        generated_at=iso_ms(at, page.zone),
        action_label="" if known else "Confirm",
    )


def _pending_words(subscriber: Subscriber, page: PageView) -> str:
    if KINDS[subscriber.channel].is_machine:
        return (
            f"Somebody, we hope it was you, asked {page.name}'s status page to send webhooks and gave this address as "
            "their contact. The page behind this link shows where they would be sent. Confirm there within 7 days and "
            "you get the secret that signs each webhook."
        )
    return (
        f"Somebody, we hope it was you, asked to be told at this address of incidents at {page.name}. Confirm within "
        "7 days, and it begins with the next update."
    )


def _known_words(page: PageView) -> str:
    return (
        f"Somebody, we hope it was you, asked again for updates of {page.name}'s status page. Nothing has changed. "
        "The links below change what you hear of, or end it."
    )
