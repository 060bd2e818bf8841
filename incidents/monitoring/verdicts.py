"""From probe verdicts to incidents: a component from all its probes, one incident for one cause (DESIGN 9)."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import Verdict
from incidents.domain.tree import CheckView
from incidents.formatting import evidence
from incidents.models import AutomaticHold, Component, Incident, Probe
from incidents.models.trees import check_view
from incidents.operations import holds
from incidents.probes.targets import host_of

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=30)
"""How long a person's "resolved" stands against probes that have failed all the while (reliability.md 2.3)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What all probes of one component say together."""

    component: Component
    probes: tuple[Probe, ...]
    checks: tuple[CheckView, ...]
    status: ComponentStatus
    hold: AutomaticHold | None

    @property
    def hosts(self) -> frozenset[str]:
        """Where the probes that have failed were aimed: two components that share one share their cause."""
        return frozenset(host_of(probe.target) for probe in self.probes if probe.failures or probe.troubles)

    @property
    def extent(self) -> str:
        """What works and what does not, in public words."""
        return evidence.extent(self.component.name, self.checks)


def judge(component_pks: Iterable[int], *, at: datetime) -> None:
    """Open, join, follow or recover automatic incidents, as the probes of these components now stand.

    Components whose probes are quietly up and that hold nothing are passed over in the one query.
    """
    troubled = Q(probes__enabled=True, probes__verdict__in=[Verdict.DOWN, Verdict.DEGRADED])
    held = Q(holds__released_at__isnull=True, holds__isnull=False)
    components = Component.objects.filter(troubled | held, pk__in=set(component_pks)).distinct()
    findings = [_find(component) for component in components.select_related("page", "group")]
    fresh = []
    for finding in findings:
        hold = finding.hold
        if hold is None or not hold.incident.state.is_open:
            if (hold is None or _let_go(finding, hold, at=at)) and _is_trouble(finding):
                fresh.append(finding)
        else:
            _guarded(_follow, finding, hold, at=at)
    for together in _by_cause(fresh):
        _guarded(_open, together, at=at)


def settle_due(*, at: datetime) -> int:
    """Resolve what has been watched long enough; returns how many incidents were let go."""
    unwatched = AutomaticHold.objects.filter(released_at__isnull=True).exclude(
        component__probes__in=Probe.objects.filter(enabled=True)
    )
    for hold in unwatched.select_related("incident__page"):
        holds.release(hold, why="No probe watches it any more; a person must say when it is over.", at=at)
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


def _guarded(act: Callable[..., None], *arguments: object, at: datetime) -> None:
    """One component's misfortune must not leave the others untold; what failed is tried again in the next run."""
    try:
        act(*arguments, at=at)
    except Exception:  # whatever it is, the other components come next
        log.exception("an automatic incident could not be written", extra={"about": str(arguments[0])[:500]})


def _is_trouble(finding: Finding) -> bool:
    """Worth an incident: not operational, and not under announced maintenance."""
    under_maintenance = finding.component.state == ComponentStatus.UNDER_MAINTENANCE
    return finding.status != ComponentStatus.OPERATIONAL and not under_maintenance


def _let_go(finding: Finding, hold: AutomaticHold, *, at: datetime) -> bool:
    """Whether a component is free again although a person has resolved the incident that held it.

    It is once its probes were content, before or after that; while they have failed all along the person's word
    stands for half an hour.
    """
    ended = hold.incident.resolved_at or at
    was_well = hold.recovered_at is not None or finding.status == ComponentStatus.OPERATIONAL
    if not was_well and at - ended < PATIENCE:
        return False
    holds.release(hold, why="The incident was resolved by a person.", at=at)
    return True


def _find(component: Component) -> Finding:
    probes = tuple(component.probes.filter(enabled=True))
    checks = tuple(check_view(probe) for probe in probes)
    hold = AutomaticHold.objects.filter(component=component, released_at__isnull=True)
    return Finding(
        component,
        probes,
        checks,
        evidence.status_of(checks),
        hold.select_related("incident__page", "component__group").first(),
    )


def _follow(finding: Finding, hold: AutomaticHold, *, at: datetime) -> None:
    """Tell what has changed since automation last spoke, once every check agrees with its verdict."""
    if not finding.checks or not evidence.is_settled(finding.checks) or finding.status == hold.concluded:
        return
    if finding.status == ComponentStatus.OPERATIONAL:
        holds.recover(hold, body=evidence.recovered(finding.component.name, finding.checks), at=at)
    else:
        holds.follow(hold, body=finding.extent, status=finding.status, at=at)


def _by_cause(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Findings of one page that share a host, transitively, come together."""
    groups: list[list[Finding]] = []
    for finding in findings:
        kin = [
            group
            for group in groups
            if any(
                e.component.page_id == finding.component.page_id and e.hosts & finding.hosts for e in group
            )
        ]
        groups = [group for group in groups if group not in kin]
        groups.append([*(each for group in kin for each in group), finding])
    return groups


def _open(together: Sequence[Finding], *, at: datetime) -> None:
    """Join the open automatic incident of the same cause, or open one for all of them."""
    running = _running(together)
    if running:
        for finding in together:
            holds.attach(
                running, component=finding.component, body=finding.extent, status=finding.status, at=at
            )
        return
    holds.open_automatic(
        together[0].component.page,
        title=evidence.title([(each.component.name, each.checks) for each in together]),
        body=evidence.body([each.extent for each in together]),
        components={each.component: each.status for each in together},
        at=at,
    )


def _running(together: Sequence[Finding]) -> Incident | None:
    """The automatic incident that probes of the same hosts already hold open on this page.

    Not one that a person has taken over: there automation may say nothing, and a further component that fails
    must not go untold.
    """
    hosts = frozenset[str]().union(*(finding.hosts for finding in together))
    held = AutomaticHold.objects.filter(
        released_at__isnull=True,
        recovered_at__isnull=True,
        incident__taken_over_at__isnull=True,
        component__page=together[0].component.page,
    )
    for hold in held.select_related("incident__page").prefetch_related("component__probes"):
        failing = (probe for probe in hold.component.probes.all() if probe.failures or probe.troubles)
        if hold.incident.state.is_open and hosts & {host_of(probe.target) for probe in failing}:
            return hold.incident
    return None
