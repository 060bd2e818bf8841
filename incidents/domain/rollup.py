"""One state for the whole page: Statuspage's rules over leaf components, in their order.

Source: shared reference `statuspage-api.md`, section 1; checked there against five captured pages.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from incidents.domain.components import ComponentStatus as Status


class Indicator(StrEnum):
    """`status.indicator` of the v2 API."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"
    MAINTENANCE = "maintenance"


class Summary(StrEnum):
    """Which of the top-level sentences holds; the sentences themselves are formatting's."""

    ALL_OPERATIONAL = "all_operational"
    MAJOR_SYSTEM_OUTAGE = "major_system_outage"
    PARTIAL_SYSTEM_OUTAGE = "partial_system_outage"
    MINOR_SERVICE_OUTAGE = "minor_service_outage"
    DEGRADED_SYSTEM = "degraded_system"
    PARTIALLY_DEGRADED = "partially_degraded"
    UNDER_MAINTENANCE = "under_maintenance"


@dataclass(frozen=True, slots=True)
class Rollup:
    """The page's indicator and the sentence that goes with it."""

    indicator: Indicator
    summary: Summary


def roll_up(statuses: Iterable[Status]) -> Rollup:  # noqa: PLR0911  (seven rules, seven answers)
    """The page's state from its leaf components (groups excluded). Rules in order, the first that fits."""
    seen = list(statuses)
    kinds = set(seen)
    if kinds <= {Status.OPERATIONAL}:
        return Rollup(Indicator.NONE, Summary.ALL_OPERATIONAL)
    if kinds == {Status.MAJOR_OUTAGE}:
        return Rollup(Indicator.CRITICAL, Summary.MAJOR_SYSTEM_OUTAGE)
    if kinds == {Status.PARTIAL_OUTAGE} or Status.MAJOR_OUTAGE in kinds:
        return Rollup(Indicator.MAJOR, Summary.PARTIAL_SYSTEM_OUTAGE)
    if Status.PARTIAL_OUTAGE in kinds:
        return Rollup(Indicator.MINOR, Summary.MINOR_SERVICE_OUTAGE)
    if kinds == {Status.DEGRADED_PERFORMANCE} and len(seen) > 1:
        return Rollup(Indicator.MINOR, Summary.DEGRADED_SYSTEM)
    if Status.DEGRADED_PERFORMANCE in kinds:
        return Rollup(Indicator.MINOR, Summary.PARTIALLY_DEGRADED)
    return Rollup(Indicator.MAINTENANCE, Summary.UNDER_MAINTENANCE)
