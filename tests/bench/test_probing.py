"""What it costs to probe five thousand endpoints every half minute, healthy or dead, and how soon it is public."""

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest

from tests.bench.cores import cpu_seconds
from tests.bench.endpoints import endpoints
from tests.bench.table import Report, Row
from tests.peers.installation import Installation, eventually

pytestmark = pytest.mark.bench
COUNT = 5000
SLOT = 30
SLOTS = 1
"""Slots that are measured, after those in which everything becomes known."""
UNTIL_KNOWN = {False: SLOT + 10, True: 3 * SLOT}
"""Seconds: a dead endpoint is asked again every five until it is known to be down, and its neighbours with it."""
COMPONENTS = 50
OUTAGES = 2
MARGIN = 12
SET_UP = """
from datetime import UTC, datetime
import json, sys
from incidents.models import Probe
from incidents.domain.codes import new_code
from incidents.operations.actors import DEMO
from incidents.operations.components import create_component
from incidents.operations.credentials import seal
from incidents.operations.pages import create_page
from incidents.domain.schedules import next_slot
from datetime import timedelta
now = datetime.now(UTC)
page = create_page(name="Carrier", zone_name="UTC", by=DEMO, at=now)
components = [create_component(page, name=f"Proxy {{n}}", by=DEMO, at=now) for n in range({components})]
ports = json.load(open("{ports}"))
config = {{"transport": "udp"}} | ({{"username": "probe"}} if "{kind}" == "sip_register" else {{}})
sealed = seal(json.dumps({{"password": "x"}})) if "{kind}" == "sip_register" else ""
probes = [Probe(code=new_code(), component=components[n % len(components)], name=f"p{{n}}", kind="{kind}",
    target=f"sip:127.0.0.1:{{port}}", config=config, sealed=sealed, allows_private=True, interval_seconds={interval},
    announces={announces}, settle_seconds=1, next_due=now) for n, port in enumerate(ports)]
for probe in probes:
    probe.next_due = next_slot(probe.code, timedelta(seconds={interval}), after=now)
Probe.objects.bulk_create(probes)
"""
LATENESS = """
from datetime import timedelta
from incidents.models import Probe, ProbeResult
from collections import defaultdict
seen = defaultdict(list)
for pk, at in ProbeResult.objects.order_by("at").values_list("probe_id", "at"):
    seen[pk].append(at)
gaps = [(b - a).total_seconds() for times in seen.values() for a, b in zip(times, times[1:])]
print(len(seen), sum(map(len, seen.values())), max(gaps, default=0))
"""


def probing(folder: Path, ports: Sequence[int], kind: str, *, some_dead: bool) -> tuple[float, float, int]:
    """Per cent of a core that the workers take, the longest gap between two results of a probe, and the results."""
    with Installation(folder) as home:
        (folder / "ports").write_text(str(list(ports)))
        facts = {"components": COMPONENTS, "ports": folder / "ports", "kind": kind}
        home.shell(SET_UP.format(**facts, interval=SLOT, announces=False))
        home.start("probes", "beat")
        worker = home.processes["probes"].pid
        time.sleep(UNTIL_KNOWN[some_dead])
        spent, began = cpu_seconds(worker), time.monotonic()
        time.sleep(SLOT * SLOTS)
        per_cent = (cpu_seconds(worker) - spent) / (time.monotonic() - began) * 100
        home.stop("beat")
        home.stop("probes")
        _, results, gap = home.shell(LATENESS).split()
        return per_cent, float(gap), int(results)


class Case(NamedTuple):
    """Endpoints of which `silent` are dead, and the most per cent of a core that they may take."""

    what: str
    kind: str
    silent: int
    most: int


CASES = [
    Case("5,000 OPTIONS over UDP in 30 s, all healthy", "sip_options", 0, 10),
    Case("5,000 OPTIONS over UDP in 30 s, 2 % dead", "sip_options", COUNT // 50, 10),
    Case("5,000 OPTIONS over UDP in 30 s, all dead", "sip_options", COUNT, 10),
    Case("5,000 REGISTER with digest over UDP in 30 s", "sip_register", 0, 15),
]


@pytest.fixture(scope="module")
def rows(report: Report) -> Iterator[list[Row]]:
    """What has been found so far; part of the report when it is whole."""
    found: list[Row] = []
    yield found
    if len(found) == len(CASES) + 1:
        report.add("probing", *found)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_probing_thousands_costs_a_small_part_of_a_core(tmp_path: Path, rows: list[Row], case: Case) -> None:
    with endpoints(COUNT, silent=case.silent) as ports:
        per_cent, gap, results = probing(tmp_path, ports, case.kind, some_dead=case.silent > 0)
    assert results >= COUNT * SLOTS
    rows.append(
        Row(
            case.what,
            f"{per_cent:.1f} % of a core",
            f"results of a probe at most {gap:.1f} s apart",
            goal=f"at most {case.most} %",
            reached=per_cent <= case.most,
        )
    )
    print(rows[-1].cells())
    assert per_cent <= case.most


def test_a_dead_server_is_public_soon(tmp_path: Path, rows: list[Row]) -> None:
    rows.append(_until_public(tmp_path))
    print(rows[-1].cells())
    assert rows[-1].reached


def _until_public(folder: Path) -> Row:
    """From the moment that a server stops to its incident on the page, with real processes."""
    took = []
    with Installation(folder) as home:
        for outage in range(OUTAGES):
            with endpoints(1) as ports:
                if not outage:
                    (folder / "ports").write_text(str(list(ports)))
                    facts = {"components": 1, "ports": folder / "ports", "kind": "sip_options"}
                    home.shell(SET_UP.format(**facts, interval=SLOT, announces=True))
                    home.start("web", "worker", "probes", "beat")
                else:
                    home.shell(
                        "from incidents.models import Probe;"
                        f"Probe.objects.update(target='sip:127.0.0.1:{ports[0]}')"
                    )
                eventually(lambda: _is_well(home), within=240, every=0.5, what="a healthy page")
            began = time.monotonic()
            eventually(lambda: _is_told(home), within=SLOT + 60, every=0.1, what="the incident")
            took.append(time.monotonic() - began)
    return Row(
        "from a dead server to its incident on the page, interval 30 s, threshold 3",
        f"median {median(took):.1f} s, worst {max(took):.1f} s of {OUTAGES}",
        goal=f"at most {SLOT + MARGIN} s",
        reached=max(took) <= SLOT + MARGIN,
    )


def _is_well(home: Installation) -> bool:
    return "All Systems Operational" in home.get("/")[1]


def _is_told(home: Installation) -> bool:
    return bool(re.search(r"is not answering", home.get("/")[1]))
