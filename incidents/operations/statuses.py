"""The statuses of many components at once, outside any incident: one transaction, one publication."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from incidents.domain.components import ComponentStatus
from incidents.models import Component, Page, StatusChange
from incidents.operations.actors import Actor
from incidents.operations.errors import Refused
from incidents.operations.journal import lock, record_components

MOST = 10_000
BATCH = 500


@transaction.atomic
def set_statuses(
    page: Page, *, statuses: Mapping[str, ComponentStatus], by: Actor, at: datetime
) -> list[Component]:
    """Set the status of components in use by their codes, all of them or none; those whose status changed.

    Machines that follow them are told of each, as of single changes. Raises Refused naming a code that is none.
    """
    if len(statuses) > MOST:
        raise Refused("components", f"{MOST:,} components at a time, no more.")
    page = lock(page)
    known = {each.code: each for each in Component.objects.in_use().filter(page=page).select_related("group")}
    for code in statuses:
        if code not in known:
            raise Refused("components", f"There is no component {code[:40]} on this page.")
    moved = [known[code] for code, status in statuses.items() if known[code].status != status]
    if not moved:
        return []
    before = {each.pk: each.status for each in moved}
    for each in moved:
        each.status, each.updated_at = statuses[each.code].value, at
    Component.objects.bulk_update(moved, ["status", "updated_at"], batch_size=BATCH)
    StatusChange.objects.bulk_create(
        [StatusChange(component=each, status=each.status, at=at) for each in moved], batch_size=BATCH
    )
    record_components(page, {each: before[each.pk] for each in moved}, by=by, at=at)
    return moved
