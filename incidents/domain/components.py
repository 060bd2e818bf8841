"""The states of a component and their order of severity (DESIGN 8, Statuspage's words)."""

from collections.abc import Iterable
from enum import StrEnum


class ComponentStatus(StrEnum):
    """What staff or probes say of a component. *Unknown* is derived from time, never stored."""

    OPERATIONAL = "operational"
    UNDER_MAINTENANCE = "under_maintenance"
    DEGRADED_PERFORMANCE = "degraded_performance"
    PARTIAL_OUTAGE = "partial_outage"
    MAJOR_OUTAGE = "major_outage"

    @property
    def severity(self) -> int:
        """0 for operational up to 4 for a major outage."""
        return _SEVERITIES[self]


_SEVERITIES = {status: index for index, status in enumerate(ComponentStatus)}


def worst(statuses: Iterable[ComponentStatus]) -> ComponentStatus:
    """The most severe of the statuses; operational for none at all."""
    return max(statuses, key=lambda status: status.severity, default=ComponentStatus.OPERATIONAL)
