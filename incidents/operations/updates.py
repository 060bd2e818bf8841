"""One public statement of an incident or a maintenance, and what follows from it for its components and itself."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery

from incidents.domain.components import ComponentStatus, worst
from incidents.domain.incidents import EARLIEST, OPEN_STATUSES, Impact, IncidentStatus, impact_of, risen
from incidents.domain.texts import BodyFormat, UncleanText, clean
from incidents.models import AffectedComponent, Component, Incident, IncidentUpdate, RfoVersion
from incidents.operations.actors import Actor
from incidents.operations.clocks import promise_of
from incidents.operations.components import apply_status, status_at
from incidents.operations.errors import Conflict, Refused

CLOCK_SKEW = timedelta(minutes=1)
LATE = timedelta(minutes=5)
"""A statement that speaks for an instant this long before it was made is marked "added later"."""

ENDS = frozenset({IncidentStatus.RESOLVED, IncidentStatus.COMPLETED})

Named = Mapping[Component, ComponentStatus | None]
"""Components that a statement names; None for one whose status it leaves as it is."""


def as_expected(incident: Incident, version: int | None) -> Incident:
    """The incident's row anew, inside the caller's lock. Raises Conflict where it is no longer the given version."""
    incident = Incident.objects.select_related("page", "maintenance").get(pk=incident.pk)
    if version is not None and version != incident.version:
        raise Conflict(
            "version", "Somebody posted to this incident while you were writing. Read theirs first."
        )
    return incident


def affected_components(incident: Incident) -> list[Component]:
    """The components that any update of the incident named, in page order."""
    return list(
        Component.objects.filter(affected__update__incident=incident).select_related("group").distinct()
    )


def restored_status(component: Component, *, without: Incident) -> ComponentStatus:
    """What a component comes back to when one incident lets go of it.

    That is the worst of what the newest updates of the other open incidents, and of maintenance in progress, say of it;
    operational where none does. An incident that says "under maintenance" has only given the component back to one.
    """
    newest = IncidentUpdate.objects.filter(incident=OuterRef("pk")).order_by("-at", "-id").values("pk")[:1]
    others = Incident.objects.in_force().filter(page=component.page_id).exclude(pk=without.pk)
    said = AffectedComponent.objects.filter(
        component=component, update__in=others.annotate(newest=Subquery(newest)).values("newest")
    ).exclude(new_status=ComponentStatus.UNDER_MAINTENANCE, update__status__in=OPEN_STATUSES)
    return worst(ComponentStatus(row.new_status) for row in said)


def add_update(
    incident: Incident,
    *,
    status: IncidentStatus,
    body: str,
    body_format: BodyFormat = BodyFormat.MARKDOWN,
    components: Named,
    by: Actor,
    at: datetime,
    happened_at: datetime | None = None,
    next_update_by: datetime | None = None,
    notify: bool = True,
    mark_late: bool = True,
    speaks_for_now: bool = True,
    rfo_version: RfoVersion | None = None,
) -> IncidentUpdate:
    """Write one update and what follows from it, inside the caller's transaction and lock.

    Every component that the incident ever named is repeated, unchanged ones with old and new alike, as Statuspage does.
    The newest words of an incident say how its components are at present, even when they are backdated, unless they
    do not speak for now (more words are about to follow).
    """
    newest = incident.updates.last()
    spoken = _checked_instant(happened_at, at=at, newest=newest)
    is_newest = newest is None or newest.at <= spoken
    _check_move(incident, status, is_newest=newest is not None and is_newest)
    update = IncidentUpdate.objects.create(
        incident=incident,
        status=status.value,
        body=checked_body(body) if rfo_version is None else body,
        body_format=body_format.value,
        at=spoken,
        created_at=at,
        author=by.user,
        automatic=by.is_monitor,
        added_later=mark_late and at - spoken >= LATE,
        next_update_by=_checked_promise(next_update_by, after=spoken),
        notify=notify,
        rfo_version=rfo_version,
    )
    named = {**_named_before(incident, update), **_checked_components(incident, components)}
    _write_affected(update, named, present=at if is_newest and speaks_for_now else None)
    _derive(incident, by=by, at=at)
    if next_update_by is None and status.is_open and is_newest:
        _promise(update)
    return update


def _promise(update: IncidentUpdate) -> None:
    """Where nothing was promised, a running clock's cadence is."""
    update.next_update_by = promise_of(update.incident, spoken=update.at)
    if update.next_update_by:
        update.save(update_fields=["next_update_by"])


def _check_move(incident: Incident, status: IncidentStatus, *, is_newest: bool) -> None:
    """What is told of an earlier instant may have any status, but never one of the other kind of thread."""
    if incident.state.is_planned != status.is_planned:
        what = "A maintenance" if incident.state.is_planned else "An incident"
        raise Refused("status", f"{what} is never {status.value.replace('_', ' ')}.")
    if is_newest and not incident.state.may_become(status):
        raise Refused("status", f"An incident that is {incident.status} cannot become {status.value}.")


def _write_affected(update: IncidentUpdate, components: Named, *, present: datetime | None) -> None:
    for component, status in components.items():
        if status is None:
            old = new = _repeated(component, update, present=present)
        else:
            old, new = _moved(component, status, update, present=present)
        AffectedComponent.objects.create(
            update=update,
            component=component,
            group_name=component.group.name if component.group else "",
            name=component.name,
            old_status=old.value,
            new_status=new.value,
        )


