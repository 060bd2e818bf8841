"""Pages, components and incidents for tests, made through the operations that the product itself uses."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import User

from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import Verdict
from incidents.domain.incidents import IncidentStatus
from incidents.domain.roles import Role
from incidents.management.demo.document import pdf
from incidents.models import (
    Component,
    ComponentGroup,
    Incident,
    IncidentUpdate,
    Membership,
    Page,
    Probe,
    RfoVersion,
)
from incidents.operations import attachments, components, incidents, maintenances, pages, rfos, versions
from incidents.operations.actors import DEMO, Actor

BEGAN = datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
"""Oct 09, 2021 - 08:22 AEDT."""
_numbers = count(1)


def make_page(
    name: str = "", *, zone: str = "Australia/Sydney", hosts: tuple[str, ...] = (), **fields: Any
) -> Page:
    """A page; the first one of a test is the default."""
    at = fields.pop("at", BEGAN - timedelta(days=120))
    return pages.create_page(
        name=name or f"Page {next(_numbers)}", zone_name=zone, hosts=hosts, by=DEMO, at=at, **fields
    )


def make_group(page: Page, name: str = "", *, at: datetime = BEGAN - timedelta(days=120)) -> ComponentGroup:
    """A group at the end of the page."""
    return components.create_group(page, name=name or f"Group {next(_numbers)}", by=DEMO, at=at)


def make_component(
    page: Page,
    name: str = "",
    *,
    group: ComponentGroup | None = None,
    start_date: date | None = None,
    status: ComponentStatus = ComponentStatus.OPERATIONAL,
    at: datetime = BEGAN - timedelta(days=120),
) -> Component:
    """A component at the end of its group or page, in the given status from `at` on."""
    component = components.create_component(
        page, name=name or f"Component {next(_numbers)}", group=group, start_date=start_date, by=DEMO, at=at
    )
    return (
        component
        if status == component.state
        else components.set_status(component, status=status, by=DEMO, at=at)
    )


def make_incident(
    page: Page,
    title: str = "",
    *,
    body: str = "We are investigating failed calls.",
    status: IncidentStatus = IncidentStatus.INVESTIGATING,
    components: Mapping[Component, ComponentStatus] | None = None,
    by: Actor = DEMO,
    at: datetime = BEGAN,
    **facts: Any,
) -> Incident:
    """An open incident with one update."""
    return incidents.open_incident(
        page,
        title=title or f"Incident {next(_numbers)}",
        body=body,
        status=status,
        components=components,
        by=by,
        at=at,
        **facts,
    )


def make_update(
    incident: Incident,
    body: str = "We have found the cause.",
    *,
    status: IncidentStatus = IncidentStatus.IDENTIFIED,
    by: Actor = DEMO,
    at: datetime = BEGAN + timedelta(hours=1),
    **facts: Any,
) -> IncidentUpdate:
    """One more update."""
    return incidents.update_incident(incident, status=status, body=body, by=by, at=at, **facts)


def resolve(
    incident: Incident,
    body: str = "This incident has been resolved.",
    *,
    at: datetime = BEGAN + timedelta(hours=4),
) -> IncidentUpdate:
    """The end of it, with all components back."""
    return incidents.resolve_incident(incident, body=body, by=DEMO, at=at)


def make_maintenance(
    page: Page,
    title: str = "",
    *,
    body: str = "We replace a core switch. Calls may drop for a minute.",
    components: Collection[Component] = (),
    begins: datetime = BEGAN + timedelta(days=2),
    ends: datetime = BEGAN + timedelta(days=2, hours=2),
    by: Actor = DEMO,
    at: datetime = BEGAN,
    **facts: Any,
) -> Incident:
    """A scheduled maintenance with one update."""
    return maintenances.schedule_maintenance(
        page,
        title=title or f"Maintenance {next(_numbers)}",
        body=body,
        components=components,
        scheduled_for=begins,
        scheduled_until=ends,
        by=by,
        at=at,
        **facts,
    )


def whole_pdf(content: bytes) -> bytes:
    """A real PDF of what a test calls one, `%PDF-1.7 finding`, with its words on a page; others as they are."""
    if not content.startswith(b"%PDF-") or b"%%EOF" in content:
        return content
    return pdf("Document", [content.partition(b" ")[2].decode() or "words"])


def make_rfo(
    incident: Incident,
    body: str = "One malformed certificate.\n\n## Cause\n\nIt was *not* checked.",
    *,
    files: Mapping[str, bytes] | None = None,
    at: datetime = BEGAN + timedelta(days=20),
    **facts: Any,
) -> RfoVersion:
    """A published RFO of a resolved incident."""
    incident.refresh_from_db()
    draft = rfos.draft_rfo(incident, body=body, by=DEMO, at=at, **facts)
    for name, content in (files or {}).items():
        attachments.attach_document(draft, name=name, content=whole_pdf(content), by=DEMO, at=at)
    versions.publish_rfo(draft, by=DEMO, at=at)
    draft.refresh_from_db()
    return draft


def make_probe(
    component: Component,
    transport: str = "udp",
    *,
    verdict: Verdict = Verdict.UP,
    last_at: datetime | None = None,
    interval: int = 30,
    detail: str = "",
) -> Probe:
    """A row as a probe that ran at `last_at` would have left it."""
    return Probe.objects.create(
        component=component,
        name=f"{component.name} {transport}",
        kind="sip_options",
        target="sip:voice.example.net",
        config={"transport": transport},
        interval_seconds=interval,
        next_due=last_at or BEGAN,
        verdict=verdict,
        last_at=last_at,
        confirmed_at=last_at,
        last_detail=detail,
        since=last_at,
        successes=3 if verdict == Verdict.UP else 0,
        answers=3 if verdict == Verdict.UP else 0,
        failures=3 if verdict == Verdict.DOWN else 0,
        troubles=3 if verdict == Verdict.DOWN else 0,
    )


def make_member(user: User, role: Role, page: Page | None = None) -> User:
    """Somebody of staff with a role on one page, or on every one."""
    User.objects.filter(pk=user.pk).update(is_staff=True)
    user.is_staff = True
    Membership.objects.create(user=user, page=page, role=role.value, given_at=BEGAN)
    return user
