"""The legal moves of an incident."""

import pytest

from incidents.domain.incidents import OPEN_STATUSES, IncidentStatus


@pytest.mark.parametrize("now", OPEN_STATUSES)
def test_an_open_incident_may_become_anything_but_a_postmortem(now: IncidentStatus) -> None:
    assert {each for each in IncidentStatus if not now.may_become(each)} == {IncidentStatus.POSTMORTEM}


def test_a_resolved_incident_may_become_anything() -> None:
    assert all(IncidentStatus.RESOLVED.may_become(each) for each in IncidentStatus)


def test_after_its_rfo_an_incident_is_reopened_or_gets_a_further_version_and_nothing_else() -> None:
    refused = {each for each in IncidentStatus if not IncidentStatus.POSTMORTEM.may_become(each)}
    assert refused == {IncidentStatus.RESOLVED}
