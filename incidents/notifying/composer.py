"""An event in words: the notice that all of its readers get, printed in the page's zone and in UTC (DESIGN 7, 10)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from django.conf import settings
from django.db.models.functions import Coalesce

from incidents.channels.messages import BodyForms, Earlier, Notice
from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import IncidentStatus
from incidents.domain.journal import RFOS_TOLD, EventKind
from incidents.domain.rfo_views import RfoView
from incidents.domain.rollup import roll_up
from incidents.domain.texts import BodyFormat
from incidents.domain.tree import ComponentView, IncidentView, PageView, PlanView, UpdateView
from incidents.formatting.affected import affected_of
from incidents.formatting.spans import full_span
from incidents.formatting.statuspage import incident_url, webhook_component, webhook_incident
from incidents.formatting.times import iso_ms, posted
from incidents.formatting.update_texts import update_plain
from incidents.formatting.words import COMPONENT, RFO, page_label
from incidents.models import Component, Event, Incident, Page
from incidents.models.trees import (
    component_views,
    incident_view,
    look_view,
    page_view,
    thread_of,
    with_updates,
)
from incidents.notifying.alerts import compose_alert
from incidents.notifying.body_forms import forms_of
from incidents.notifying.headlines import (
    branding_of,
    component_states,
    next_update_of,
    state_of,
    subject_of,
)
from incidents.notifying.private import compose_private

EARLIER = 10
"""So many earlier updates are repeated in a mail; the page has them all."""


def compose(event: Event, *, at: datetime) -> Notice:
    """The notice of an event, with the incident as it stood when the event was written."""
    page = replace(page_view(event.page, site_url=settings.SITE_URL), look=look_view(event.page))
    if event.kind == EventKind.ALERT_RAISED:
        return compose_alert(event, page, at=at)
    if event.subscriber is not None:
        return compose_private(event, event.subscriber, page, at=at)
    views = component_views(event.page, at=at)
    if event.component_id is not None:
        return _move(event, page, views, at=at)
    return _of_thread(event, page, views, at=at)


def _of_thread(event: Event, page: PageView, views: Mapping[int, ComponentView], *, at: datetime) -> Notice:
    """The notice of an incident's or a maintenance's update, or of an RFO."""
    assert event.incident_id is not None  # noqa: S101  (what people are told of is a thread, a component or their own)
    row = with_updates(Incident.objects.all()).get(pk=event.incident_id)
    components = {pk: views[pk] for pk in _in_page_order(event.page)}
    incident = incident_view(row, components, thread_of(row))
    told = next((update for update in incident.updates if update.pk == event.update_id), incident.updates[0])
    incident = _as_of(told, incident, _plan(event, incident))
    rollup = roll_up(view.status for view in views.values() if view.retired_at is None)
    state = state_of(EventKind(event.kind), told, incident)
    subject = subject_of(state, incident.title, page.name)
    return Notice(
        kind=event.kind,
        root=f"incident-{incident.code}",
        page_name=page.name,
        page_url=page.url,
        naming=page.naming,
        subject=subject,
        title=incident.title,
        heading="Reminder" if event.kind == EventKind.MAINTENANCE_REMINDED else page_label(told.status, None),
        body=_body(told, page),
        forms=_forms(told, page),
        posted=_posted(told, page),
        affected=affected_of(incident),
        url=_rfo_url(told.rfo, page) if told.rfo else incident_url(incident, page),
        open_label=_open_label(incident, told),
        payload=webhook_incident(incident, page, rollup)
        | _own_payload(subject, state, incident, page)
        | _rfo_payload(event, told, page),
        generated_at=iso_ms(at, page.zone),
        window=_window(incident, page),
        state=state,
        next_update=next_update_of(incident, page),
        components=component_states(incident, told),
        is_linked=True,
        brand=branding_of(page),
        earlier=_earlier(incident, told, page),
    )


def _earlier(incident: IncidentView, told: UpdateView, page: PageView) -> tuple[Earlier, ...]:
    others = [update for update in incident.updates if update.pk != told.pk][:EARLIER]
    return tuple(
        Earlier(
            page_label(update.status, None),
            _body(update, page),
            _posted(update, page),
            _forms(update, page).html,
        )
        for update in others
    )


def _open_label(incident: IncidentView, told: UpdateView) -> str:
    if told.rfo:
        return f"Read {told.rfo.number} v{told.rfo.version}"
    return "Open the maintenance" if incident.plan else "Open the incident"


def _rfo_url(rfo: RfoView, page: PageView) -> str:
    return f"{page.url}/rfo/{rfo.number}/v{rfo.version}"


def _own_payload(subject: str, state: str, incident: IncidentView, page: PageView) -> dict[str, object]:
    """A key of our own beside Statuspage's: the mail's subject and state, and when the next update is promised."""
    by = incident.next_update_by
    next_by = iso_ms(by, page.zone) if by else None
    return {"notification": {"subject": subject, "state": state, "next_update_by": next_by}}


def _rfo_payload(event: Event, told: UpdateView, page: PageView) -> dict[str, object]:
    """Of an RFO's event a key of our own beside Statuspage's: what happened, to which version, and its checksum."""
    rfo = told.rfo
    if rfo is None or event.kind not in RFOS_TOLD:
        return {}
    return {
        "rfo": {
            "event": event.kind,
            "number": rfo.number,
            "version": rfo.version,
            "kind": rfo.kind.value,
            "change_summary": rfo.change_summary or None,
            "published_at": iso_ms(rfo.published_at, page.zone),
            "url": _rfo_url(rfo, page),
            "sha256": rfo.sha256,
            "previous_sha256": rfo.previous_sha256 or None,
        }
    }


def _move(event: Event, page: PageView, views: Mapping[int, ComponentView], *, at: datetime) -> Notice:
    """One component's change of status, which machines alone are told apart from its incident."""
    component = views[event.component_id or 0]
    old, new = ComponentStatus(event.data["old_status"]), ComponentStatus(event.data["new_status"])
    moved = replace(component, status=new)
    rollup = roll_up(view.status for view in views.values() if view.retired_at is None)
    return Notice(
        kind=event.kind,
        root=f"component-{component.code}",
        page_name=page.name,
        page_url=page.url,
        naming=page.naming,
        subject=subject_of(COMPONENT[new], component.full_name, page.name),
        title=component.full_name,
        heading=COMPONENT[new],
        body=f"{component.full_name}: {COMPONENT[new]}, before that {COMPONENT[old]}.",
        posted="",
        affected="",
        url=page.url,
        payload=webhook_component(moved, old, page, rollup, number=f"{event.pk:012d}", at=event.at),
        generated_at=iso_ms(at, page.zone),
        state=COMPONENT[new],
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


def _body(update: UpdateView, page: PageView) -> str:
    """An update's words; of an RFO, which is a letter in Markdown, where it is, what changed and its checksum."""
    if update.rfo is None:
        return update_plain(update.body, update.body_format)
    rfo = update.rfo
    link = _rfo_url(rfo, page)
    if rfo.is_withdrawal:
        return f"The reason for outage report {rfo.number} has been withdrawn.\n\n{rfo.body}\n\n{link}"
    changed = f"\n\nWhat changed: {rfo.change_summary}" if rfo.change_summary else ""
    how = "signed by" if rfo.signed_at else "in the name of"
    signed = f", {how} {rfo.signatory_name}" if rfo.signatory_name else ""
    return (
        f"The reason for outage report {rfo.number}, version {rfo.version} ({RFO[rfo.kind].lower()}), is published"
        f"{signed}.{changed}\n\nRead it: {link}\nAs PDF: {link}.pdf\n\nSHA-256 of this version: {rfo.sha256}"
    )


def _forms(update: UpdateView, page: PageView) -> BodyForms:
    """The same with what its author formatted; of an RFO the sentences about it, which are plain text."""
    if update.rfo is None:
        return forms_of(update.body, update.body_format)
    return forms_of(_body(update, page), BodyFormat.PLAIN)


def _posted(update: UpdateView, page: PageView) -> str:
    local, utc = posted(update.at, page.zone), f"{update.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"Posted {local}" if local.endswith(" UTC") else f"Posted {local} ({utc})"