def _moved(
    component: Component, status: ComponentStatus, update: IncidentUpdate, *, present: datetime | None
) -> tuple[ComponentStatus, ComponentStatus]:
    """Give the component its new status; where it was and where the update puts it.

    A maintenance leaves a component as bad as an open incident says. What it says itself then stands alike on both
    sides, so that the component comes back to it once that incident ends.
    """
    state = IncidentStatus(update.status)
    others = state.is_planned and present is not None  # what other threads say now says nothing of the past
    now = worst([status, restored_status(component, without=update.incident)]) if others else status
    holds = state.is_in_force or _is_as_left(component, update)
    old = apply_status(component, now, at=update.at, present=present if holds else None)
    return (status, status) if state.is_in_force and now != status else (old, now)


def _repeated(component: Component, update: IncidentUpdate, *, present: datetime | None) -> ComponentStatus:
    """What an update says of a component that it does not move: how it is.

    Where only other threads make it worse it is what this one itself last said. Work that goes on has no other word
    for a component than its own, even where somebody has set its status by hand.
    """
    state = IncidentStatus(update.status)
    said = last_said(component, update.incident) if present and state.is_in_force else None
    if said and IncidentStatus(said.update.status).is_in_force and (state.is_planned or is_as_told(said)):
        return ComponentStatus(said.new_status)
    return status_at(component, at=update.at)


def _is_as_left(component: Component, update: IncidentUpdate) -> bool:
    """Whether the component still is what the incident last said of it, and not what others have said since."""
    said = last_said(component, update.incident)
    return said is not None and said.new_status == Component.objects.get(pk=component.pk).status


def last_said(component: Component, incident: Incident) -> AffectedComponent | None:
    """The newest word of one thread on a component."""
    said = AffectedComponent.objects.filter(component=component, update__incident=incident)
    return said.select_related("component", "update__incident").order_by("update__at", "update__id").last()


def is_as_told(said: AffectedComponent) -> bool:
    """Whether a component is what a thread in force has said of it, or as much worse as the other threads say.

    It is not where somebody has set its status by hand since.
    """
    others = restored_status(said.component, without=said.update.incident)
    return said.component.state == worst([ComponentStatus(said.new_status), others])


def _named_before(incident: Incident, update: IncidentUpdate) -> dict[Component, ComponentStatus | None]:
    earlier = Component.objects.filter(
        affected__update__incident=incident, affected__update__at__lte=update.at
    ).select_related("group")
    return dict.fromkeys(earlier.distinct())


def _checked_components(incident: Incident, components: Named) -> dict[Component, ComponentStatus | None]:
    for component in components:
        if component.page_id != incident.page_id:
            raise Refused("components", f"{component} belongs to another page.")
    return dict(components)


def checked_body(body: str) -> str:
    """Words that the page can show; else Refused."""
    try:
        body = clean(body)
    except UncleanText as error:
        raise Refused("body", str(error)) from error
    if not body:
        raise Refused("body", "Say at least one sentence: customers are reading this.")
    return body


def _checked_instant(
    happened_at: datetime | None, *, at: datetime, newest: IncidentUpdate | None
) -> datetime:
    """Words for now never come before words that were committed first: `at` was read before the lock was had."""
    if happened_at is None:
        return max(at, newest.at) if newest else at
    if happened_at < EARLIEST:
        raise Refused("happened_at", f"This time lies before {EARLIEST.year}. Check its year.")
    if happened_at > at + CLOCK_SKEW:
        raise Refused("happened_at", "This time lies in the future. Leave it empty to post for now.")
    return min(happened_at, at)


def _checked_promise(next_update_by: datetime | None, *, after: datetime) -> datetime | None:
    if next_update_by is not None and next_update_by <= after:
        raise Refused("next_update_by", "The next update cannot be promised for a time that has passed.")
    return next_update_by


def _derive(incident: Incident, *, by: Actor, at: datetime) -> None:
    """Bring the incident's own columns in line with its updates: they are the truth, these are its index."""
    updates = list(incident.updates.all())
    incident.status = updates[-1].status
    ended = [update.at for update in updates if update.status in ENDS]
    watched = [update.at for update in updates if update.status == IncidentStatus.MONITORING]
    incident.resolved_at = max(ended, default=updates[-1].at) if incident.state.is_over else None
    incident.monitoring_at = max(watched, default=None)
    if incident.state.is_planned:
        incident.impact = Impact.MAINTENANCE.value
    else:
        incident.started_at = min(incident.started_at, updates[0].at)
        incident.impact = _risen_impact(incident, updates).value
    if by.is_person and incident.taken_over_at is None:
        incident.taken_over_at = at
    incident.updated_at = at
    incident.version += 1
    incident.save()


def _risen_impact(incident: Incident, updates: Iterable[IncidentUpdate]) -> Impact:
    impact = Impact(incident.impact)
    rows = list(AffectedComponent.objects.filter(update__incident=incident))
    for update in updates:
        said = [ComponentStatus(row.new_status) for row in rows if row.update_id == update.pk]
        impact = risen(impact, impact_of(said))
    return impact


def told(incident: Incident, update: IncidentUpdate) -> dict[str, object]:
    """What the audit line keeps, should the rows ever be questioned."""
    return {
        "title": incident.title,
        "status": update.status,
        "at": update.at.isoformat(),
        "body": update.body[:500],
        "components": {row.name: [row.old_status, row.new_status] for row in update.affected.all()},
    }
