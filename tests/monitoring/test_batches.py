"""A batch of many silent probes is told as it goes, ends within its lease and gives back what it had no time for."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from incidents.models import Component, Incident, Probe, ProbeResult
from incidents.monitoring.batches import USUAL_PACE, probe_due
from incidents.operations.actors import Actor
from incidents.operations.components import create_component
from incidents.operations.pages import create_page
from incidents.operations.probes import create_probe
from incidents.operations.results import LEASE, claim_due, give_back
from incidents.probes.running import Pace
from tests.peers.programs import free_port

pytestmark = pytest.mark.django_db
T0 = datetime(2021, 10, 8, 21, 22, tzinfo=UTC)
DANA = Actor("dana")


@pytest.fixture
def network() -> Component:
    page = create_page(name="SIPcity", zone_name="Australia/Sydney", by=DANA, at=T0)
    return create_component(page, name="Network", by=DANA, at=T0)


@contextmanager
def silent_port() -> Iterator[int]:
    """A TCP port whose system accepts, while nobody ever answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as server:
        yield server.getsockname()[1]


def set_up(component: Component, port: int, *, seconds: float, count: int = 1, threshold: int = 3) -> None:
    for number in range(count):
        create_probe(
            component,
            name=f"{port} {number}",
            kind="sip_options",
            target=f"sip:127.0.0.1:{port}",
            config={"transport": "tcp", "deadline_seconds": seconds},
            threshold=threshold,
            by=DANA,
            at=T0,
        )


def test_what_a_batch_has_no_time_for_is_given_back_and_comes_first_in_the_next(network: Component) -> None:
    pace = Pace(every=0.3, within=3.3)  # half a second and its grace of 2 s: starts end after 0.8 s
    with silent_port() as port:
        set_up(network, port, seconds=0.5, count=24)
        first = probe_due(at=T0, pace=pace)
        ran = set(ProbeResult.objects.values_list("probe", flat=True))
        assert 2 <= first == len(ran) <= 4
        assert not Probe.objects.filter(leased_until__isnull=False).exists()
        assert Probe.objects.filter(last_at=None, next_due=T0).count() == 24 - first
        later = T0 + timedelta(seconds=5)  # by now those that failed are due again, too
        assert probe_due(at=later, pace=pace) >= 2
        again = set(ProbeResult.objects.filter(at=later).values_list("probe", flat=True))
    assert not ran & again


def test_results_are_kept_and_judged_while_slower_probes_still_run(network: Component) -> None:
    other = create_component(network.page, name="Portal", by=DANA, at=T0)
    with silent_port() as port:
        set_up(network, free_port(), seconds=2, threshold=1)
        set_up(other, port, seconds=2, threshold=1)
        started = datetime.now(UTC)
        assert probe_due(pace=Pace(every=0.3, within=30)) == 2
    told = ProbeResult.objects.get(outcome="refused").at
    assert told - started < timedelta(seconds=1.5)
    assert ProbeResult.objects.get(outcome="stalled").at - told > timedelta(seconds=1)
    assert Incident.objects.get().created_at == told


def test_monitoring_shows_that_it_lives_while_a_batch_lasts(network: Component) -> None:
    heartbeat = Path(settings.PUBLISH_DIR) / "heartbeat"
    heartbeat.parent.mkdir(parents=True, exist_ok=True)
    heartbeat.touch()
    beats: list[bool] = []

    def watch(server: socket.socket) -> None:
        with server.accept()[0]:
            heartbeat.unlink()
            time.sleep(1)
            beats.append(heartbeat.exists())

    with socket.create_server(("127.0.0.1", 0)) as server:
        watching = threading.Thread(target=watch, args=(server,))
        watching.start()
        set_up(network, server.getsockname()[1], seconds=3)
        probe_due(at=T0, pace=Pace(every=0.2, within=30))
        watching.join()
    assert beats == [True]


def test_a_batch_ends_well_within_its_lease_and_usual_probes_start_for_forty_seconds() -> None:
    assert USUAL_PACE.within + 10 <= LEASE.total_seconds()
    assert USUAL_PACE.within - 5 - 2 == 40


def test_only_the_claim_of_that_moment_is_voided(network: Component) -> None:
    set_up(network, 9, seconds=1)
    claimed = claim_due(at=T0)
    give_back(probes=claimed, at=T0 + timedelta(seconds=1))
    assert claim_due(at=T0 + timedelta(seconds=2)) == []
    give_back(probes=claimed, at=T0)
    give_back(probes=claimed, at=T0)
    assert len(claim_due(at=T0 + timedelta(seconds=2))) == 1
