"""When everything fails at once and the canary too, our own uplink is the fault: nothing is opened."""

import socket
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.conf import LazySettings

from incidents.domain.outcomes import Health, Outcome
from incidents.models import Component, Incident, Probe
from incidents.monitoring.canary import excused
from incidents.operations.results import Measured, record_results
from tests.monitoring.platform import T0, result
from tests.peers.programs import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed(network: Component) -> list[Measured]:
    return [Measured(probe, result(Outcome.TIMEOUT)) for probe in Probe.objects.all()]


@pytest.fixture
def listening() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def healths(measured: list[Measured]) -> set[Health]:
    return {each.result.health for each in measured}


def test_a_dead_canary_excuses_what_failed_all_at_once(
    failed: list[Measured], settings: LazySettings
) -> None:
    settings.CANARY_TARGETS = [f"127.0.0.1:{free_port()}", f"sip:127.0.0.1:{free_port()}"]
    found = excused(failed)
    assert healths(found) == {Health.INCONCLUSIVE}
    assert "our own uplink" in found[0].result.detail
    record_results(found, at=T0)
    assert Incident.objects.count() == 0
    assert {probe.verdict for probe in Probe.objects.all()} == {"unknown"}


def test_a_living_canary_excuses_nothing(
    failed: list[Measured], settings: LazySettings, listening: str
) -> None:
    settings.CANARY_TARGETS = [f"127.0.0.1:{free_port()}", listening]
    assert excused(failed) == failed


def test_without_canaries_nothing_is_excused(failed: list[Measured]) -> None:
    assert excused(failed) == failed


def test_one_target_that_answers_shows_that_the_uplink_works(
    failed: list[Measured], settings: LazySettings
) -> None:
    settings.CANARY_TARGETS = [f"127.0.0.1:{free_port()}"]
    mixed = [Measured(failed[0].probe, result(Outcome.OK)), *failed[1:]]
    assert excused(mixed) == mixed


def test_a_canary_that_makes_no_sense_does_not_sing(failed: list[Measured], settings: LazySettings) -> None:
    settings.CANARY_TARGETS = ["nonsense without a port"]
    assert healths(excused(failed)) == {Health.INCONCLUSIVE}


def test_nothing_measured_needs_no_canary(settings: LazySettings, clock: Iterator[datetime]) -> None:
    settings.CANARY_TARGETS = [f"127.0.0.1:{free_port()}"]
    assert excused([]) == []
