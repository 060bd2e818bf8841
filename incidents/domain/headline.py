"""How things are, said once for people: the state of a service, a group, an incident and the whole page on one scale.

Every word that people read about a state comes from here, so that a heading never says less than what it is above.
What programs read (API v2, webhooks) keeps Statuspage's own rules: `rollup.py`.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from incidents.domain.components import ComponentStatus, worst
from incidents.domain.hysteresis import Verdict
from incidents.domain.tree import ComponentView, GroupView, IncidentView, Snapshot, UpdateView


class ShownState(StrEnum):
    """From the mildest to the worst. Where a page is not set up or not confirmed, nothing is claimed about services."""

    OPERATIONAL = "operational"
    NOT_SET_UP = "not_set_up"
    NO_SERVICES = "no_services"
    UNDER_MAINTENANCE = "under_maintenance"
    WAITING = "waiting"
    """No check of a monitored service has ever reported."""
    NOT_CONFIRMED = "not_confirmed"
    """No check vouches for it now."""
    FAILING = "failing"
    """A check contradicts that it is operational."""
    ACTIVE_INCIDENT = "active_incident"
    """An incident is open and no service is said to be worse than it should be."""
    DEGRADED_PERFORMANCE = "degraded_performance"
    PARTIAL_OUTAGE = "partial_outage"
    MAJOR_OUTAGE = "major_outage"

    @property
    def severity(self) -> int:
        """0 for operational; a higher number is worse."""
        return _SEVERITIES[self]

    @property
    def is_unsure(self) -> bool:
        """Whether it says that nobody vouches for a service."""
        return self in _UNSURE

    @property
    def is_trouble(self) -> bool:
        """Whether it is a component status worse than planned work."""
        return self.severity >= ShownState.DEGRADED_PERFORMANCE.severity


_SEVERITIES = {state: place for place, state in enumerate(ShownState)}
_UNSURE = frozenset({ShownState.WAITING, ShownState.NOT_CONFIRMED, ShownState.FAILING})


def component_state(component: ComponentView, snapshot: Snapshot) -> ShownState:
    """What is said of a service now: its status where a check vouches for it, or where it has no check."""
    if snapshot.unknown_since(component):
        return ShownState.NOT_CONFIRMED if has_reported(component) else ShownState.WAITING
    if not snapshot.stale and is_contradicted(component, snapshot.at):
        return ShownState.FAILING
    return ShownState(component.status.value)


def group_state(group: GroupView, snapshot: Snapshot) -> ShownState:
    """The worst of its services."""
    return most_severe(_weightiest(each, snapshot) for each in group.components)


def page_state(snapshot: Snapshot) -> ShownState:
    """The worst of the services, the open incidents and the work that goes on."""
    found = [_weightiest(each, snapshot) for each in snapshot.components]
    found += [ShownState.ACTIVE_INCIDENT] if snapshot.open_incidents else []
    found += [ShownState.UNDER_MAINTENANCE] if snapshot.in_progress else []
    if found:
        return most_severe(found)
    return ShownState.NO_SERVICES if has_past(snapshot) else ShownState.NOT_SET_UP


def incident_state(incident: IncidentView) -> ShownState:
    """Of an open incident the worst that its services are in now, of one that is over the worst that it said of any.

    Planned work is under maintenance. ACTIVE_INCIDENT where an incident names no service, or none in trouble.
    """
    if incident.plan:
        return ShownState.UNDER_MAINTENANCE
    if incident.status.is_open:
        statuses = [each.status for each in incident.affected if each.retired_at is None]
    else:
        statuses = said_statuses(incident.updates)
    state = ShownState(worst(statuses).value)
    return state if state.is_trouble else ShownState.ACTIVE_INCIDENT


def said_statuses(updates: Iterable[UpdateView]) -> list[ComponentStatus]:
    """What the updates said of components, all of it."""
    return [each.new_status for update in updates for each in update.affected]


def most_severe(states: Iterable[ShownState]) -> ShownState:
    """The worst of the states; operational for none at all."""
    return max(states, key=lambda state: state.severity, default=ShownState.OPERATIONAL)


def has_past(snapshot: Snapshot) -> bool:
    """Whether the page has ever said anything: an incident, planned work, or a service that is retired now."""
    return bool(snapshot.recent_incidents or snapshot.recent_maintenances or snapshot.retired)


def is_contradicted(component: ComponentView, at: datetime) -> bool:
    """Whether it is said to be operational while a check that holds at `at` finds it down.

    So it is for a while before an incident opens, and after a person resolved one too early.
    """
    return component.status == ComponentStatus.OPERATIONAL and any(
        check.verdict == Verdict.DOWN and check.vouches_for(at) for check in component.checks
    )


def has_reported(component: ComponentView) -> bool:
    """Whether any check of it has ever come to a result."""
    return any(check.last_at for check in component.checks)


def _weightiest(component: ComponentView, snapshot: Snapshot) -> ShownState:
    """What it counts for in a heading. Trouble that was last known stays trouble while nobody can confirm it."""
    known = ShownState(component.status.value)
    return known if known.is_trouble else component_state(component, snapshot)
