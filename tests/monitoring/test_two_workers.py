"""Two beats and four workers over one database: each slot of each probe is run once, whichever of them takes it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.peers.installation import ROOT, Installation
from tests.peers.postgres import Postgres

pytestmark = pytest.mark.slow
PROBES, WORKERS, SECONDS, INTERVAL = 60, 4, 12, 2
SET_UP = """
from datetime import UTC, datetime
from incidents.operations.actors import DEMO
from incidents.operations.components import create_component
from incidents.operations.pages import create_page
from incidents.operations.probes import create_probe
now = datetime.now(UTC)
page = create_page(name="SIPcity", zone_name="UTC", by=DEMO, at=now)
network = create_component(page, name="Network", by=DEMO, at=now)
for number in range({probes}):
    create_probe(network, name=str(number), kind="heartbeat", target="jobs.example", config={{}},
        interval_seconds={interval}, announces=False, by=DEMO, at=now)
"""
WORK = """
import time
from incidents.monitoring.batches import probe_due
ends = time.monotonic() + {seconds}
while time.monotonic() < ends:
    probe_due()
    time.sleep(0.02)
"""
SEEN = """
from collections import defaultdict
from incidents.models import ProbeResult
seen = defaultdict(list)
for pk, at in ProbeResult.objects.order_by("at").values_list("probe_id", "at"):
    seen[pk].append(at)
gaps = [(b - a).total_seconds() for times in seen.values() for a, b in zip(times, times[1:])]
print(len(seen), min(map(len, seen.values())), max(map(len, seen.values())), min(gaps), max(gaps))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    with ExitStack() as stack:
        settings = {}
        if request.param == "postgresql":
            settings["DATABASE_URL"] = stack.enter_context(Postgres()).url
        yield stack.enter_context(Installation(tmp_path, **settings))


def test_no_slot_is_run_twice_and_none_is_forgotten(home: Installation) -> None:
    home.shell(SET_UP.format(probes=PROBES, interval=INTERVAL))
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", WORK.format(seconds=SECONDS)]
    began = time.monotonic()
    workers = [subprocess.Popen(command, cwd=ROOT, env=home.environment) for _ in range(WORKERS)]
    assert [worker.wait(timeout=120) for worker in workers] == [0] * WORKERS
    took = time.monotonic() - began
    probes, fewest, most, shortest, longest = map(float, home.shell(SEEN).split())
    print(f"{fewest:.0f} to {most:.0f} runs of each in {took:.0f} s, {shortest:.2f} to {longest:.2f} s apart")
    assert probes == PROBES
    assert shortest > INTERVAL / 6 - 0.1
    assert most <= took / INTERVAL + 3
    assert fewest >= SECONDS / INTERVAL / 2
