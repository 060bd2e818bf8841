"""With 100,000 results and thousands of probes the screens ask the same few questions and stay small."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import Verdict
from incidents.domain.outcomes import Health
from incidents.models import Component, Incident, Page, Probe, ProbeResult
from incidents.operations.holds import open_automatic
from tests.console.measured import make_hours, measure, result
from tests.factories import make_component


def asked(client: Client, url: str) -> tuple[int, int]:
    """How many queries the screen takes, and its bytes."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200
    return len(captured), len(response.content)


def test_the_matrix_asks_the_same_of_one_probe_and_of_three_thousand(
    staff: Client, page: Page, network: Component
) -> None:
    measure(network, "udp", "odfwi" * 12)
    few, _ = asked(staff, "/console/probes")
    model = Probe.objects.values().get()
    components = [make_component(page) for _ in range(10)]
    Probe.objects.bulk_create(
        Probe(**{**model, "id": None, "code": f"code{number}", "component_id": components[number % 10].pk})
        for number in range(3000)
    )
    many, size = asked(staff, "/console/probes")
    assert many == few
    assert few <= 8
    assert size < 400_000


def test_a_matrix_of_a_usual_page_is_small(staff: Client, page: Page) -> None:
    for number in range(12):
        component = make_component(page, f"Service {number}")
        for transport in ("udp", "tcp", "tls"):
            measure(component, transport, "o" * 60)
    _, size = asked(staff, "/console/probes")
    assert size < 100_000


@pytest.mark.slow
def test_one_probe_with_a_hundred_thousand_results_is_quick(staff: Client, network: Component) -> None:
    probe = measure(network, "udp", "o" * 60)
    make_hours(probe, 48)
    few, small = asked(staff, f"/console/probes/{probe.code}")
    newest = now() - timedelta(hours=1)
    for start in range(0, 100_000, 10_000):
        ProbeResult.objects.bulk_create(
            result(probe, Health.OK, at=newest - timedelta(seconds=start + second))
            for second in range(10_000)
        )
    began = time.perf_counter()
    many, size = asked(staff, f"/console/probes/{probe.code}")
    assert time.perf_counter() - began < 2
    assert many == few
    assert few <= 12
    assert size < small + 1_000 < 60_000


def test_an_incident_with_many_results_around_it_stays_small(staff: Client, network: Component) -> None:
    probe = measure(network, "tls", "f" * 60, verdict=Verdict.DOWN)
    at = now()
    open_automatic(
        network.page, title="Down", body="Down.", components={network: ComponentStatus.MAJOR_OUTAGE}, at=at
    )
    incident = Incident.objects.get()
    few, small = asked(staff, f"/console/incidents/{incident.code}")
    ProbeResult.objects.bulk_create(
        result(probe, Health.FAILED, at=at - timedelta(milliseconds=50 * number)) for number in range(5000)
    )
    many, size = asked(staff, f"/console/incidents/{incident.code}")
    assert many == few
    assert size < small + 1_000
