"""Rows to the frozen tree of `domain/tree.py`, in a fixed number of queries."""

from base64 import b64decode
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Prefetch, Q, QuerySet

from incidents.domain.audiences import Audience
from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import Verdict
from incidents.domain.incidents import Impact, IncidentStatus
from incidents.domain.outcomes import Outcome
from incidents.domain.rfo_views import AttachmentView, Letterhead, RfoView, SectionView, TombView
from incidents.domain.rfos import PUBLIC, RfoKind, withheld_of
from incidents.domain.texts import BodyFormat
from incidents.domain.tree import (
    AffectedView,
    CheckView,
    ComponentView,
    GroupView,
    IncidentView,
    LinkView,
    LookView,
    PageView,
    PlanView,
    RevisionView,
    UpdateView,
)
from incidents.domain.uptime import Uptime
from incidents.formatting.outcomes import public_words
from incidents.formatting.words import RFO_WITHDRAWN
from incidents.models.addresses import page_address
from incidents.models.components import Component, ComponentGroup
from incidents.models.incidents import AffectedComponent, Incident, IncidentUpdate
from incidents.models.looks import Look
from incidents.models.pages import Page
from incidents.models.probes import Probe
from incidents.models.rfos import Attachment, RfoVersion
from incidents.probes.config import ConfigError, build
from incidents.probes.kinds import KINDS

GRACE = timedelta(seconds=15)


def page_view(page: Page, *, site_url: str) -> PageView:
    """The page, at its own address (`page_address`); its `site_url` is where the default page lives without one."""
    return PageView(
        code=page.code,
        name=page.name,
        zone_name=page.zone_name,
        url=page_address(page, site_url=site_url),
        uptime_weight=page.uptime_weight,
        updated_at=page.updated_at,
        named_after=page.named_after,
        numbered_through=page.numbered_through,
    )


def check_view(probe: Probe) -> CheckView:
    """One probe; what it found holds for three intervals and a grace of 15 s."""
    holds = timedelta(seconds=3 * probe.interval_seconds) + GRACE
    called = _labels(probe)
    return CheckView(
        label=called.facet,
        kind_label=called.kind,
        verdict=Verdict(probe.verdict),
        latest=probe.track.latest,
        detail=_found(probe),
        last_at=probe.confirmed_at,
        fresh_until=probe.confirmed_at + holds if probe.confirmed_at else None,
        service=called.service,
        since=probe.trouble_since,
        intermittent=probe.flapping_since is not None,
    )


def _found(probe: Probe) -> str:
    if not probe.confirmed_outcome:
        return ""
    return public_words(Outcome(probe.confirmed_outcome), probe.confirmed_code, probe.confirmed_subject)


class _Labels(NamedTuple):
    facet: str
    kind: str
    service: str


def _labels(probe: Probe) -> _Labels:
    """What a probe is called; one that is set up wrongly still has its place on the page."""
    of_kind = KINDS.get(probe.kind)
    if of_kind is None:
        return _Labels(probe.name, probe.kind, probe.name)
    try:
        config: object = build(of_kind.config, probe.config)
    except ConfigError:
        return _Labels(probe.name, of_kind.label, probe.name)
    return _Labels(of_kind.facet(config), of_kind.label, of_kind.service(config))


def component_view(
    component: Component, *, uptime: Uptime | None = None, probes: Iterable[Probe] = ()
) -> ComponentView:
    """A component; its group must have been selected with it."""
    group = component.group
    return ComponentView(
        code=component.code,
        name=component.name,
        group_code=group.code if group else None,
        group_name=group.name if group else None,
        description=component.description,
        position=component.position,
        status=component.state,
        showcase=component.showcase,
        start_date=component.start_date,
        only_show_if_degraded=component.only_show_if_degraded,
        created_at=component.created_at,
        updated_at=component.updated_at,
        uptime=uptime,
        checks=tuple(check_view(probe) for probe in probes),
        retired_at=component.retired_at,
        replaced_by=(component.replaced_by.code, component.replaced_by.name)
        if component.replaced_by
        else None,
    )


