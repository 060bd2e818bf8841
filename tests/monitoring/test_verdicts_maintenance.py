"""Monitoring while a maintenance goes on: what was announced opens nothing, and what outlives it does."""

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from incidents.domain.components import ComponentStatus as S
from incidents.domain.incidents import IncidentStatus
from incidents.models import Component, Incident, Probe
from incidents.operations.components import create_component
from incidents.operations.maintenances import advance_due, update_maintenance
from tests.factories import make_maintenance
from tests.monitoring.platform import DANA, STEP, T0, measure

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def maintenance(network: Component) -> Incident:
    return make_maintenance(network.page, components=[network], begins=T0, ends=T0 + HOUR, at=T0 - HOUR)


def outages() -> int:
    return Incident.objects.unplanned().count()


def after(at: datetime) -> Iterator[datetime]:
    return (at + STEP * n for n in itertools.count(1))


def test_a_probe_that_fails_during_the_work_opens_nothing(
    network: Component, clock: Iterator[datetime], maintenance: Incident
) -> None:
    advance_due(at=T0)
    measure(network, clock, *["udp tcp tls"] * 6)
    network.refresh_from_db()
    assert network.state == S.UNDER_MAINTENANCE
    assert {probe.verdict for probe in Probe.objects.all()} == {"down"}
    assert outages() == 0


@pytest.mark.parametrize("by_person", [False, True])
def test_what_still_fails_after_the_work_is_an_outage(
    network: Component, clock: Iterator[datetime], maintenance: Incident, by_person: bool
) -> None:
    advance_due(at=T0)
    measure(network, clock, *["tls"] * 6)
    if by_person:
        update_maintenance(
            maintenance, status=IncidentStatus.COMPLETED, body="Done.", by=DANA, at=T0 + HOUR / 2
        )
    advance_due(at=T0 + HOUR)
    measure(network, after(T0 + HOUR), "tls")
    network.refresh_from_db()
    assert outages() == 1
    assert network.state == S.PARTIAL_OUTAGE


def test_a_maintenance_that_is_only_planned_hides_nothing(
    network: Component, clock: Iterator[datetime], maintenance: Incident
) -> None:
    measure(network, clock, *["tls"] * 3)
    assert outages() == 1


def test_the_work_hides_its_own_components_and_no_others(
    network: Component, clock: Iterator[datetime]
) -> None:
    other = create_component(network.page, name="Portal", by=DANA, at=T0)
    make_maintenance(network.page, components=[other], begins=T0, ends=T0 + HOUR, at=T0 - HOUR)
    advance_due(at=T0)
    measure(network, clock, *["tls"] * 3)
    assert outages() == 1


def test_an_outage_that_goes_on_as_the_work_begins_recovers_into_it_and_out_of_it(
    network: Component, clock: Iterator[datetime], maintenance: Incident
) -> None:
    measure(network, clock, *["udp tcp tls"] * 3)
    advance_due(at=T0 + STEP * 3)
    network.refresh_from_db()
    assert network.state == S.MAJOR_OUTAGE
    measure(network, clock, *[""] * 3)
    network.refresh_from_db()
    assert network.state == S.UNDER_MAINTENANCE
    assert Incident.objects.unplanned().get().state == IncidentStatus.MONITORING
    advance_due(at=T0 + HOUR)
    network.refresh_from_db()
    assert network.state == S.OPERATIONAL
