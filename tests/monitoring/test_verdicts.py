"""From results to public words: one incident a component, the truth transport by transport, people first."""

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User

from incidents.domain.components import ComponentStatus as S
from incidents.domain.incidents import IncidentStatus
from incidents.domain.outcomes import Outcome
from incidents.models import AutomaticHold, Component, Incident, IncidentUpdate, Probe, ProbeResult
from incidents.monitoring.verdicts import judge, settle_due
from incidents.operations import holds
from incidents.operations.actors import staff
from incidents.operations.components import create_component
from incidents.operations.incidents import update_incident
from incidents.operations.probes import create_probe
from incidents.operations.results import Measured, claim_due, record_results
from tests.monitoring.platform import DANA, STEP, T0, measure, result

pytestmark = pytest.mark.django_db


def test_three_failures_open_one_incident_and_two_do_not(
    network: Component, clock: Iterator[datetime]
) -> None:
    measure(network, clock, "", "udp tcp tls", "udp tcp tls")
    assert Incident.objects.count() == 0
    measure(network, clock, "udp tcp tls", "udp tcp tls")
    incident = Incident.objects.get()
    network.refresh_from_db()
    assert incident.automatic
    assert incident.title == "Network: SIP is not answering"
    assert network.status == S.MAJOR_OUTAGE


def test_tls_dead_while_udp_lives_has_its_own_state_and_words(
    network: Component, clock: Iterator[datetime]
) -> None:
    measure(network, clock, "", "tcp tls", "tcp tls", "tcp tls")
    incident = Incident.objects.get()
    body = IncidentUpdate.objects.get().body
    network.refresh_from_db()
    assert network.status == S.PARTIAL_OUTAGE
    assert incident.title == "Network: SIP over TCP and TLS is not answering"
    assert "SIP over TCP and TLS fails since 08:22 AEDT: connection refused." in body
    assert "SIP over UDP still answers." in body
    assert body.endswith("\n\nDetected automatically.")


def test_transports_that_fail_a_moment_apart_are_announced_once(
    network: Component, clock: Iterator[datetime]
) -> None:
    measure(network, clock, "", "udp", "udp tcp tls", "udp tcp tls", "udp tcp tls", "udp tcp tls")
    assert IncidentUpdate.objects.count() == 1
    assert Incident.objects.get().title == "Network: SIP is not answering"


def test_an_outage_that_spreads_is_followed(network: Component, clock: Iterator[datetime]) -> None:
    measure(network, clock, "", *["tls"] * 3, *["udp tcp tls"] * 3)
    network.refresh_from_db()
    assert network.status == S.MAJOR_OUTAGE
    assert IncidentUpdate.objects.count() == 2
    assert Incident.objects.count() == 1


def test_recovery_posts_monitoring_first_and_resolves_after_the_watch(
    network: Component, clock: Iterator[datetime]
) -> None:
    at = measure(network, clock, *["udp tcp tls"] * 3, "", "", "")
    incident = Incident.objects.get()
    network.refresh_from_db()
    assert (incident.status, network.status) == (IncidentStatus.MONITORING, S.OPERATIONAL)
    assert settle_due(at=at + timedelta(seconds=59)) == 0
    assert settle_due(at=at + timedelta(seconds=60)) == 1
    incident.refresh_from_db()
    assert incident.status == IncidentStatus.RESOLVED
    assert settle_due(at=at + timedelta(seconds=90)) == 0


def test_a_relapse_during_the_watch_goes_on_in_the_same_incident(
    network: Component, clock: Iterator[datetime]
) -> None:
    at = measure(network, clock, *["tls"] * 3, "", "", "", *["tls"] * 3)
    incident = Incident.objects.get()
    assert incident.status == IncidentStatus.INVESTIGATING
    assert settle_due(at=at + timedelta(hours=1)) == 0


def test_a_new_outage_after_the_end_is_a_new_incident(network: Component, clock: Iterator[datetime]) -> None:
    at = measure(network, clock, *["tls"] * 3, "", "", "")
    settle_due(at=at + timedelta(seconds=61))
    measure(network, (at + timedelta(minutes=5) + STEP * n for n in itertools.count()), *["tls"] * 3)
    assert Incident.objects.count() == 2


