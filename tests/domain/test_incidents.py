"""The legal moves of an incident and of a maintenance."""

import pytest

from incidents.domain.incidents import MAINTENANCE_STATUSES, OPEN_STATUSES, IncidentStatus

OUTAGE_STATUSES = frozenset(IncidentStatus) - MAINTENANCE_STATUSES


def refused(now: IncidentStatus) -> set[IncidentStatus]:
    """What of its own kind may not follow."""
    return {each for each in OUTAGE_STATUSES if not now.may_become(each)}


@pytest.mark.parametrize("now", sorted(OPEN_STATUSES))
def test_an_open_incident_may_become_anything_but_a_postmortem(now: IncidentStatus) -> None:
    assert refused(now) == {IncidentStatus.POSTMORTEM}


def test_a_resolved_incident_may_become_anything() -> None:
    assert refused(IncidentStatus.RESOLVED) == set()


def test_after_its_rfo_an_incident_is_reopened_or_gets_a_further_version_and_nothing_else() -> None:
    assert refused(IncidentStatus.POSTMORTEM) == {IncidentStatus.RESOLVED}


@pytest.mark.parametrize("now", sorted(MAINTENANCE_STATUSES))
def test_a_maintenance_may_be_put_off_resumed_and_completed_in_any_order(now: IncidentStatus) -> None:
    assert all(now.may_become(each) for each in MAINTENANCE_STATUSES)


@pytest.mark.parametrize("now", IncidentStatus)
def test_no_incident_becomes_a_maintenance_or_the_other_way_round(now: IncidentStatus) -> None:
    others = OUTAGE_STATUSES if now.is_planned else MAINTENANCE_STATUSES
    assert not any(now.may_become(each) for each in others)


@pytest.mark.parametrize("now", IncidentStatus)
def test_a_status_is_open_at_work_ahead_or_over(now: IncidentStatus) -> None:
    assert [now.is_in_force, now.is_over, now == IncidentStatus.SCHEDULED].count(True) == 1
    assert not now.is_open or now.is_in_force
