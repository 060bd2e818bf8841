"""The public words for states: Statuspage's own, so that nobody has to learn new ones."""

from collections.abc import Mapping

from incidents.domain.components import ComponentStatus
from incidents.domain.headline import ShownState
from incidents.domain.hysteresis import Verdict
from incidents.domain.incidents import IncidentStatus
from incidents.domain.rfo_content import ActionKind, ActionState, Emergency, Moment, SectionKind
from incidents.domain.rfos import RfoKind
from incidents.domain.rollup import Summary

COMPONENT: Mapping[ComponentStatus, str] = {
    ComponentStatus.OPERATIONAL: "Operational",
    ComponentStatus.UNDER_MAINTENANCE: "Under maintenance",
    ComponentStatus.DEGRADED_PERFORMANCE: "Degraded performance",
    ComponentStatus.PARTIAL_OUTAGE: "Partial outage",
    ComponentStatus.MAJOR_OUTAGE: "Major outage",
}
INCIDENT: Mapping[IncidentStatus, str] = {
    IncidentStatus.INVESTIGATING: "Investigating",
    IncidentStatus.IDENTIFIED: "Identified",
    IncidentStatus.MONITORING: "Monitoring",
    IncidentStatus.RESOLVED: "Resolved",
    IncidentStatus.POSTMORTEM: "Postmortem",
    IncidentStatus.SCHEDULED: "Scheduled",
    IncidentStatus.IN_PROGRESS: "In progress",
    IncidentStatus.VERIFYING: "Verifying",
    IncidentStatus.COMPLETED: "Completed",
}
SUMMARY: Mapping[Summary, str] = {
    Summary.ALL_OPERATIONAL: "All Systems Operational",
    Summary.MAJOR_SYSTEM_OUTAGE: "Major System Outage",
    Summary.PARTIAL_SYSTEM_OUTAGE: "Partial System Outage",
    Summary.MINOR_SERVICE_OUTAGE: "Minor Service Outage",
    Summary.DEGRADED_SYSTEM: "Degraded System Service",
    Summary.PARTIALLY_DEGRADED: "Partially Degraded Service",
    Summary.UNDER_MAINTENANCE: "Service Under Maintenance",
}
SHOWN: Mapping[ShownState, str] = {
    ShownState.OPERATIONAL: COMPONENT[ComponentStatus.OPERATIONAL],
    ShownState.NOT_SET_UP: "Not set up yet",
    ShownState.NO_SERVICES: "No services listed",
    ShownState.UNDER_MAINTENANCE: COMPONENT[ComponentStatus.UNDER_MAINTENANCE],
    ShownState.WAITING: "Waiting for the first check",
    ShownState.NOT_CONFIRMED: "Not confirmed",
    ShownState.FAILING: "Checks failing",
    ShownState.ACTIVE_INCIDENT: "Active Incident",
    ShownState.DEGRADED_PERFORMANCE: COMPONENT[ComponentStatus.DEGRADED_PERFORMANCE],
    ShownState.PARTIAL_OUTAGE: COMPONENT[ComponentStatus.PARTIAL_OUTAGE],
    ShownState.MAJOR_OUTAGE: COMPONENT[ComponentStatus.MAJOR_OUTAGE],
}
"""What people read of a service, a group, an incident or a page: the words of services are those of headings too."""
SHOWN_MARKS: Mapping[ShownState, str] = {
    **{ShownState(status.value): status.value for status in ComponentStatus},
    ShownState.ACTIVE_INCIDENT: ComponentStatus.DEGRADED_PERFORMANCE.value,
    **dict.fromkeys(
        (
            *(ShownState.NOT_SET_UP, ShownState.NO_SERVICES),
            *(ShownState.WAITING, ShownState.NOT_CONFIRMED, ShownState.FAILING),
        ),
        "unknown",
    ),
}
"""Which mark, colour and icon go with each."""
CHECK: Mapping[Verdict, str] = {
    Verdict.UP: "working",
    Verdict.DEGRADED: "impaired",
    Verdict.DOWN: "not working",
    Verdict.UNKNOWN: "not confirmed",
}
RFO: Mapping[RfoKind, str] = {
    RfoKind.PRELIMINARY: "Preliminary",
    RfoKind.INTERIM: "Interim",
    RfoKind.FINAL: "Final",
    RfoKind.CORRECTION: "Correction",
    RfoKind.WITHDRAWN: "Withdrawn",
}
SECTION: Mapping[SectionKind, str] = {
    SectionKind.SUMMARY: "Summary",
    SectionKind.SERVICES: "Services affected",
    SectionKind.IMPACT: "What customers saw",
    SectionKind.ROOT_CAUSE: "Root cause",
    SectionKind.TRIGGER: "Trigger",
    SectionKind.CONTRIBUTING: "Contributing factors",
    SectionKind.DETECTION: "Detection and response",
    SectionKind.WORKAROUNDS: "Workarounds",
    SectionKind.KNOWN_ISSUES: "Known issues",
    SectionKind.CREDITS: "Credits",
    SectionKind.CONTACTS: "Contacts",
    SectionKind.NOTES: "Notes",
}
MOMENT: Mapping[Moment, str] = {
    Moment.IMPACT_START: "Impact began",
    Moment.DETECTED: "Detected",
    Moment.ACKNOWLEDGED: "Acknowledged",
    Moment.FIRST_NOTICE: "First notice to customers",
    Moment.IDENTIFIED: "Cause identified",
    Moment.RESTORED: "Service restored",
    Moment.RESOLVED: "Resolved",
}
ACTION: Mapping[ActionState, str] = {
    ActionState.OPEN: "Open",
    ActionState.DONE: "Done",
    ActionState.DROPPED: "Dropped",
}
ACTION_KIND: Mapping[ActionKind, str] = {
    ActionKind.CORRECTIVE: "Corrective",
    ActionKind.PREVENTIVE: "Preventive",
}
EMERGENCY: Mapping[Emergency, str] = {
    Emergency.YES: "Calls to emergency services were affected.",
    Emergency.NO: "Calls to emergency services were not affected.",
    Emergency.UNKNOWN: "",
}
RFO_WITHDRAWN = "The reason for outage that was published here has been withdrawn."


def approvals(required: int, given: int) -> str:
    """How many people approved a version before it was published, beside how many its page required."""
    return f"{given or 'none'} given, {required or 'none'} required"


def page_label(status: IncidentStatus, previous: IncidentStatus | None) -> str:
    """The same on our own pages, where a postmortem is called what it is in this trade."""
    return "Reason for outage" if status == IncidentStatus.POSTMORTEM else update_label(status, previous)


def update_label(status: IncidentStatus, previous: IncidentStatus | None) -> str:
    """The heading of an update: its status, or "Update" when the one before it had the same."""
    return "Update" if status == previous else INCIDENT[status]
