"""A saved report becomes an incident or a maintenance: its page, components, updates and RFO, in one transaction.

Importing the same report again changes nothing; a later save of it adds only the updates that are new.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import Impact, IncidentStatus
from incidents.domain.journal import EventKind
from incidents.domain.reports import Report, ReportRfo, ReportUpdate
from incidents.domain.texts import BodyFormat
from incidents.models import AffectedComponent, Component, ComponentGroup, Incident, Maintenance, Page
from incidents.operations.actors import Actor
from incidents.operations.attachments import CheckedDocument, attach_checked, check_document
from incidents.operations.components import checked_name, create_component, create_group
from incidents.operations.errors import Refused
from incidents.operations.journal import lock, record
from incidents.operations.pages import create_page
from incidents.operations.rfos import RenderedLetter, checked_letter, draft_rfo
from incidents.operations.updates import Named, add_update
from incidents.operations.versions import publish_rfo


@dataclass(frozen=True, slots=True)
class Imported:
    """The incident and how many of the report's updates were new."""

    incident: Incident
    added: int


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What takes long and comes before the transaction: the letter rendered, the documents checked."""

    letter: RenderedLetter | None
    documents: Sequence[CheckedDocument]


def import_report(
    report: Report,
    *,
    page: Page | None = None,
    hit: ComponentStatus = ComponentStatus.PARTIAL_OUTAGE,
    documents: Mapping[str, bytes] | None = None,
    by: Actor,
    at: datetime,
) -> Imported:
    """Write the report to `page`, or to the page of its own name, which is made when missing.

    A report does not say how hard each component was hit: `hit` is what they get while the incident is open, at
    present too if it still is.
    `documents` (name to content) are attached to its RFO.
    Nobody is notified. Raises Refused naming the field; then nothing was written.
    """
    prepared = _Prepared(
        checked_letter(report.rfo.body) if report.rfo else None,
        [check_document(name, content) for name, content in (documents or {}).items()] if report.rfo else [],
    )
    return _write(report, page, hit, prepared, by=by, at=at)


@transaction.atomic
def _write(
    report: Report, page: Page | None, hit: ComponentStatus, prepared: _Prepared, *, by: Actor, at: datetime
) -> Imported:
    page = lock(page or _page(report, by=by, at=at))
    incident, is_new = _incident(report, page, at=at)
    was_open = not is_new and incident.state.is_in_force
    known = {_identity(each.at, each.status, each.body) for each in incident.updates.all()}
    missing = [each for each in report.updates if _identity(each.at, each.status, each.body) not in known]
    components = _components(report, incident, by=by, at=at) if missing else []
    if missing and report.window:
        _plan(incident, report.window, at=at)
    told = [each for each in missing if each.status != IncidentStatus.POSTMORTEM]
    for update in missing:
        if update.status == IncidentStatus.POSTMORTEM and report.rfo:
            _publish(report.rfo, incident, prepared, by=by, at=at)
        else:
            state = _state(update, report, hit)
            speaks_for_now = update in told[-1:] and (update.status.is_in_force or was_open)
            _add(update, incident, dict.fromkeys(components, state), speaks_for_now, by=by, at=at)
    if missing:
        incident.refresh_from_db()
        data = {"title": incident.title, "updates": len(missing), "new": is_new}
        record(page, EventKind.INCIDENT_IMPORTED, by=by, at=at, incident=incident, data=data)
    return Imported(incident, len(missing))


def _state(update: ReportUpdate, report: Report, hit: ComponentStatus) -> ComponentStatus | None:
    """What an update says of the components; None where it only names them: before planned work has begun."""
    if not update.status.is_planned:
        return hit if update.status.is_open else ComponentStatus.OPERATIONAL
    if update.status.is_in_force:
        return ComponentStatus.UNDER_MAINTENANCE
    begun = any(each.status.is_in_force and each.at <= update.at for each in report.updates)
    return ComponentStatus.OPERATIONAL if begun and update.status.is_over else None


def _plan(incident: Incident, window: tuple[datetime, datetime], *, at: datetime) -> None:
    """The window, as this save of the report tells it; what of it has passed does not begin or end by itself."""
    begins, ends = window
    Maintenance.objects.update_or_create(
        incident=incident,
        defaults={
            "scheduled_for": begins,
            "scheduled_until": ends,
            "starts_itself": begins > at,
            "ends_itself": ends > at,
        },
    )
    incident.maintenance = Maintenance.objects.get(incident=incident)
    incident.started_at = begins  # the update that follows saves it


def _identity(at: datetime, status: str, body: str) -> tuple[datetime, str]:
    """What makes two updates the same: a later save may tell more of their order, and so other statuses."""
    return at, status if status == IncidentStatus.POSTMORTEM else body


def _page(report: Report, *, by: Actor, at: datetime) -> Page:
    if not report.page_name:
        raise Refused("page", "The report does not name its page. Say which one with --page.")
    page = Page.objects.filter(name=report.page_name).first()
    return page or create_page(name=report.page_name, zone_name=report.zone, by=by, at=at)


def _components(report: Report, incident: Incident, *, by: Actor, at: datetime) -> list[Component]:
    """What the report names: by the name that an earlier import knew it under, by its name now, or made."""
    known = {
        (row.group_name, row.name): row.component
        for row in AffectedComponent.objects.filter(update__incident=incident).select_related(
            "component__group"
        )
    }
    return [
        known.get((group or "", name))
        or _component(incident.page, group, name, since=report.updates[0].at, by=by, at=at)
        for group, name in report.affected
    ]


def _component(
    page: Page, group_name: str | None, name: str, *, since: datetime, by: Actor, at: datetime
) -> Component:
    group = None
    if group_name:
        group = ComponentGroup.objects.filter(page=page, name=group_name).first()
        group = group or create_group(page, name=group_name, by=by, at=at)
    found = Component.objects.filter(page=page, group=group, name=name).first()
    return found or create_component(page, name=name, group=group, since=since, by=by, at=at)


def _incident(report: Report, page: Page, *, at: datetime) -> tuple[Incident, bool]:
    first = report.updates[0]
    key = _key(report, page, planned=report.window is not None)
    if Incident._base_manager.filter(import_key=key).exclude(deleted_at=None).exists():
        raise Refused("incident", "This incident was deleted here, and does not come back.")
    if report.window and Incident.objects.filter(import_key=_key(report, page, planned=False)).exists():
        message = (
            "An earlier version imported this maintenance as an incident. Delete that in the console first."
        )
        raise Refused("incident", message)
    return Incident.objects.get_or_create(
        import_key=key,
        defaults={
            "page": page,
            "title": checked_name("title", report.title),
            "status": first.status.value,
            "impact": (Impact.MAINTENANCE if report.window else Impact.NONE).value,
            "started_at": report.window[0] if report.window else first.at,
            "created_at": at,
            "updated_at": at,
        },
    )


def _key(report: Report, page: Page, *, planned: bool) -> str:
    identity = f"{page.code}\n{report.title}\n{report.updates[0].at.isoformat()}"
    return hashlib.sha256(f"{identity}{chr(10) + 'maintenance' if planned else ''}".encode()).hexdigest()


def _publish(rfo: ReportRfo, incident: Incident, prepared: _Prepared, *, by: Actor, at: datetime) -> None:
    draft = draft_rfo(
        incident,
        body=prepared.letter or rfo.body,
        signatory_name=rfo.signature_name,
        signatory_title=rfo.signature_title,
        change_summary="Taken from a later save of the report." if incident.rfos.exists() else "",
        by=by,
        at=at,
    )
    for checked in prepared.documents:
        attach_checked(draft, checked, by=by, at=at)
    publish_rfo(draft, by=by, at=at, happened_at=rfo.at, notify=False, mark_late=False)


def _add(
    update: ReportUpdate,
    incident: Incident,
    components: Named,
    speaks_for_now: bool,
    *,
    by: Actor,
    at: datetime,
) -> None:
    add_update(
        incident,
        status=update.status,
        body=update.body,
        body_format=BodyFormat.PLAIN,
        components=components,
        by=by,
        at=at,
        happened_at=update.at,
        notify=False,
        mark_late=False,
        speaks_for_now=speaks_for_now,
    )
