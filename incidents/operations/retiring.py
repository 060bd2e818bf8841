"""Taking a component out of the service, and bringing it back: its past stays on the page."""

from datetime import datetime

from django.db import transaction

from incidents.models import Component, Incident, Probe, Subscriber
from incidents.operations.actors import Actor
from incidents.operations.components import check_free
from incidents.operations.errors import Refused
from incidents.operations.journal import lock
from incidents.operations.pages import note_set_up


@transaction.atomic
def retire_component(
    component: Component, *, replaced_by: Component | None = None, by: Actor, at: datetime
) -> None:
    """It is shown no longer, cannot be chosen, and its probes stop; a second time changes nothing.

    Who had chosen it follows what replaces it, and so do recurring maintenance and templates. Raises Refused while an
    open incident or a maintenance names it, and while recurring maintenance would be left with no component.
    """
    page = lock(component.page)
    component = Component.objects.select_for_update().get(pk=component.pk)
    if component.retired_at is not None:
        return
    pending = Incident.objects.pending().filter(page=page, updates__affected__component=component).first()
    if pending is not None:
        raise Refused("component", f"{pending.title} still tells of it. Retire it once that is over.")
    _check_successor(component, replaced_by)
    if replaced_by is None:
        _check_recurring(component)
    component.retired_at, component.replaced_by, component.updated_at = at, replaced_by, at
    component.save(update_fields=["retired_at", "replaced_by", "updated_at"])
    Probe.objects.filter(component=component, enabled=True).update(enabled=False)
    if replaced_by is not None:
        for each in Subscriber.objects.filter(components=component):
            each.components.add(replaced_by)
        replaced_by.series.add(*component.series.all())
        replaced_by.templates.add(*component.templates.all())
    what = f"component {component} retired" + (f", replaced by {replaced_by}" if replaced_by else "")
    note_set_up(page, what=what, by=by, at=at)


def _check_recurring(component: Component) -> None:
    for series in component.series.filter(ended_at=None):
        if not series.components.in_use().exclude(pk=component.pk).exists():
            raise Refused(
                "component",
                f"The recurring maintenance {series.title} is of it alone. Change or end that first.",
            )


def _check_successor(component: Component, replaced_by: Component | None) -> None:
    if replaced_by is None:
        return
    if replaced_by.page_id != component.page_id:
        raise Refused("replaced_by", f"{replaced_by} belongs to another page.")
    if replaced_by.pk == component.pk or replaced_by.retired_at is not None:
        raise Refused("replaced_by", "Choose a component that is in use, and not this one.")


@transaction.atomic
def revive_component(component: Component, *, by: Actor, at: datetime) -> None:
    """It is part of the service again, at the end of its group. Its probes stay off until somebody switches them on."""
    page = lock(component.page)
    component = Component.objects.select_for_update().get(pk=component.pk)
    if component.retired_at is None:
        return
    check_free(page, component.group, component.name)
    last = Component.objects.in_use().filter(page=page, group=component.group).order_by("position").last()
    component.retired_at, component.replaced_by, component.updated_at = None, None, at
    component.position = last.position + 1 if last else component.position
    component.save(update_fields=["retired_at", "replaced_by", "position", "updated_at"])
    note_set_up(page, what=f"component {component} brought back", by=by, at=at)