def component_views(
    page: Page, *, at: datetime, uptimes: Mapping[int, Uptime] | None = None
) -> dict[int, ComponentView]:
    """All components of a page by primary key, with the probes that speak for them at `at`: two queries."""
    probes: dict[int, list[Probe]] = defaultdict(list)
    for probe in Probe.objects.speaking(at).filter(component__page=page):
        probes[probe.component_id].append(probe)
    return {
        component.pk: component_view(
            component, uptime=(uptimes or {}).get(component.pk), probes=probes[component.pk]
        )
        for component in Component.objects.filter(page=page).select_related("group", "replaced_by")
    }


def look_view(page: Page) -> LookView | None:
    """The brand's look, where it has one."""
    look = Look.objects.filter(page=page).first()
    return LookView(look.accent, bytes(look.logo), look.home_url, look.support) if look else None


def group_views(page: Page, components: Iterable[ComponentView]) -> tuple[GroupView, ...]:
    """The groups of a page with the given components inside; groups without any are left out."""
    inside: dict[str, list[ComponentView]] = defaultdict(list)
    for component in components:
        if component.group_code:
            inside[component.group_code].append(component)
    return tuple(
        GroupView(
            code=group.code,
            name=group.name,
            description=group.description,
            position=group.position,
            created_at=group.created_at,
            updated_at=group.updated_at,
            components=tuple(sorted(inside[group.code], key=lambda each: (each.position, each.name))),
        )
        for group in ComponentGroup.objects.filter(page=page)
        if inside[group.code]
    )


def with_updates(incidents: "QuerySet[Incident]") -> "QuerySet[Incident]":
    """The queryset with all that `thread_of` reads: six more queries, however many rows."""
    versions = RfoVersion.objects.select_related("rfo").prefetch_related("attachments")
    affected = AffectedComponent.objects.select_related("component__group")
    updates = IncidentUpdate.objects.order_by("-at", "-id").prefetch_related(
        Prefetch("affected", queryset=affected), Prefetch("rfo_version", queryset=versions), "revisions"
    )
    return incidents.prefetch_related(Prefetch("updates", queryset=updates, to_attr="newest_first"))


class Thread(NamedTuple):
    """What was said of an incident, newest first, and the keys of the components that it named."""

    updates: tuple[UpdateView, ...]
    touched: frozenset[int]
    told_rfo: bool


def thread_of(incident: Incident) -> Thread:
    """The thread of an incident that was read through `with_updates`."""
    updates: Sequence[IncidentUpdate] = getattr(incident, "newest_first")  # noqa: B009  (set by the prefetch)
    return Thread(
        tuple(_update_view(update) for update in updates),
        frozenset(row.component_id for update in updates for row in update.affected.all()),
        told_rfo=any(update.rfo_version_id for update in updates),
    )


def links_of(incidents: Collection[Incident]) -> dict[int, tuple[LinkView, ...]]:
    """What caused each of the incidents and what they caused, by primary key: one query."""
    pks = {each.pk for each in incidents}
    causes = {each.caused_by_id for each in incidents if each.caused_by_id}
    rows = Incident.objects.filter(Q(pk__in=causes) | Q(caused_by__in=pks)).order_by("started_at", "pk")
    known = list(rows)
    return {
        each.pk: tuple(
            LinkView(
                row.title,
                f"/{'maintenance' if row.state.is_planned else 'incidents'}/{row.code}",
                is_cause=row.pk == each.caused_by_id,
            )
            for row in known
            if row.pk == each.caused_by_id or row.caused_by_id == each.pk
        )
        for each in incidents
    }


