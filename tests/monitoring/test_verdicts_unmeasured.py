"""Automation ends nothing because nobody measured: a probe paused, muted, silent or gone says nothing, not that all is
well."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from incidents.domain.components import ComponentStatus as S
from incidents.domain.outcomes import Outcome
from incidents.models import AutomaticHold, Component, Incident, Probe
from incidents.monitoring.verdicts import judge, settle_due
from incidents.operations.components import create_component
from incidents.operations.probes import create_probe, edit_probe, mute_probe
from incidents.operations.results import Measured, record_results
from tests.monitoring.platform import DANA, measure, result

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ALL = "udp tcp tls"


def probe(name: str) -> Probe:
    return Probe.objects.select_related("component__page").get(name=name)


def silence(how: str, name: str, *, at: datetime) -> None:
    if how == "muted":
        mute_probe(probe(name), until=at + 9 * HOUR, by=DANA, at=at)
    else:
        edit_probe(probe(name), by=DANA, at=at, **{how: False})


@pytest.mark.parametrize("how", ["muted", "enabled", "announces"])
def test_a_failing_probe_that_is_silenced_leaves_the_end_to_a_person(
    how: str, network: Component, clock: Iterator[datetime]
) -> None:
    at = measure(network, clock, *["udp"] * 4)
    incident = Incident.objects.get()
    silence(how, "udp", at=at)
    at = measure(network, clock, *["udp"] * 4)
    settle_due(at=at + 2 * HOUR)
    incident.refresh_from_db()
    network.refresh_from_db()
    assert (incident.state.is_open, network.status, incident.updates.count()) == (True, S.PARTIAL_OUTAGE, 1)
    said = incident.events.filter(kind="incident.held").latest("pk").data["suggestion"]
    assert "The failing check udp was" in said
    mute_probe(probe("udp"), until=None, by=DANA, at=at)
    edit_probe(probe("udp"), by=DANA, at=at, enabled=True, announces=True)
    at = measure(network, clock, *[""] * 4)
    incident.refresh_from_db()
    assert incident.status == "monitoring", "it speaks again, and is well"


def test_a_probe_that_was_silenced_before_the_incident_does_not_keep_it_open(
    network: Component, clock: Iterator[datetime]
) -> None:
    at = measure(network, clock, *["udp"] * 4)
    at = measure(network, clock, *[""] * 4)
    settle_due(at=at + HOUR)
    Probe.objects.filter(name="tls").update(enabled=False, verdict="down")
    measure(network, clock, *["udp"] * 4)
    measure(network, clock, *[""] * 4)
    assert Incident.objects.latest("pk").status == "monitoring"


def test_a_component_that_nothing_watches_keeps_an_incident_open_whose_others_are_well(
    network: Component, clock: Iterator[datetime]
) -> None:
    other = create_component(network.page, name="Fax", by=DANA, at=next(clock))
    target = "sip:127.0.0.1:5060"
    create_probe(
        other,
        name="fax",
        kind="sip_options",
        target=target,
        settle_seconds=60,
        config={},
        by=DANA,
        at=next(clock),
    )
    at = next(clock)
    for _ in range(4):
        at = next(clock)
        rows = Probe.objects.all()
        record_results([Measured(each, result(Outcome.REFUSED)) for each in rows], at=at)
        judge([network.pk, other.pk], at=at)
    incident = Incident.objects.get()
    assert incident.holds.count() == 2
    edit_probe(probe("fax"), by=DANA, at=at, enabled=False)
    settle_due(at=at)
    at = measure(network, clock, *[""] * 4)
    assert settle_due(at=at + 2 * HOUR) == 0
    incident.refresh_from_db()
    other.refresh_from_db()
    assert (incident.status, other.status) == ("investigating", S.MAJOR_OUTAGE)


def test_the_watch_after_recovery_counts_only_while_something_is_measured(
    network: Component, clock: Iterator[datetime]
) -> None:
    Probe.objects.update(settle_seconds=600)
    measure(network, clock, *[ALL] * 4)
    at = measure(network, clock, *[""] * 4)
    assert AutomaticHold.objects.filter(recovered_at__isnull=False).exists()
    assert settle_due(at=at + HOUR) == 0, "the probes have been silent since"
    measure(network, iter([at + HOUR]), "")
    assert settle_due(at=at + HOUR) == 1
