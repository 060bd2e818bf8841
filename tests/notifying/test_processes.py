"""Real processes over a real database: killed in the middle, and several at once (DESIGN 10, 14)."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.peers.installation import ROOT, Installation, eventually
from tests.peers.postgres import Postgres
from tests.peers.sink import HookSink, Reply, hook_sink

pytestmark = pytest.mark.slow
READERS = 300
MANY = 5_000
SET_UP = """
from datetime import UTC, datetime, timedelta
from incidents.models import Page, Subscriber
from incidents.operations.actors import DEMO
from incidents.operations.credentials import seal
from incidents.operations.pages import create_page
now = datetime.now(UTC) - timedelta(minutes=10)
page = create_page(name="SIPcity", zone_name="Australia/Sydney", by=DEMO, at=now)
sealed = seal("whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=")
Subscriber.objects.bulk_create([Subscriber(page=page, channel="webhook", contact_email="o@example.com",
    address=f"http://127.0.0.1:{port}/{{n}}", state="active", nonce="n", secret=sealed, created_at=now,
    confirmed_at=now) for n in range({readers})], batch_size=1000)
"""
POST = """
from datetime import UTC, datetime, timedelta
from incidents.domain.incidents import IncidentStatus as S
from incidents.models import Page
from incidents.operations.actors import DEMO
from incidents.operations.incidents import open_incident, resolve_incident, update_incident
now = datetime.now(UTC) - timedelta(minutes=5)
incident = open_incident(Page.objects.get(), title="Calls fail", body="One.", by=DEMO, at=now)
update_incident(incident, status=S.IDENTIFIED, body="Two.", by=DEMO, at=now + timedelta(minutes=1))
resolve_incident(incident, body="Three.", by=DEMO, at=now + timedelta(minutes=2))
"""
AFTER_THE_LEASE = """
from datetime import UTC, datetime, timedelta
from incidents.notifying.relay import relay_due
print(relay_due(at=datetime.now(UTC) + timedelta(minutes=10)))
"""
ROWS = "from incidents.models import Delivery; print(Delivery.objects.count())"
STATES = """
from collections import Counter
from incidents.models import Delivery
print(*sorted(Counter(Delivery.objects.values_list("state", flat=True)).items()))
"""
ORDER = ["investigating", "identified", "resolved"]


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    with ExitStack() as stack:
        settings = {"WEBHOOK_ALLOW_PRIVATE": "127.0.0.1"}
        if request.param == "postgresql":
            settings["DATABASE_URL"] = stack.enter_context(Postgres()).url
        yield stack.enter_context(Installation(tmp_path, **settings))


def relay(home: Installation) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "relay_once"],
        cwd=ROOT,
        env=home.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def heard(sink: HookSink) -> dict[str, list[tuple[str, str]]]:
    """For each receiver the statuses and ids in the order in which they came."""
    found: dict[str, list[tuple[str, str]]] = {}
    for hook in list(sink.hooks):
        found.setdefault(hook.path, []).append((hook.json["incident"]["status"], hook.headers["webhook-id"]))
    return found


def test_a_relay_killed_while_it_sends_loses_nothing_and_repeats_only_what_was_in_flight(
    home: Installation,
) -> None:
    with hook_sink(lambda _: Reply(before=lambda: time.sleep(0.05))) as sink:
        home.shell(SET_UP.format(port=sink.port, readers=READERS))
        home.shell(POST)
        process = relay(home)
        eventually(lambda: len(sink.hooks) > READERS + 50, within=60, every=0.01, what="the first hooks")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        time.sleep(0.3)
        assert len(sink.hooks) < 3 * READERS
        home.shell(AFTER_THE_LEASE)
        told = heard(sink)
        assert len(told) == READERS
        repeated = 0
        for path, pairs in told.items():
            first = list(dict.fromkeys(pairs))
            assert [status for status, _ in first] == ORDER, path
            repeated += len(pairs) - len(first)
        assert repeated <= READERS
        assert home.shell(STATES) == f"('sent', {3 * READERS})\n"


def test_several_relays_at_once_tell_everybody_once_and_in_order(home: Installation) -> None:
    with hook_sink() as sink:
        home.shell(SET_UP.format(port=sink.port, readers=READERS))
        home.shell(POST)
        processes = [relay(home) for _ in range(4)]
        for process in processes:
            assert process.wait(timeout=120) == 0
        home.manage("relay_once")
        told = heard(sink)
        assert len(told) == READERS
        assert {tuple(status for status, _ in pairs) for pairs in told.values()} == {tuple(ORDER)}
        assert home.shell(STATES) == f"('sent', {3 * READERS})\n"


def test_an_expansion_killed_in_the_middle_goes_on_where_it_was(home: Installation) -> None:
    with hook_sink(lambda _: Reply(before=lambda: time.sleep(0.2))) as sink:
        home.shell(SET_UP.format(port=sink.port, readers=MANY))
        home.shell(POST)
        process = relay(home)
        eventually(lambda: sink.hooks, within=60, every=0.002, what="the first hook")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        written = int(home.shell(ROWS))
        assert 0 < written < 3 * MANY
        home.shell(
            "from datetime import UTC, datetime\n"
            "from incidents.operations.fanout import expand, expandable\n"
            "now = datetime.now(UTC)\n"
            "while events := list(expandable(now)):\n"
            "    [expand(event, at=now) for event in events]\n"
        )
        assert int(home.shell(ROWS)) == 3 * MANY
        counted = Counter(
            home.shell(
                "from django.db.models import Count\nfrom incidents.models import Delivery\n"
                "print(*Delivery.objects.values_list('event').annotate(n=Count('subscriber', distinct=True))"
                ".values_list('n', flat=True), sep='\\n')"
            ).split()
        )
        assert counted == {str(MANY): 3}