def incident_view(
    incident: Incident,
    components: Mapping[int, ComponentView],
    thread: Thread,
    links: tuple[LinkView, ...] = (),
) -> IncidentView:
    """An incident with its thread and the present state of its components, in the order in which these are given."""
    return IncidentView(
        pk=incident.pk,
        code=incident.code,
        title=incident.title,
        status=incident.state,
        impact=incident.shown_impact,
        automatic=incident.automatic,
        started_at=incident.started_at,
        created_at=incident.created_at,
        updated_at=incident.updated_at,
        monitoring_at=incident.monitoring_at,
        resolved_at=incident.resolved_at,
        updates=thread.updates,
        affected=tuple(view for pk, view in components.items() if pk in thread.touched),
        plan=_plan_view(incident) if incident.state.is_planned else None,
        impact_override=Impact(incident.impact_override) if incident.impact_override else None,
        links=links,
    )


def _plan_view(incident: Incident) -> PlanView:
    plan = incident.maintenance
    return PlanView(plan.scheduled_for, plan.scheduled_until, plan.starts_itself, plan.ends_itself)


def _update_view(update: IncidentUpdate) -> UpdateView:
    """An update; of one that told an RFO which is withdrawn since, only that is said."""
    version = update.rfo_version
    is_public = version is None or version.state in PUBLIC
    tomb = _tomb_view(version) if version and not is_public else None
    return UpdateView(
        pk=update.pk,
        code=update.code,
        status=IncidentStatus(update.status),
        body=update.body if is_public else RFO_WITHDRAWN,
        at=update.at,
        created_at=update.created_at,
        automatic=update.automatic,
        added_later=update.added_later,
        next_update_by=update.next_update_by,
        notify=update.notify,
        affected=tuple(_affected_view(row) for row in update.affected.all()),
        rfo=rfo_view(version) if version and is_public else None,
        tomb=tomb,
        revisions=tuple(RevisionView(each.body, each.replaced_at) for each in update.revisions.all()),
        body_format=BodyFormat(update.body_format),
    )


def _affected_view(row: AffectedComponent) -> AffectedView:
    return AffectedView(
        code=row.component.code,
        group=row.group_name or None,
        name=row.name,
        old_status=ComponentStatus(row.old_status),
        new_status=ComponentStatus(row.new_status),
    )


def rfo_view(version: RfoVersion, audience: Audience = Audience.PUBLIC) -> RfoView:
    """A version as an audience may read it; the only place where a row's other parts are left out."""
    published: datetime = version.published_at or version.created_at
    whole = version.whole
    sections = zip(whole.sections, version.rendered, strict=True)
    head = version.letterhead
    return RfoView(
        number=version.rfo.number,
        version=version.number,
        kind=RfoKind(version.kind),
        body=version.body,
        body_html=version.body_html,
        signatory_name=version.signatory_name,
        signatory_title=version.signatory_title,
        change_summary=version.change_summary,
        published_at=published,
        sha256=version.sha256,
        previous_sha256=version.previous_sha256,
        attachments=tuple(attachment_view(each) for each in version.attachments.all()),
        content=whole.seen_by(audience),
        sections=tuple(
            SectionView(each.kind, html, each.audience)
            for each, html in sections
            if audience.may_read(each.audience)
        ),
        public=whole.seen_by(Audience.PUBLIC),
        withheld=tuple(withheld_of(whole, version.salt).items()),
        signed_at=version.signed_at,
        approvals=version.public_approvals,
        letterhead=Letterhead(
            tuple(head.get("lines", ())), head.get("support", ""), b64decode(head.get("logo", ""))
        ),
        audience=audience,
        incident_title=version.incident_title,
        page_name=version.page_name,
    )


def _tomb_view(version: RfoVersion) -> TombView:
    published: datetime = version.published_at or version.created_at
    return TombView(version.rfo.number, version.number, RfoKind(version.kind), published, version.sha256)


def attachment_view(row: Attachment) -> AttachmentView:
    """A document of an RFO."""
    return AttachmentView(row.code, row.name, row.media_type, row.size, row.sha256)
