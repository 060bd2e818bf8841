"""The evidence with an incident: which probes opened it, since when, and what they read."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import Verdict
from incidents.models import AutomaticHold, Component, Incident, Probe, ProbeResult
from incidents.operations.holds import open_automatic
from tests.console.measured import DETAILS, measure
from tests.console.test_probes_one import words
from tests.factories import make_incident


@pytest.fixture
def probes(network: Component) -> tuple[Probe, Probe]:
    bad = measure(network, "tls", "o" * 8 + "fff", verdict=Verdict.DOWN)
    return bad, measure(network, "udp", "o" * 11)


@pytest.fixture
def automatic(network: Component, probes: tuple[Probe, Probe]) -> Incident:
    open_automatic(
        network.page,
        title="Network: SIP over TLS is not answering",
        body="Detected automatically.",
        components={network: ComponentStatus.PARTIAL_OUTAGE},
        at=now(),
    )
    return Incident.objects.get()


def seen(client: Client, incident: Incident) -> str:
    return client.get(f"/console/incidents/{incident.code}").content.decode()


def test_an_incident_that_probes_opened_shows_what_they_saw_then(
    staff: Client, automatic: Incident, probes: tuple[Probe, Probe]
) -> None:
    content = seen(staff, automatic)
    said = words(content)
    assert "When probes opened it" in said
    assert "tls handshake · the server ended the handshake: alert 42, bad certificate" in said
    assert "Was well." in said
    assert (
        'aria-label="Network tls, around the opening: last 10 results: 7 ok, 3 failed; newest failed"'
        in content
    )
    assert content.count(f'href="/console/probes/{probes[0].code}"') == 2


def test_the_first_failure_is_that_of_the_run_that_opened_it(
    staff: Client, automatic: Incident, probes: tuple[Probe, Probe]
) -> None:
    bad = ProbeResult.objects.filter(probe=probes[0], health="failed").order_by("at")
    first = bad[0]
    ProbeResult.objects.filter(pk=first.pk).update(detail="the very first", reply_code=503)
    lone = ProbeResult.objects.filter(probe=probes[0], health="ok").order_by("at")[2]
    ProbeResult.objects.filter(pk=lone.pk).update(health="failed", detail="a lone slip before")
    said = words(seen(staff, automatic))
    assert "503 · the very first" in said
    assert "a lone slip before" not in said


def test_what_could_not_be_measured_does_not_part_failures(
    staff: Client, automatic: Incident, probes: tuple[Probe, Probe]
) -> None:
    rows = list(ProbeResult.objects.filter(probe=probes[0]).order_by("at"))
    ProbeResult.objects.filter(pk=rows[-2].pk).update(health="inconclusive")
    ProbeResult.objects.filter(pk=rows[-3].pk).update(detail="the very first")
    assert "the very first" in words(seen(staff, automatic))


def test_an_incident_that_a_person_opened_shows_none(
    staff: Client, network: Component, probes: tuple[Probe, Probe]
) -> None:
    incident = make_incident(network.page, components={network: ComponentStatus.PARTIAL_OUTAGE}, at=now())
    content = seen(staff, incident)
    assert "When probes opened it" not in content
    assert DETAILS["failed"] in content  # type: ignore[index]  # a Health is its word


def test_results_of_other_times_are_not_shown(
    staff: Client, automatic: Incident, probes: tuple[Probe, Probe]
) -> None:
    ProbeResult.objects.update(at=now() - timedelta(days=2))
    assert "When probes opened it" not in seen(staff, automatic)


def test_the_card_on_the_home_screen_names_the_failing_probe(
    staff: Client, automatic: Incident, probes: tuple[Probe, Probe]
) -> None:
    content = staff.get("/console/").content.decode()
    card = words(content[content.index('class="checks evidence"') : content.index('class="actions"')])
    assert "Network tls" in card
    assert "since" in card
    assert "alert 42" in card
    assert "Network udp" not in card
    AutomaticHold.objects.update(released_at=now())
    assert 'class="checks evidence"' not in staff.get("/console/").content.decode()


def test_a_service_says_since_when_its_check_fails_and_leads_to_it(
    staff: Client, network: Component, probes: tuple[Probe, Probe]
) -> None:
    content = staff.get("/console/").content.decode()
    assert f'<a href="/console/probes/{probes[0].code}"><strong>TLS</strong></a>' in content
    assert "TLS down since" in words(content)
    assert "UDP up ·" in words(content)


def test_a_muted_check_says_so(staff: Client, network: Component, probes: tuple[Probe, Probe]) -> None:
    Probe.objects.update(muted_until=now() + timedelta(hours=1))
    assert "· muted" in words(staff.get("/console/").content.decode())
