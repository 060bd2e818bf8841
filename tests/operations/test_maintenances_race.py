"""The clock through real databases: two sweeps at once say each step once, and a killed one leaves nothing behind."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.peers.installation import Installation, eventually
from tests.peers.postgres import Postgres

pytestmark = pytest.mark.slow
PLAN = """
from datetime import UTC, datetime, timedelta
from tests.factories import make_component, make_maintenance, make_page
now = datetime.now(UTC)
for _ in range(4):
    page = make_page()
    network = make_component(page, "Network")
    make_maintenance(page, components=[network], begins=now - timedelta(hours=2), ends=now + SPAN, at=now)
"""
PASSED = "from datetime import timedelta\nSPAN = timedelta(seconds=1)\n" + PLAN
SHORT = "from datetime import timedelta\nSPAN = timedelta(seconds=20)\n" + PLAN
SWEEP = """
from datetime import UTC, datetime, timedelta
from incidents.operations.maintenances import advance_due
later = datetime.now(UTC) + timedelta(hours=1)
"""
TOGETHER = f"""{SWEEP}
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from django.db import connection
together = Barrier(4)
def sweep(number):
    try:
        together.wait(20)
        return advance_due(at=later)
    finally:
        connection.close()
with ThreadPoolExecutor(4) as pool:
    print(sum(pool.map(sweep, range(4))))
"""
KILLED = f"""{SWEEP}
import os
from django.db import transaction
with transaction.atomic():
    assert advance_due(at=later) == 8
    os._exit(0)
"""
SAID = """
from incidents.models import Component, Event, IncidentUpdate, StatusChange
print(*(
    [IncidentUpdate.objects.filter(status=each).count() for each in ("scheduled", "in_progress", "completed")]
    + [Event.objects.filter(kind__startswith="maintenance", notifies=True).count(), StatusChange.objects.count()]
    + sorted(set(Component.objects.values_list("status", flat=True)))
))
"""
UNTOUCHED = ["4", "0", "0", "4", "4", "operational"]
OVER = ["4", "4", "4", "12", "12", "operational"]


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    with ExitStack() as stack:
        settings: dict[str, str] = {}
        if request.param == "postgresql":
            settings["DATABASE_URL"] = stack.enter_context(Postgres()).url
        yield stack.enter_context(Installation(tmp_path, **settings))


def said(home: Installation) -> list[str]:
    return home.shell(SAID).split()


def test_sweeps_at_once_say_each_step_once(home: Installation) -> None:
    home.shell(PASSED)
    assert home.shell(TOGETHER).split() == ["8"]
    assert said(home) == OVER


def test_a_sweep_that_is_killed_in_between_leaves_nothing_and_the_next_one_does_it(
    home: Installation,
) -> None:
    home.shell(PASSED)
    home.shell(KILLED)
    assert said(home) == UNTOUCHED
    assert home.shell(f"{SWEEP}\nprint(advance_due(at=later))").split() == ["8"]
    assert said(home) == OVER


@pytest.mark.parametrize("home", ["sqlite"], indirect=True)
def test_beat_and_a_worker_begin_and_complete_it_without_anybody(home: Installation) -> None:
    home.start("worker", "beat")
    home.shell(SHORT)
    eventually(lambda: said(home)[1] == "4", within=40, every=1, what=f"the beginning; {home.log('worker')}")
    eventually(lambda: said(home) == OVER, within=60, every=1, what=f"the end; {home.log('worker')}")
