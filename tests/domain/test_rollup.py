"""Statuspage's roll-up rules, one sentence each (reference statuspage-api.md, section 1)."""

import pytest

from incidents.domain.components import ComponentStatus as S
from incidents.domain.incidents import Impact, impact_of, risen
from incidents.domain.rollup import Indicator, Summary, roll_up

UP, CARE, SLOW, PART, DOWN = S


@pytest.mark.parametrize(
    ("statuses", "indicator", "summary"),
    [
        ([], Indicator.NONE, Summary.ALL_OPERATIONAL),
        ([UP, UP], Indicator.NONE, Summary.ALL_OPERATIONAL),
        ([DOWN, DOWN], Indicator.CRITICAL, Summary.MAJOR_SYSTEM_OUTAGE),
        ([PART, PART], Indicator.MAJOR, Summary.PARTIAL_SYSTEM_OUTAGE),
        ([DOWN, UP, UP], Indicator.MAJOR, Summary.PARTIAL_SYSTEM_OUTAGE),
        ([DOWN, PART], Indicator.MAJOR, Summary.PARTIAL_SYSTEM_OUTAGE),
        ([PART, UP], Indicator.MINOR, Summary.MINOR_SERVICE_OUTAGE),
        ([PART, SLOW], Indicator.MINOR, Summary.MINOR_SERVICE_OUTAGE),
        ([SLOW, SLOW], Indicator.MINOR, Summary.DEGRADED_SYSTEM),
        ([SLOW], Indicator.MINOR, Summary.PARTIALLY_DEGRADED),
        ([SLOW, UP], Indicator.MINOR, Summary.PARTIALLY_DEGRADED),
        ([CARE, UP], Indicator.MAINTENANCE, Summary.UNDER_MAINTENANCE),
        ([CARE, SLOW], Indicator.MINOR, Summary.PARTIALLY_DEGRADED),
    ],
)
def test_the_first_rule_that_fits_decides(statuses: list[S], indicator: Indicator, summary: Summary) -> None:
    found = roll_up(statuses)
    assert (found.indicator, found.summary) == (indicator, summary)


def test_impact_is_the_rollup_of_the_affected_components() -> None:
    assert impact_of([PART, PART]) == Impact.MAJOR
    assert impact_of([DOWN]) == Impact.CRITICAL
    assert impact_of([]) == Impact.NONE


def test_maintenance_is_no_impact() -> None:
    assert impact_of([CARE]) == Impact.NONE


def test_impact_never_falls_by_itself() -> None:
    assert risen(Impact.MAJOR, Impact.MINOR) == Impact.MAJOR
    assert risen(Impact.MINOR, Impact.CRITICAL) == Impact.CRITICAL
