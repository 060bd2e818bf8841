"""With PostgreSQL dead, requests that wait for it hold only some of the server's threads: readers do not wait."""

import time
from collections import Counter
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.peers.installation import Installation
from tests.peers.postgres import Postgres

pytestmark = pytest.mark.slow

STRANGERS = 12
READS = 100
PATIENCE = 2.0
"""Seconds that one read may take on a busy machine; a request that waits for the database takes five."""


def test_a_reader_does_not_wait_behind_those_who_wait_for_a_dead_database(tmp_path: Path) -> None:
    with Postgres() as postgres, Installation(tmp_path, DATABASE_URL=postgres.url) as home:
        home.shell("from tests import factories; factories.make_page('SIPcity')")
        home.manage("publish", "--all")
        home.start("web")
        assert home.get("/subscriptions/")[0] == 200
        postgres.kill()
        over, answers = Event(), Counter[int]()

        def knock() -> None:
            while not over.is_set():
                answers[home.get("/subscriptions/")[0]] += 1
                time.sleep(0.05)

        strangers = [Thread(target=knock) for _ in range(STRANGERS)]
        for each in strangers:
            each.start()
        time.sleep(1)
        took = []
        for _ in range(READS):
            began = time.monotonic()
            assert home.get("/")[0] == 200
            took.append(time.monotonic() - began)
        over.set()
        for each in strangers:
            each.join()
        assert max(took) < PATIENCE
        assert set(answers) == {503}
