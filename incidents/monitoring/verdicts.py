"""From probe verdicts to incidents: one component at a time, from all of its probes together (DESIGN 9)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import Verdict
from incidents.domain.tree import CheckView
from incidents.formatting import evidence
from incidents.models import AutomaticHold, Component, Incident, Probe
from incidents.models.trees import check_view
from incidents.operations import holds


def judge(component_pks: Iterable[int], *, at: datetime) -> None:
    """Open, follow or recover the automatic incident of each component, as its probes now stand.

    Components whose probes are quietly up and that hold nothing are passed over in the one query.
    """
    troubled = Q(probes__enabled=True, probes__verdict__in=[Verdict.DOWN, Verdict.DEGRADED])
    held = Q(holds__released_at__isnull=True, holds__isnull=False)
    components = Component.objects.filter(troubled | held, pk__in=set(component_pks)).distinct()
    for component in components.select_related("page", "group"):
        _judge(component, at=at)


def settle_due(*, at: datetime) -> int:
    """Resolve what has been watched long enough; returns how many incidents were let go."""
    held = AutomaticHold.objects.filter(released_at__isnull=True, recovered_at__isnull=False)
    settled = 0
    for incident in Incident.objects.filter(holds__in=held).select_related("page").distinct():
        watch = max(
            Probe.objects.filter(component__holds__incident=incident, enabled=True).values_list(
                "settle_seconds", flat=True
            ),
            default=0,
        )
        settled += holds.settle(incident, body=evidence.RESOLVED, watched_for=timedelta(seconds=watch), at=at)
    return settled


def _judge(component: Component, *, at: datetime) -> None:
    checks = [check_view(probe) for probe in component.probes.filter(enabled=True)]
    if not checks:
        return
    status = evidence.status_of(checks)
    hold = (
        AutomaticHold.objects.filter(component=component, released_at__isnull=True)
        .select_related("incident__page", "component__group")
        .first()
    )
    if hold is None:
        if status != ComponentStatus.OPERATIONAL:
            _open(component, checks, status, at=at)
    elif not evidence.is_settled(checks):
        return
    elif status == ComponentStatus.OPERATIONAL:
        if hold.recovered_at is None:
            holds.recover(hold, body=evidence.recovered(component.name, checks), at=at)
    elif status != hold.concluded:
        holds.follow(hold, body=evidence.extent(component.name, checks), status=status, at=at)


def _open(
    component: Component, checks: list[CheckView], status: ComponentStatus, *, at: datetime
) -> Incident | None:
    return holds.open_automatic(
        component.page,
        title=evidence.title(component.name, checks),
        body=f"{evidence.extent(component.name, checks)}\n\n{evidence.NOTIFIED}",
        components={component: status},
        at=at,
    )
