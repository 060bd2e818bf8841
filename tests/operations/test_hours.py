"""Results are rolled up by the hour, once and again without harm, and forgotten when their time has come."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from incidents.models import Probe, ProbeHour, ProbeResult
from incidents.operations.actors import DEMO
from incidents.operations.hours import forget_old, roll_up_hours
from incidents.operations.probes import create_probe
from tests.factories import make_component, make_page

pytestmark = pytest.mark.django_db
T0 = datetime(2021, 10, 8, 21, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def probe() -> Probe:
    component = make_component(make_page("SIPcity"), "Network")
    return create_probe(
        component, name="UDP", kind="sip_options", target="sip:127.0.0.1", config={}, by=DEMO, at=T0
    )


def measured(probe: Probe, at: datetime, health: str = "ok", total: float | None = 10.0) -> None:
    times = {} if total is None else {"total": total}
    ProbeResult.objects.create(probe=probe, at=at, outcome="ok", health=health, times=times)


def test_an_hour_is_counted_by_health_with_its_latencies(probe: Probe) -> None:
    for minute, (health, total) in enumerate(
        [
            ("ok", 10.0),
            ("ok", 30.0),
            ("warning", 20.0),
            ("degraded", 600.0),
            ("failed", 5000.0),
            ("inconclusive", None),
        ]
    ):
        measured(probe, T0 + minute * MINUTE, health, total)
    assert roll_up_hours(at=T0 + HOUR) == 1
    hour = ProbeHour.objects.get()
    assert (hour.probe, hour.hour) == (probe, T0)
    assert (hour.ok, hour.warning, hour.degraded, hour.failed, hour.inconclusive) == (2, 1, 1, 1, 1)
    assert (hour.fastest, hour.median, hour.slowest) == (10.0, 25.0, 600.0)


def test_an_hour_that_is_not_over_is_left_alone(probe: Probe) -> None:
    measured(probe, T0)
    assert roll_up_hours(at=T0 + HOUR - MINUTE) == 0
    assert not ProbeHour.objects.exists()


def test_twice_is_as_once_and_late_results_are_counted(probe: Probe) -> None:
    measured(probe, T0)
    roll_up_hours(at=T0 + HOUR)
    measured(probe, T0 + MINUTE)
    roll_up_hours(at=T0 + HOUR)
    roll_up_hours(at=T0 + HOUR)
    assert ProbeHour.objects.get().ok == 2


def test_hours_without_results_are_passed_over(probe: Probe) -> None:
    measured(probe, T0)
    measured(probe, T0 + 100 * HOUR)
    assert roll_up_hours(at=T0 + 200 * HOUR) == 2


def test_results_go_after_fourteen_days_and_hours_after_four_hundred(probe: Probe) -> None:
    day = timedelta(days=1)
    measured(probe, T0)
    roll_up_hours(at=T0 + HOUR)
    assert forget_old(at=T0 + 13 * day) == 0
    assert forget_old(at=T0 + 15 * day) == 1
    assert ProbeHour.objects.exists()
    assert forget_old(at=T0 + 401 * day) == 1


def test_a_hundred_thousand_results_are_rolled_up_and_forgotten_in_seconds(probe: Probe) -> None:
    step = timedelta(seconds=3)
    for start in range(0, 100_000, 10_000):
        ProbeResult.objects.bulk_create(
            ProbeResult(probe=probe, at=T0 + step * n, outcome="ok", health="ok", times={"total": 1.0})
            for n in range(start, start + 10_000)
        )
    began = time.process_time()
    assert roll_up_hours(at=T0 + timedelta(days=5)) == 84
    assert forget_old(at=T0 + timedelta(days=30)) == 100_000
    print(f"100,000 results in {time.process_time() - began:.1f} s of CPU")
    assert sum(ProbeHour.objects.values_list("ok", flat=True)) == 100_000
    assert time.process_time() - began < 30
