"""The life of an incident: its statuses, legal moves and impact (DESIGN 8)."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum

from incidents.domain.components import ComponentStatus
from incidents.domain.rollup import Indicator, roll_up

EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
"""Nothing is told of an earlier instant: every calendar month since would be a page. It is 1970 in every zone."""


class IncidentStatus(StrEnum):
    """Statuspage's nine: five of an incident and four of a maintenance, which is told in the same way.

    *Postmortem* is reached by publishing an RFO and by nothing else.
    """

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    POSTMORTEM = "postmortem"
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    VERIFYING = "verifying"
    COMPLETED = "completed"

    @property
    def is_open(self) -> bool:
        """Whether customers are still waiting for an end to an outage."""
        return self in OPEN_STATUSES

    @property
    def is_planned(self) -> bool:
        """Whether it is a maintenance's."""
        return self in MAINTENANCE_STATUSES

    @property
    def is_in_force(self) -> bool:
        """Whether what it says of components holds now: an open incident, or work that goes on."""
        return self in IN_FORCE_STATUSES

    @property
    def is_over(self) -> bool:
        """Whether nothing more is expected to happen."""
        return not self.is_in_force and self != IncidentStatus.SCHEDULED

    def may_become(self, other: "IncidentStatus") -> bool:
        """Whether an update may carry `other` next.

        Any open status may follow any other, because the truth goes back and forth during an outage. A resolved
        incident may be reopened (one thread for one outage) or end in its RFO; after the RFO only a further
        version of it or a reopening follows. Work may be put off, resumed and completed in any order, but an incident
        never becomes a maintenance or the other way round.
        """
        if self.is_planned or other.is_planned:
            return self.is_planned and other.is_planned
        if self == IncidentStatus.POSTMORTEM:
            return other != IncidentStatus.RESOLVED
        return other != IncidentStatus.POSTMORTEM or not self.is_open


OPEN_STATUSES = frozenset(
    {IncidentStatus.INVESTIGATING, IncidentStatus.IDENTIFIED, IncidentStatus.MONITORING}
)
WORKING_STATUSES = frozenset({IncidentStatus.IN_PROGRESS, IncidentStatus.VERIFYING})
MAINTENANCE_STATUSES = WORKING_STATUSES | {IncidentStatus.SCHEDULED, IncidentStatus.COMPLETED}
IN_FORCE_STATUSES = OPEN_STATUSES | WORKING_STATUSES


class Impact(StrEnum):
    """How much an incident hurts; the names and order are Statuspage's. Maintenance has its own and keeps it."""

    NONE = "none"
    MAINTENANCE = "maintenance"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def severity(self) -> int:
        """0 for none up to 4 for critical."""
        return list(Impact).index(self)


def impact_of(statuses: Iterable[ComponentStatus]) -> Impact:
    """The page's roll-up applied to the affected components alone; maintenance is no impact."""
    statuses = list(statuses)
    if not statuses:
        return Impact.NONE
    indicator = roll_up(statuses).indicator
    return Impact.NONE if indicator == Indicator.MAINTENANCE else Impact(indicator.value)


def risen(current: Impact, computed: Impact) -> Impact:
    """Impact is never lowered by itself while the incident lives."""
    return max(current, computed, key=lambda impact: impact.severity)
