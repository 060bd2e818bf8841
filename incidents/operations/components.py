"""Making components and groups, and changing what a component's status is."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from incidents.domain.components import ComponentStatus
from incidents.domain.journal import EventKind
from incidents.domain.texts import NAME_LIMIT, UncleanText, clean
from incidents.models import Component, ComponentGroup, Page, StatusChange
from incidents.operations.actors import Actor
from incidents.operations.errors import Refused
from incidents.operations.journal import lock, record

Statuses = Mapping[Component, ComponentStatus]


def checked_name(field: str, text: str) -> str:
    """A title or name without control characters, not empty, within 255 characters; else Refused."""
    try:
        text = clean(text, limit=NAME_LIMIT)
    except UncleanText as error:
        raise Refused(field, str(error)) from error
    if not text:
        raise Refused(field, "This cannot be empty.")
    return " ".join(text.split())


@transaction.atomic
def create_group(page: Page, *, name: str, description: str = "", by: Actor, at: datetime) -> ComponentGroup:
    """A new group at the end of the page."""
    page, name = lock(page), checked_name("name", name)
    if ComponentGroup.objects.filter(page=page, name=name).exists():
        raise Refused("name", "Another group has this name.")
    group = ComponentGroup.objects.create(
        page=page,
        name=name,
        description=_checked_description(description),
        position=next_position(page, None),
        created_at=at,
        updated_at=at,
    )
    record(page, EventKind.PAGE_CHANGED, by=by, at=at, data={"group": group.name, "what": "created"})
    return group


@transaction.atomic
def create_component(
    page: Page,
    *,
    name: str,
    group: ComponentGroup | None = None,
    description: str = "",
    showcase: bool = True,
    only_show_if_degraded: bool = False,
    start_date: date | None = None,
    since: datetime | None = None,
    by: Actor,
    at: datetime,
) -> Component:
    """A new operational component at the end of its group or of the page.

    Its history starts at `start_date` (midnight in the page's zone), without one at `since`, else at `at`.
    """
    page, name = lock(page), checked_name("name", name)
    if group is not None and group.page_id != page.pk:
        raise Refused("group", f"{group} belongs to another page.")
    check_free(page, group, name)
    component = Component.objects.create(
        page=page,
        group=group,
        name=name,
        description=_checked_description(description),
        showcase=showcase,
        only_show_if_degraded=only_show_if_degraded,
        position=next_position(page, group),
        start_date=start_date,
        created_at=at,
        updated_at=at,
    )
    if start_date:
        since = datetime(start_date.year, start_date.month, start_date.day, tzinfo=page.zone)
    StatusChange.objects.create(
        component=component, status=ComponentStatus.OPERATIONAL, at=min(since or at, at)
    )
    record(page, EventKind.PAGE_CHANGED, by=by, at=at, data={"component": str(component), "what": "created"})
    return component


@transaction.atomic
def edit_component(
    component: Component,
    *,
    name: str,
    description: str,
    showcase: bool,
    only_show_if_degraded: bool,
    upstream: Component | None,
    start_date: date | None,
    by: Actor,
    at: datetime,
) -> Component:
    """Write a component's set-up anew. Its status is said in an incident, its place in the order of the page.

    An earlier `start_date` makes it operational from then on; it may move later only up to the first change of status,
    so that no outage is lost. Raises Refused naming the field.
    """
    page = lock(component.page)
    component = Component.objects.select_for_update().get(pk=component.pk)
    component.name, component.description = checked_name("name", name), _checked_description(description)
    if component.retired_at is None:
        check_free(page, component.group, component.name, but=component)
    if upstream is not None and (upstream.page_id != page.pk or upstream.pk == component.pk):
        raise Refused("upstream", "Choose another component of this page.")
    component.showcase, component.only_show_if_degraded = showcase, only_show_if_degraded
    component.upstream = upstream
    if start_date != component.start_date:
        _move_start(component, start_date, page, at=at)
    component.updated_at = at
    component.save()
    record(page, EventKind.PAGE_CHANGED, by=by, at=at, data={"what": f"component {component} changed"})
    return component


def _move_start(component: Component, start_date: date | None, page: Page, *, at: datetime) -> None:
    component.start_date = start_date
    if start_date is None:
        return
    begins = datetime(start_date.year, start_date.month, start_date.day, tzinfo=page.zone)
    changes = list(StatusChange.objects.filter(component=component)[:2])
    if begins > at:
        raise Refused("start_date", "This day is still to come.")
    if len(changes) > 1 and begins > changes[1].at:
        raise Refused(
            "start_date", f"It has a past since {changes[1].at:%Y-%m-%d}. Choose that day or an earlier one."
        )
    if changes:
        StatusChange.objects.filter(pk=changes[0].pk).update(at=begins)


def _checked_description(text: str) -> str:
    try:
        return clean(text, limit=500)
    except UncleanText as error:
        raise Refused("description", str(error)) from error


@transaction.atomic
def edit_group(
    group: ComponentGroup, *, name: str, description: str, by: Actor, at: datetime
) -> ComponentGroup:
    """Another name or description. Raises Refused."""
    page = lock(group.page)
    name = checked_name("name", name)
    if ComponentGroup.objects.filter(page=page, name=name).exclude(pk=group.pk).exists():
        raise Refused("name", "Another group has this name.")
    group.name, group.description, group.updated_at = name, _checked_description(description), at
    group.save(update_fields=["name", "description", "updated_at"])
    record(page, EventKind.PAGE_CHANGED, by=by, at=at, data={"what": f"group {name} changed"})
    return group


@transaction.atomic
def delete_group(group: ComponentGroup, *, by: Actor, at: datetime) -> None:
    """Take an empty group away. Raises Refused while anything is in it, retired components included."""
    page = lock(group.page)
    if Component.objects.filter(group=group).exists():
        raise Refused("group", f"{group} still has components. Move them first; retired ones count too.")
    if ComponentGroup.objects.filter(pk=group.pk).delete()[0]:
        record(page, EventKind.PAGE_CHANGED, by=by, at=at, data={"what": f"group {group} deleted"})


@transaction.atomic
def set_status(component: Component, *, status: ComponentStatus, by: Actor, at: datetime) -> Component:
    """Change a component's status outside any incident."""
    page = lock(component.page)
    component = Component.objects.select_related("group", "page").get(pk=component.pk)
    old = component.status
    if old != status:
        apply_status(component, status, at=at, present=at)
        record(
            page,
            EventKind.COMPONENT_CHANGED,
            by=by,
            at=at,
            component=component,
            data={"component": component.code, "old_status": old, "new_status": status.value},
            notify=True,
        )
    return component


def apply_status(
    component: Component, status: ComponentStatus, *, at: datetime, present: datetime | None = None
) -> ComponentStatus:
    """Write the status as of `at` inside the caller's transaction and return the one that held until then.

    A change that lies before a later one only corrects history and the present status stays, unless the words speak
    for the `present` too: then they hold from that instant on, whatever was said in between.
    """
    old = status_at(component, at=at)
    changes = StatusChange.objects.filter(component=component)
    before = changes.last()
    if old != status or not changes.filter(at__lte=at).exists():
        changes.create(component=component, status=status, at=at)
    newest = changes.latest("at", "id")
    if present and newest.status != status:
        newest = changes.create(component=component, status=status, at=max(present, newest.at))
    if newest != before:
        component.status = newest.status
        component.updated_at = newest.at
        component.save(update_fields=["status", "updated_at"])
    return old


def status_at(component: Component, *, at: datetime) -> ComponentStatus:
    """The status that held at an instant; before the first change it counts as operational."""
    before = StatusChange.objects.filter(component=component, at__lte=at).order_by("-at", "-id").first()
    return ComponentStatus(before.status) if before else ComponentStatus.OPERATIONAL


def check_free(page: Page, group: ComponentGroup | None, name: str, *, but: Component | None = None) -> None:
    """Raises Refused where another component in use has this name in the same place."""
    same = Component.objects.in_use().filter(page=page, group=group, name=name)
    if [each for each in same if each != but]:
        raise Refused("name", "Another component here has this name.")


def next_position(page: Page, group: ComponentGroup | None) -> int:
    """Statuspage counts positions from 1 at the top level, and again from 1 inside each group."""
    inside = list(Component.objects.filter(page=page, group=group).values_list("position", flat=True))
    if group is None:
        inside += ComponentGroup.objects.filter(page=page).values_list("position", flat=True)
    return max(inside, default=0) + 1