def test_after_a_person_has_spoken_automation_only_keeps_its_suggestion(
    network: Component, clock: Iterator[datetime]
) -> None:
    at = measure(network, clock, *["tls"] * 3)
    incident = Incident.objects.get()
    person = staff(User.objects.create(username="dana"))
    update_incident(incident, status=IncidentStatus.IDENTIFIED, body="A certificate.", by=person, at=at)
    at = measure(network, clock, *["udp tcp tls"] * 3, "", "", "")
    settle_due(at=at + timedelta(hours=1))
    incident.refresh_from_db()
    network.refresh_from_db()
    assert incident.status == IncidentStatus.IDENTIFIED
    assert incident.updates.count() == 2
    assert network.status == S.PARTIAL_OUTAGE
    assert incident.events.filter(kind="incident.held").count() == 2


def test_results_that_measured_nothing_open_nothing(network: Component, clock: Iterator[datetime]) -> None:
    for _ in range(6):
        at = next(clock)
        probes = Probe.objects.all()
        record_results([Measured(p, result(Outcome.INTERNAL)) for p in probes], at=at)
        judge([network.pk], at=at)
    assert Incident.objects.count() == 0


def test_a_second_automatic_incident_for_a_held_component_is_stopped_by_the_constraint(
    network: Component, clock: Iterator[datetime]
) -> None:
    at = measure(network, clock, *["tls"] * 3)
    again = holds.open_automatic(
        network.page, title="Twice", body="Words.", components={network: S.MAJOR_OUTAGE}, at=at
    )
    assert again is None
    assert Incident.objects.count() == 1
    assert AutomaticHold.objects.count() == 1


def test_a_doubtful_probe_comes_back_after_five_seconds_with_its_neighbours(
    network: Component, clock: Iterator[datetime]
) -> None:
    at = measure(network, clock, "")
    assert all(at + STEP <= p.next_due <= at + timedelta(seconds=35) for p in Probe.objects.all())
    at = measure(network, clock, "tls")
    assert all(p.next_due <= at + timedelta(seconds=5) for p in Probe.objects.all())


def test_a_claimed_probe_is_not_claimed_twice_until_its_lease_is_over(network: Component) -> None:
    assert len(claim_due(at=T0)) == 3
    assert claim_due(at=T0 + timedelta(seconds=10)) == []
    assert len(claim_due(at=T0 + timedelta(seconds=61))) == 3


def test_components_that_fail_from_one_host_share_one_incident_and_a_late_one_joins_it(
    network: Component, clock: Iterator[datetime]
) -> None:
    others = []
    for name in ("Registration", "Presence"):
        other = create_component(network.page, name=name, by=DANA, at=T0)
        create_probe(
            other, name="udp", kind="sip_options", target="sip:127.0.0.1:5062", config={}, by=DANA, at=T0
        )
        others.append(other)
    for failing in (["Network", "Registration"],) * 3 + (["Network", "Registration", "Presence"],) * 3:
        at = next(clock)
        probes = Probe.objects.select_related("component")
        bad = {p.pk: Outcome.REFUSED if p.component.name in failing else Outcome.OK for p in probes}
        record_results([Measured(p, result(bad[p.pk])) for p in probes], at=at)
        judge([network.pk, *(other.pk for other in others)], at=at)
    incident = Incident.objects.get()
    first, joined = incident.updates.all()
    assert incident.title == "SIP is not answering"
    assert "Network – SIP over UDP, TCP and TLS fails since" in first.body
    assert "Registration – SIP over UDP fails since" in first.body
    assert joined.body.startswith("Presence – SIP over UDP fails since")
    assert AutomaticHold.objects.filter(incident=incident).count() == 3


def test_components_on_different_hosts_have_incidents_of_their_own(
    network: Component, clock: Iterator[datetime]
) -> None:
    other = create_component(network.page, name="Portal", by=DANA, at=T0)
    create_probe(other, name="udp", kind="sip_options", target="sip:127.0.0.9", config={}, by=DANA, at=T0)
    for _ in range(3):
        at = next(clock)
        record_results([Measured(p, result(Outcome.REFUSED)) for p in Probe.objects.all()], at=at)
        judge([network.pk, other.pk], at=at)
    assert Incident.objects.count() == 2


def test_every_result_is_kept_with_its_evidence(network: Component, clock: Iterator[datetime]) -> None:
    measure(network, clock, "tls", "")
    kept = ProbeResult.objects.filter(probe__name="tls").order_by("at")
    assert [(row.outcome, row.detail) for row in kept] == [
        ("refused", "connection refused"),
        ("ok", "200 OK"),
    ]
