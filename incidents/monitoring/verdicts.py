"""From probe verdicts to incidents: a component from all its probes, one incident for one cause (DESIGN 9)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Q

from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import Verdict
from incidents.domain.sweeps import SweepKind
from incidents.formatting import evidence
from incidents.models import AutomaticHold, Component, Incident, Probe
from incidents.monitoring.findings import Finding, by_cause, find, share_cause
from incidents.monitoring.recoveries import settle_recovered
from incidents.operations import holds
from incidents.operations.alerts import unsaid_alert
from incidents.operations.sweeps import Place, each_row

PATIENCE = timedelta(minutes=30)
"""How long a person's "resolved" stands against probes that have failed all the while (reliability.md 2.3)."""


def judge(component_pks: Iterable[int], *, at: datetime) -> None:
    """Open, join, follow or recover automatic incidents, as the probes of these components now stand.

    Components whose probes are quietly up and that hold nothing are passed over in the one query.
    """
    bad = Probe.objects.speaking(at).filter(verdict__in=[Verdict.DOWN, Verdict.DEGRADED])
    held = Q(holds__released_at__isnull=True, holds__isnull=False)
    components = Component.objects.filter(Q(probes__in=bad) | held, pk__in=set(component_pks)).distinct()
    rows = components.select_related("page", "group")
    judged = each_row(SweepKind.JUDGE, rows, partial(_judge_one, at=at), place=_place, at=at)
    causes = [_Cause(together) for together in by_cause([each for each in judged if each])]
    each_row(SweepKind.OPEN, causes, partial(_open, at=at), place=_place_of_cause, at=at)


@dataclass(frozen=True, slots=True)
class _Cause:
    """Findings of one cause; a failure of theirs is counted for the first one's component."""

    together: Sequence[Finding]

    @property
    def pk(self) -> int:
        """Of that component."""
        return self.together[0].component.pk


def _place(component: Component) -> Place:
    return Place(component.page_id, component.name, f"/console/components/{component.code}")


def _place_of_cause(cause: _Cause) -> Place:
    return _place(cause.together[0].component)


def _judge_one(component: Component, *, at: datetime) -> Finding | None:
    """Follow what holds the component; the finding where it is trouble that nothing tells of yet."""
    finding = find(component, at=at)
    hold = finding.hold
    if hold is not None and hold.incident.state.is_open:
        _follow(finding, hold, at=at)
        return None
    is_fresh = (hold is None or _let_go(finding, hold, at=at)) and _is_trouble(finding)
    return finding if is_fresh else None


def settle_due(*, at: datetime) -> int:
    """Resolve what has been watched long enough; returns how many incidents were let go."""
    unwatched = AutomaticHold.objects.filter(released_at__isnull=True).exclude(
        component__probes__in=Probe.objects.filter(enabled=True, announces=True)
    )
    why = "No probe watches it any more; a person must say when it is over."
    rows = unwatched.select_related("incident__page", "component")
    each_row(SweepKind.RELEASE, rows, partial(holds.release, why=why, at=at), place=_place_of_hold, at=at)
    held = AutomaticHold.objects.filter(released_at__isnull=True, recovered_at__isnull=False)
    watched = Incident.objects.filter(holds__in=held).select_related("page").distinct()
    work = partial(settle_recovered, at=at)
    return sum(each_row(SweepKind.RESOLVE, watched, work, place=_place_of_incident, at=at))


def _place_of_hold(hold: AutomaticHold) -> Place:
    return _place_of_incident(hold.incident)


def _place_of_incident(incident: Incident) -> Place:
    return Place(incident.page_id, incident.title, f"/console/incidents/{incident.code}")


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
    if not was_well and abs(at - ended) < PATIENCE:
        return False
    holds.release(hold, why="The incident was resolved by a person.", at=at)
    return True


def _follow(finding: Finding, hold: AutomaticHold, *, at: datetime) -> None:
    """Tell what has changed since automation last spoke, once every check agrees with its verdict.

    A recovery waits until each of them has one: a check whose set-up was changed meanwhile vouches for nothing yet.
    """
    if not finding.checks or not evidence.is_settled(finding.checks) or finding.status == hold.concluded:
        return
    is_better = finding.status.severity < ComponentStatus(hold.concluded).severity
    if is_better and holds.is_silenced(hold, at=at):
        return
    if finding.status != ComponentStatus.OPERATIONAL:
        words = _further(finding, hold.incident, named=_is_shared(hold), at=at)
        holds.follow(hold, body=words, status=finding.status, at=at)
    elif evidence.is_recovered(finding.checks):
        holds.recover(hold, body=_recovered(finding, hold), at=at)


def _further(finding: Finding, incident: Incident, *, named: bool, at: datetime) -> str:
    """What fails by now; and, the first time after one got through, that staff were sent an alert."""
    zone = finding.component.page.zone
    return evidence.with_alert(finding.extent(named=named), unsaid_alert(incident), zone=zone, at=at)


def _recovered(finding: Finding, hold: AutomaticHold) -> str:
    named = finding.component.name if _is_shared(hold) else ""
    return evidence.recovered(finding.checks, component=named)


def _is_shared(hold: AutomaticHold) -> bool:
    """Whether the incident is held for other components as well, so that each must be named."""
    return hold.incident.holds.exclude(component=hold.component_id).exists()


def _open(cause: _Cause, *, at: datetime) -> None:
    """Join the open automatic incident of the same cause, or open one for all of them."""
    together = cause.together
    running = _running(together, at=at)
    if running:
        for finding in together:
            holds.attach(
                running,
                component=finding.component,
                body=_further(finding, running, named=True, at=at),
                status=finding.status,
                at=at,
            )
        return
    several = len(together) > 1
    holds.open_automatic(
        together[0].component.page,
        title=evidence.title([(each.component.name, each.checks) for each in together]),
        body=evidence.body([each.extent(named=several) for each in together]),
        components={each.component: each.status for each in together},
        started_at=min((each.since for each in together if each.since), default=None),
        at=at,
    )


def _running(together: Sequence[Finding], *, at: datetime) -> Incident | None:
    """The automatic incident that is already open on this page for the same cause.

    Not one that a person has taken over: there automation may say nothing, and a further component that fails
    must not go untold.
    """
    held = AutomaticHold.objects.filter(
        released_at__isnull=True,
        recovered_at__isnull=True,
        incident__taken_over_at__isnull=True,
        component__page=together[0].component.page,
    )
    for hold in held.select_related("incident__page", "component__page", "component__group"):
        other = find(hold.component, at=at)
        if hold.incident.state.is_open and any(share_cause(each, other) for each in together):
            return hold.incident
    return None
