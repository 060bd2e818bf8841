"""Results are written in bulk, whatever happens to their probes meanwhile; the schedule survives sleep and jumps."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.domain.outcomes import Outcome, health_of
from incidents.models import Component, Event, Probe, ProbeResult
from incidents.operations.actors import DEMO
from incidents.operations.probes import create_probe, edit_probe
from incidents.operations.results import LEASE, Measured, claim_due, mend_schedule, record_results
from incidents.probes.results import Result
from tests.factories import make_component, make_page

pytestmark = pytest.mark.django_db
T0 = datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def network() -> Component:
    return make_component(make_page("SIPcity"), "Network")


def probes(component: Component, count: int = 1) -> list[Probe]:
    return [
        create_probe(
            component, name=f"p{n}", kind="sip_options", target="sip:127.0.0.1", config={}, by=DEMO, at=T0
        )
        for n in range(count)
    ]


def result(outcome: Outcome = Outcome.OK, *, total: float = 12.34, code: int | None = 200) -> Result:
    return Result(
        outcome=outcome,
        health=health_of(outcome),
        detail="said",
        code=code,
        server="peer/1",
        times={"total": total, "sip": 1.5},
        trace=("sent", "received"),
        facts={"days_left": 3.5},
        subject="blf.example",
    )


def test_a_result_is_kept_whole(network: Component) -> None:
    (probe,) = probes(network)
    record_results([Measured(probe, result())], at=T0)
    row = ProbeResult.objects.get()
    assert (row.probe, row.at, row.outcome, row.health, row.detail) == (probe, T0, "ok", "ok", "said")
    assert (row.reply_code, row.server, row.times) == (200, "peer/1", {"total": 12.34, "sip": 1.5})
    assert (row.trace, row.facts, row.subject) == (["sent", "received"], {"days_left": 3.5}, "blf.example")
    probe.refresh_from_db()
    assert (probe.verdict, probe.recent, probe.latencies, probe.confirmed_at) == ("up", "o", [12.3], T0)


def test_many_results_take_a_few_statements(network: Component) -> None:
    found = [Measured(probe, result()) for probe in probes(network, 40)]
    record_results(found, at=T0)
    with CaptureQueriesContext(
        connection,
    ) as few:
        record_results(found[:2], at=T0 + timedelta(seconds=30))
    with CaptureQueriesContext(connection) as many:
        record_results(found, at=T0 + timedelta(seconds=60))
    assert len(many) == len(few) <= 8


def test_the_last_sixty_latencies_are_kept_with_gaps_where_nothing_came(network: Component) -> None:
    (probe,) = probes(network)
    for number in range(70):
        silent = number == 69
        found = result(Outcome.TIMEOUT, code=None) if silent else result(total=number)
        record_results([Measured(probe, found)], at=T0 + timedelta(seconds=number))
    probe.refresh_from_db()
    assert (len(probe.latencies), len(probe.recent)) == (60, 60)
    assert (probe.latencies[0], probe.latencies[-1], probe.recent[-1]) == (10.0, None, "f")


def test_a_probe_that_was_deleted_while_it_ran_stays_deleted(network: Component) -> None:
    gone, left = probes(network, 2)
    Probe.objects.filter(pk=gone.pk).delete()
    record_results([Measured(gone, result()), Measured(left, result())], at=T0)
    assert list(Probe.objects.all()) == [left]
    assert [row.probe for row in ProbeResult.objects.all()] == [left]


def test_an_edit_while_it_ran_is_not_undone(network: Component) -> None:
    (probe,) = claim_due(at=T0) or probes(network)
    edit_probe(probe, name="Renamed", target="sip:127.0.0.9", interval_seconds=60, by=DEMO, at=T0)
    record_results([Measured(probe, result())], at=T0)
    probe.refresh_from_db()
    assert (probe.name, probe.target, probe.interval_seconds) == ("Renamed", "sip:127.0.0.9", 60)
    assert probe.next_due > T0 + timedelta(seconds=10)


def test_verdicts_that_turn_together_are_journaled_one_by_one(network: Component) -> None:
    before = Event.objects.count()
    made = probes(network, 3)
    created = Event.objects.count()
    record_results([Measured(probe, result()) for probe in made], at=T0)
    turned = Event.objects.filter(pk__gt=0)[created:]
    assert created - before == 3
    assert [event.data["verdict"] for event in turned] == ["up"] * 3


def test_a_slot_that_was_slept_through_is_run_once(network: Component) -> None:
    made = probes(network, 5)
    record_results([Measured(probe, result()) for probe in made], at=T0)
    woken = T0 + 3 * HOUR
    assert len(claim_due(at=woken)) == 5
    record_results([Measured(probe, result()) for probe in made], at=woken)
    assert claim_due(at=woken + timedelta(seconds=4)) == []
    assert len(claim_due(at=woken + timedelta(seconds=36))) == 5


def test_a_clock_that_was_set_back_an_hour_loses_no_probe(network: Component) -> None:
    made = probes(network, 5)
    record_results([Measured(probe, result()) for probe in made], at=T0 + HOUR)
    claim_due(at=T0 + HOUR + timedelta(seconds=40))
    assert mend_schedule(at=T0) == 5
    assert len(claim_due(at=T0 + timedelta(seconds=36))) == 5
    assert mend_schedule(at=T0) == 0


def test_a_lease_from_the_future_holds_nobody_up(network: Component) -> None:
    probes(network)
    assert len(claim_due(at=T0 + HOUR)) == 1
    assert len(claim_due(at=T0)) == 1
    assert claim_due(at=T0 + LEASE / 2) == []


def test_what_one_claim_leaves_the_next_takes(network: Component) -> None:
    probes(network, 5)
    first, second, third = (claim_due(at=T0, limit=2) for _ in range(3))
    assert len({probe.pk for probe in (*first, *second, *third)}) == 5
