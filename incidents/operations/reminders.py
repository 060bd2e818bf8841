"""Reminding people of a maintenance shortly before it begins: once, and only who was told of it."""

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from incidents.domain.incidents import IncidentStatus
from incidents.domain.journal import EventKind
from incidents.domain.sweeps import SweepKind
from incidents.models import Incident, Maintenance
from incidents.operations.actors import CLOCK
from incidents.operations.journal import lock, record
from incidents.operations.maintenances import window_told
from incidents.operations.sweeps import Place, each_row
from incidents.operations.updates import told


def remind_due(*, at: datetime) -> int:
    """Remind of what is near; how many reminders there were. Safe to run twice at once."""
    plans = Maintenance.objects.filter(
        incident__status=IncidentStatus.SCHEDULED,
        remind_hours__isnull=False,
        reminded_at=None,
        scheduled_for__gt=at,
    )
    rows = plans.select_related("incident__page").order_by("pk")
    return sum(each_row(SweepKind.REMINDER, rows, partial(_remind_if_near, at=at), place=_place, at=at))


def _place(plan: Maintenance) -> Place:
    incident = plan.incident
    return Place(incident.page_id, incident.title, f"/console/maintenances/{incident.code}")


def _remind_if_near(plan: Maintenance, *, at: datetime) -> bool:
    return _is_near(plan, at=at) and _remind(plan, at=at)


def _is_near(plan: Maintenance, *, at: datetime) -> bool:
    return at >= plan.scheduled_for - timedelta(hours=plan.remind_hours or 0)


@transaction.atomic
def _remind(plan: Maintenance, *, at: datetime) -> bool:
    """Whoever was told less than that time before would be told the same again: they are left in peace."""
    page = lock(plan.incident.page)
    incident = Incident.objects.select_related("page", "maintenance").get(pk=plan.incident_id)
    plan = incident.maintenance
    newest = incident.updates.last()
    if (
        plan.reminded_at
        or incident.state != IncidentStatus.SCHEDULED
        or newest is None
        or not _is_near(plan, at=at)
    ):
        return False
    Maintenance.objects.filter(pk=plan.pk).update(reminded_at=at)
    from_then = plan.scheduled_for - timedelta(hours=plan.remind_hours or 0)
    was_told = incident.updates.filter(notify=True).exists()
    if newest.created_at >= from_then or not was_told:
        return False
    record(
        page,
        EventKind.MAINTENANCE_REMINDED,
        by=CLOCK,
        at=at,
        incident=incident,
        update=newest,
        data={**told(incident, newest), **window_told(incident)},
        notify=True,
    )
    return True
