"""What may be called operational: what probes vouch for now, and what nothing contradicts (DESIGN 1.5 and 8)."""

from dataclasses import replace
from datetime import datetime

from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import Verdict
from incidents.domain.incidents import Impact
from incidents.domain.rollup import Summary
from incidents.domain.tree import ComponentView, Snapshot
from incidents.formatting.words import COMPONENT, IMPACT_STATES, SUMMARY

UNKNOWN = "unknown"
SUMMARY_STATES = {
    Summary.ALL_OPERATIONAL: ComponentStatus.OPERATIONAL,
    Summary.MAJOR_SYSTEM_OUTAGE: ComponentStatus.MAJOR_OUTAGE,
    Summary.PARTIAL_SYSTEM_OUTAGE: ComponentStatus.PARTIAL_OUTAGE,
    Summary.MINOR_SERVICE_OUTAGE: ComponentStatus.PARTIAL_OUTAGE,
    Summary.DEGRADED_SYSTEM: ComponentStatus.DEGRADED_PERFORMANCE,
    Summary.PARTIALLY_DEGRADED: ComponentStatus.DEGRADED_PERFORMANCE,
    Summary.UNDER_MAINTENANCE: ComponentStatus.UNDER_MAINTENANCE,
}
FAILING = "Checks failing"
"""Said in place of *Operational* where a check contradicts it."""
NOT_CONFIRMED = "Not confirmed"
WAITING = "Waiting for the first check"


def headline(snapshot: Snapshot) -> tuple[str, str]:
    """The mark and the words of the banner. What no probe vouches for is never called operational, nor is what one
    contradicts.
    """
    rollup = snapshot.rollup
    if rollup.summary != Summary.ALL_OPERATIONAL:
        return SUMMARY_STATES[rollup.summary].value, SUMMARY[rollup.summary]
    if snapshot.open_incidents:
        impact = max(
            (incident.impact for incident in snapshot.open_incidents), key=lambda each: each.severity
        )
        return IMPACT_STATES[max(impact, Impact.MINOR, key=lambda each: each.severity)], "Active Incident"
    unsure = len(unconfirmed(snapshot)) + len(failing(snapshot))
    if not unsure:
        return ComponentStatus.OPERATIONAL.value, SUMMARY[rollup.summary]
    some = unsure < len(snapshot.components)
    return UNKNOWN, "Status Partly Unconfirmed" if some else "Current Status Not Confirmed"


def fresh_seconds(snapshot: Snapshot) -> float | None:
    """How old the newest check may grow: the shortest time for which one of the page's probes vouches."""
    spans = [
        (check.fresh_until - check.last_at).total_seconds()
        for component in snapshot.components
        for check in component.checks
        if check.fresh_until and check.last_at
    ]
    return min(spans, default=None)


def checked_at(snapshot: Snapshot) -> datetime | None:
    """When a probe last vouched for anything that the page shows."""
    seen = [check.last_at for component in snapshot.components for check in component.checks if check.last_at]
    return max(seen, default=None)


def stale(snapshot: Snapshot) -> Snapshot:
    """The same page for the case that monitoring is silent."""
    return replace(snapshot, stale=True)


def unconfirmed(snapshot: Snapshot) -> list[tuple[ComponentView, datetime]]:
    """The monitored components for which no probe vouches now, and since when."""
    found = ((component, snapshot.unknown_since(component)) for component in snapshot.components)
    return [(component, since) for component, since in found if since]


def failing(snapshot: Snapshot) -> list[ComponentView]:
    """The components that are said to be operational although a check of them fails now."""
    at = snapshot.at
    return [] if snapshot.stale else [each for each in snapshot.components if is_contradicted(each, at)]


def unsure(snapshot: Snapshot) -> set[str]:
    """The codes of all that is not confirmed or is contradicted."""
    return {each.code for each, _ in unconfirmed(snapshot)} | {each.code for each in failing(snapshot)}


def is_contradicted(component: ComponentView, at: datetime) -> bool:
    """Whether it is said to be operational while a check that holds at `at` finds it down.

    So it is for a while before an incident opens, and after a person resolved one too early.
    """
    return component.status == ComponentStatus.OPERATIONAL and any(
        check.verdict == Verdict.DOWN and check.vouches_for(at) for check in component.checks
    )


def shown(component: ComponentView, snapshot: Snapshot) -> tuple[str, str]:
    """The mark that a component wears now and the words beside it."""
    since = snapshot.unknown_since(component)
    if since:
        return UNKNOWN, NOT_CONFIRMED if has_reported(component) else WAITING
    if not snapshot.stale and is_contradicted(component, snapshot.at):
        return UNKNOWN, FAILING
    return component.status.value, COMPONENT[component.status]


def has_reported(component: ComponentView) -> bool:
    """Whether any check of it has ever come to a result."""
    return any(check.last_at for check in component.checks)
