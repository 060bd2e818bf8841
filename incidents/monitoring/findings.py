"""What all probes of one component say together, and which of such findings have one cause (DESIGN 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.domain.components import ComponentStatus
from incidents.domain.tree import CheckView
from incidents.formatting import evidence
from incidents.models import AutomaticHold, Component, Probe
from incidents.models.trees import check_view
from incidents.probes.targets import host_of

TOGETHER = timedelta(seconds=60)
"""Components of one group that begin to fail within it share their cause."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A component, the probes that speak for it, and what they say."""

    component: Component
    probes: tuple[Probe, ...]
    checks: tuple[CheckView, ...]
    status: ComponentStatus
    hold: AutomaticHold | None
    at: datetime

    @property
    def causes(self) -> frozenset[str]:
        """Where the failing probes were aimed, the component itself and what it depends on."""
        failing = (probe for probe in self.probes if probe.failures or probe.troubles)
        depends = {self.component.pk, self.component.upstream_id or self.component.pk}
        return frozenset(
            {*(f"host {host_of(probe.target)}" for probe in failing), *(f"component {pk}" for pk in depends)}
        )

    @property
    def since(self) -> datetime | None:
        """When the first of its probes began to fail."""
        return min((probe.trouble_since for probe in self.probes if probe.trouble_since), default=None)

    def extent(self, *, named: bool) -> str:
        """What works and what does not, in public words."""
        component = self.component
        return evidence.extent(
            self.checks, zone=component.page.zone, at=self.at, component=component.name if named else ""
        )


def find(component: Component, *, at: datetime) -> Finding:
    """As its probes now stand; those that are muted or for staff alone say nothing."""
    probes = tuple(Probe.objects.speaking(at).filter(component=component))
    checks = tuple(check_view(probe) for probe in probes)
    hold = AutomaticHold.objects.filter(component=component, released_at__isnull=True)
    return Finding(
        component,
        probes,
        checks,
        evidence.status_of(checks),
        hold.select_related("incident__page", "component__group", "component__page").first(),
        at,
    )


def share_cause(one: Finding, other: Finding) -> bool:
    """Whether two findings of one page come from one fault: one host, one upstream, or one group at one time."""
    if one.component.page_id != other.component.page_id:
        return False
    if one.causes & other.causes:
        return True
    group = one.component.group_id
    if group is None or group != other.component.group_id or one.since is None or other.since is None:
        return False
    return abs(one.since - other.since) <= TOGETHER


def by_cause(findings: Sequence[Finding]) -> list[list[Finding]]:
    """The findings that share a cause, transitively, together."""
    groups: list[list[Finding]] = []
    for finding in findings:
        kin = [group for group in groups if any(share_cause(each, finding) for each in group)]
        groups = [group for group in groups if group not in kin]
        groups.append([*(each for group in kin for each in group), finding])
    return groups
