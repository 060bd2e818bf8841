"""When people, maintenance and broken probes cross the path of automation: no outage goes untold."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User

from incidents.domain.components import ComponentStatus as S
from incidents.domain.incidents import IncidentStatus
from incidents.domain.outcomes import Outcome
from incidents.models import AutomaticHold, Component, Incident, IncidentUpdate, Probe
from incidents.models.trees import check_view
from incidents.monitoring.verdicts import judge, settle_due
from incidents.operations.actors import staff
from incidents.operations.components import create_component, set_status
from incidents.operations.incidents import open_incident, resolve_incident, update_incident
from incidents.operations.probes import create_probe
from incidents.operations.results import Measured, record_results
from tests.monitoring.platform import DANA, T0, measure, result

pytestmark = pytest.mark.django_db
ALL = "udp tcp tls"
MINUTE = timedelta(minutes=1)


def later(at: datetime) -> Iterator[datetime]:
    return (at + timedelta(seconds=5) * n for n in range(1, 1000))


def resolved_by_a_person(incident: Incident, *, at: datetime) -> None:
    person = staff(User.objects.get_or_create(username="dana")[0])
    update_incident(incident, status=IncidentStatus.IDENTIFIED, body="I have it.", by=person, at=at)
    resolve_incident(incident, body="Over.", by=person, at=at)


def outcomes(component: Component, at: datetime, **by_transport: Outcome) -> None:
    probes = Probe.objects.filter(component=component)
    record_results([Measured(p, result(by_transport.get(p.name, Outcome.OK))) for p in probes], at=at)
    judge([component.pk], at=at)


def test_the_next_outage_after_a_persons_resolve_is_a_new_incident(
    network: Component, clock: Iterator[datetime]
) -> None:
    at = measure(network, clock, *[ALL] * 3, "", "", "")
    resolved_by_a_person(Incident.objects.get(), at=at)
    measure(network, later(at), *[ALL] * 3)
    network.refresh_from_db()
    assert Incident.objects.open().count() == 1
    assert network.status == S.MAJOR_OUTAGE


def test_a_persons_resolve_stands_for_half_an_hour_against_probes_that_never_recovered(
    network: Component, clock: Iterator[datetime]
) -> None:
    at = measure(network, clock, *[ALL] * 3)
    resolved_by_a_person(Incident.objects.get(), at=at)
    measure(network, later(at), ALL, ALL)
    assert Incident.objects.open().count() == 0
    measure(network, later(at + 30 * MINUTE), ALL)
    assert Incident.objects.open().count() == 1


def test_a_hold_that_no_probe_watches_any_more_is_let_go_and_a_new_probe_can_speak(
    network: Component, clock: Iterator[datetime]
) -> None:
    at = measure(network, clock, *[ALL] * 3)
    Probe.objects.update(enabled=False)
    settle_due(at=at)
    assert not AutomaticHold.objects.filter(released_at__isnull=True).exists()
    assert Incident.objects.get().events.filter(kind="incident.held").exists()


def test_a_probe_that_measures_nothing_vouches_for_nothing(
    network: Component, clock: Iterator[datetime]
) -> None:
    at = measure(network, clock, "")
    for minute in range(1, 10):
        outcomes(
            network, at + minute * MINUTE, udp=Outcome.INTERNAL, tcp=Outcome.INTERNAL, tls=Outcome.INTERNAL
        )
    assert {check_view(probe).last_at for probe in Probe.objects.all()} == {at}
    assert set(Probe.objects.values_list("last_outcome", flat=True)) == {"internal"}


def test_a_transport_that_was_never_measured_is_neither_said_to_work_nor_to_fail(
    network: Component, clock: Iterator[datetime]
) -> None:
    for _ in range(3):
        at = next(clock)
        outcomes(network, at, udp=Outcome.REFUSED, tcp=Outcome.REFUSED, tls=Outcome.INTERNAL)
    body = IncidentUpdate.objects.get().body
    network.refresh_from_db()
    assert "TLS" not in body
    assert network.status == S.MAJOR_OUTAGE
    for _ in range(3):
        at = next(clock)
        outcomes(network, at, tls=Outcome.INTERNAL)
    assert Incident.objects.get().status == IncidentStatus.MONITORING
    assert "SIP over UDP and TCP answers our checks again" in IncidentUpdate.objects.last().body  # type: ignore[union-attr]


def test_a_component_under_maintenance_opens_nothing_and_keeps_its_status(
    network: Component, clock: Iterator[datetime]
) -> None:
    set_status(network, status=S.UNDER_MAINTENANCE, by=DANA, at=T0)
    measure(network, clock, *[ALL] * 4)
    network.refresh_from_db()
    assert Incident.objects.count() == 0
    assert network.status == S.UNDER_MAINTENANCE


def test_an_outage_of_hundreds_of_services_is_still_one_incident(
    network: Component, clock: Iterator[datetime]
) -> None:
    components = [network]
    for number in range(150):
        component = create_component(network.page, name=f"{number} {'x' * 240}", by=DANA, at=T0)
        create_probe(
            component, name="udp", kind="sip_options", target="sip:127.0.0.1", config={}, by=DANA, at=T0
        )
        components.append(component)
    for _ in range(3):
        at = next(clock)
        record_results([Measured(p, result(Outcome.REFUSED)) for p in Probe.objects.all()], at=at)
        judge([each.pk for each in components], at=at)
    assert Incident.objects.count() == 1
    assert AutomaticHold.objects.count() == 151
    assert "139 more services" in IncidentUpdate.objects.get().body


def test_recovery_gives_a_component_back_to_the_other_incident_that_still_holds_it(
    network: Component, clock: Iterator[datetime]
) -> None:
    at = measure(network, clock, *["tls"] * 3)
    other = open_incident(
        network.page,
        title="Slow calls",
        body="Calls connect slowly.",
        components={network: S.DEGRADED_PERFORMANCE},
        by=staff(User.objects.create(username="dana")),
        at=at,
    )
    at = measure(network, later(at), "", "", "")
    network.refresh_from_db()
    assert network.status == S.DEGRADED_PERFORMANCE
    settle_due(at=at + MINUTE)
    network.refresh_from_db()
    assert network.status == S.DEGRADED_PERFORMANCE
    assert list(Incident.objects.open()) == [other]


def test_a_long_name_still_makes_a_title(network: Component, clock: Iterator[datetime]) -> None:
    Component.objects.filter(pk=network.pk).update(name="N" * 255)
    measure(network, clock, *["tls"] * 3)
    title = Incident.objects.get().title
    assert len(title) == 255
    assert title.endswith("…: SIP over TLS is not answering")


def test_nothing_that_the_probed_server_says_is_published(
    network: Component, clock: Iterator[datetime]
) -> None:
    bait = result(Outcome.ERROR_CODE)
    hostile = type(bait)(bait.outcome, bait.health, "500 Pay at https://evil.example/ now", code=500)
    for _ in range(3):
        at = next(clock)
        record_results([Measured(p, hostile) for p in Probe.objects.filter(component=network)], at=at)
        judge([network.pk], at=at)
    body = IncidentUpdate.objects.get().body
    assert "evil" not in body
    assert "answers with error 500" in body
    assert Probe.objects.filter(last_detail__contains="evil").count() == 3
