"""The order in which a page shows its groups and components."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from incidents.models import Component, ComponentGroup, Page
from incidents.operations.actors import Actor
from incidents.operations.components import check_free, delete_group, next_position
from incidents.operations.errors import Conflict, Refused
from incidents.operations.journal import lock
from incidents.operations.pages import note_set_up

Top = ComponentGroup | Component


def tops_of(page: Page) -> list[Top]:
    """Groups and stand-alone components in use, in the order of the page."""
    groups = list(ComponentGroup.objects.filter(page=page))
    alone = list(Component.objects.in_use().filter(page=page, group=None))
    return sorted([*groups, *alone], key=lambda each: (each.position, each.name))


def inside_of(page: Page) -> dict[str, list[Component]]:
    """The components in use of each group, by the group's code, in their order."""
    found: dict[str, list[Component]] = {}
    rows = Component.objects.in_use().filter(page=page, group__isnull=False).select_related("group")
    for row in sorted(rows, key=lambda each: (each.position, each.name)):
        assert row.group  # noqa: S101  (the query says so)
        found.setdefault(row.group.code, []).append(row)
    return found


def fingerprint(page: Page) -> str:
    """Changes with the order, and with what there is to be ordered."""
    inside = inside_of(page)
    words = [
        f"{top.code}({','.join(each.code for each in inside.get(top.code, []))})" for top in tops_of(page)
    ]
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:16]


@transaction.atomic
def order_components(
    page: Page,
    *,
    tops: Sequence[str],
    inside: Mapping[str, Sequence[str]],
    expected: str | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Put everything in the given order: codes at the top, and of each group. What is named in a group moves into it.

    Raises Conflict where the order is no longer the one of the fingerprint `expected`, and Refused where something of
    the page is missing, doubled, or not of this page.
    """
    page = lock(page)
    groups = {each.code: each for each in ComponentGroup.objects.filter(page=page)}
    components = {each.code: each for each in Component.objects.in_use().filter(page=page)}
    named = [*tops, *(code for codes in inside.values() for code in codes)]
    if expected is not None and expected != fingerprint(page):
        raise Conflict("order", "Somebody changed the order while you did. This is how it is now.")
    if sorted(named) != sorted([*groups, *components]) or not set(groups) <= set(tops):
        raise Refused(
            "order", "Something is missing from this order, or is there twice. Reload and try again."
        )
    if not set(inside) <= set(groups):
        raise Refused("order", "Only a group holds components.")
    moved: list[Component] = []
    for place, code in enumerate(tops, start=1):
        if code in groups:
            groups[code].position = place
        else:
            moved.append(_placed(components[code], None, place))
    for code, codes in inside.items():
        moved += [_placed(components[each], groups[code], place) for place, each in enumerate(codes, start=1)]
    _check_names(moved)
    ComponentGroup.objects.bulk_update(groups.values(), ["position"])
    Component.objects.bulk_update(moved, ["group", "position"])
    note_set_up(page, what="order changed", by=by, at=at)


def _placed(component: Component, group: ComponentGroup | None, position: int) -> Component:
    component.group, component.position = group, position
    return component


def _check_names(components: Sequence[Component]) -> None:
    seen: set[tuple[int | None, str]] = set()
    for each in components:
        key = (each.group_id, each.name)
        if key in seen:
            raise Refused("order", f"{each.name} would stand twice in one group. Rename one of them first.")
        seen.add(key)


@transaction.atomic
def move_component(
    component: Component, *, group: ComponentGroup | None, by: Actor, at: datetime
) -> Component:
    """Put a component at the end of a group, or of the page. Raises Refused."""
    page = lock(component.page)
    component = Component.objects.select_for_update().get(pk=component.pk)
    if component.group_id != (group.pk if group else None):
        _move(component, group, page, at=at)
        note_set_up(page, what=f"component {component} moved", by=by, at=at)
    return component


@transaction.atomic
def set_members(group: ComponentGroup, *, components: Sequence[Component], by: Actor, at: datetime) -> None:
    """Let a group hold these components, in this order; the others that were in it stand alone. Raises Refused."""
    page = lock(group.page)
    if not components:
        raise Refused("components", "A group holds at least one component.")
    for each in Component.objects.in_use().filter(group=group).exclude(pk__in=[one.pk for one in components]):
        _move(each, None, page, at=at)
    for place, each in enumerate(components, start=1):
        if each.group_id != group.pk:
            _move(each, group, page, at=at)
        Component.objects.filter(pk=each.pk).update(position=place)
    note_set_up(page, what=f"components of {group} changed", by=by, at=at)


@transaction.atomic
def disband_group(group: ComponentGroup, *, by: Actor, at: datetime) -> None:
    """Take a group away; what was in it stands alone. Raises Refused."""
    page = lock(group.page)
    for each in Component.objects.filter(group=group):
        _move(each, None, page, at=at)
    delete_group(group, by=by, at=at)


def _move(component: Component, group: ComponentGroup | None, page: Page, *, at: datetime) -> None:
    if component.page_id != page.pk or (group is not None and group.page_id != page.pk):
        raise Refused("group", f"{component} and {group} are not on the same page.")
    if component.retired_at is None:
        check_free(page, group, component.name, but=component)
    component.position = next_position(page, group)
    component.group, component.updated_at = group, at
    component.save(update_fields=["group", "position", "updated_at"])
