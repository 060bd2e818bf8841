"""A long fan-out holds one of a worker's two places, and the other is left to publish and to settle."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django import Settings

from incidents import tasks
from incidents.models import Delivery, Page
from incidents.notifying.relay import relay_due
from incidents.notifying.turn import PLACES, my_turn, place
from incidents.operations.deliveries import claim
from incidents.operations.fanout import expand, expandable
from tests.factories import make_incident
from tests.notifying.people import hook_reader
from tests.peers.installation import Installation, eventually
from tests.peers.sink import HookSink, Reply, hook_sink

HOLD = """
import fcntl, sys, time
with open(sys.argv[1], "w") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    print("held", flush=True)
    time.sleep(60)
"""
READERS_OF_TWO_PAGES = """
from datetime import UTC, datetime, timedelta
from incidents.models import Page, Subscriber
from incidents.operations.actors import DEMO
from incidents.operations.credentials import seal
from incidents.operations.incidents import open_incident
from incidents.operations.pages import create_page
now = datetime.now(UTC) - timedelta(minutes=10)
for name in ("SIPcity", "2talk"):
    page = create_page(name=name, zone_name="Australia/Sydney", by=DEMO, at=now)
    Subscriber.objects.create(page=page, channel="webhook", contact_email="o@example.com", state="active", nonce="n",
        address="http://127.0.0.1:{port}/", secret=seal("whsec_QUJDREVGR0g="), created_at=now, confirmed_at=now)
    open_incident(page, title="Calls fail", body="One.", by=DEMO, at=now)
Page.objects.update(published_on=None)
"""
RING = """
from celery import current_app
for name in {names}:
    current_app.send_task(name, expires=60)
"""


def pages_to_publish(home: Installation) -> int:
    with closing(sqlite3.connect(home.directory / "data" / "dialtone.sqlite3")) as rows:
        return int(
            rows.execute("SELECT count(*) FROM incidents_page WHERE published_on IS NULL").fetchone()[0]
        )


@pytest.mark.django_db
def test_a_relay_leaves_at_once_while_others_have_every_place(page: Page, hooks: HookSink) -> None:
    hook_reader(page, hooks.url())
    make_incident(page)
    with ExitStack() as stack:
        places = {stack.enter_context(my_turn()) for _ in range(PLACES)}
        assert len(places - {""}) == PLACES
        tasks.relay_due()
        assert not Delivery.objects.exists()
    tasks.relay_due()
    assert [row.state for row in Delivery.objects.all()] == ["sent"]


@pytest.mark.django_db
def test_the_place_is_kept_while_a_relay_sends(page: Page, hooks: HookSink) -> None:
    free: list[int] = []

    def look(_: object) -> Reply:
        with ExitStack() as stack:
            free.append(sum(bool(stack.enter_context(place(number))) for number in range(PLACES)))
        return Reply()

    hooks.behave = look
    hook_reader(page, hooks.url())
    make_incident(page)
    tasks.relay_due()
    assert free == [PLACES - 1]


@pytest.mark.django_db
def test_what_a_dead_relay_of_the_same_place_had_claimed_is_sent_at_once(page: Page, hooks: HookSink) -> None:
    hook_reader(page, hooks.url())
    make_incident(page)
    with my_turn() as place:
        relay_due(holder=place, budget=0.0)
        (event,) = expandable(datetime.now(UTC))
        expand(event, at=datetime.now(UTC))
        assert claim("webhook", at=datetime.now(UTC), limit=9, holder=place)
    relay_due(holder="another place")
    assert hooks.hooks == []
    tasks.relay_due()
    assert len(hooks.hooks) == 1
    assert [(row.state, row.attempts) for row in Delivery.objects.all()] == [("sent", 2)]


@pytest.mark.django_db
def test_a_killed_relay_gives_its_turn_back(tmp_path: Path, settings: Settings) -> None:
    settings.DATA_DIR = tmp_path
    argv = [sys.executable, "-c", HOLD, str(tmp_path / "relay-0.lock")]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with my_turn() as second, my_turn() as third:
            assert second
            assert not third
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with my_turn() as first, my_turn() as again:
        assert first
        assert again == second


@pytest.mark.slow
def test_a_worker_publishes_while_every_receiver_hangs(tmp_path: Path) -> None:
    over = threading.Event()
    with (
        hook_sink(lambda _: Reply(before=lambda: over.wait(60))) as sink,
        Installation(tmp_path, WEBHOOK_ALLOW_PRIVATE="127.0.0.1") as home,
    ):
        home.shell(READERS_OF_TWO_PAGES.format(port=sink.port))
        home.start("worker")
        home.shell(RING.format(names=["relay_due"] * 4))
        eventually(lambda: sink.hooks, within=30, what="the first hook")
        assert pages_to_publish(home) == 2
        home.shell(RING.format(names=["publish_due"]))
        eventually(lambda: not pages_to_publish(home), within=6, what="the pages, while a relay sends")
        assert len(sink.hooks) == 2
        over.set()
