"""Redis as broker and as cache may die, hang and come back: staff sign in, post and read, and scripts go on."""

import os
import signal
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from time import monotonic

import pytest

from tests.peers.desk import desk
from tests.peers.installation import Installation, eventually
from tests.peers.redis import Redis

pytestmark = pytest.mark.slow


def test_staff_and_scripts_work_whatever_redis_does(tmp_path: Path) -> None:
    with Redis(tmp_path) as redis:
        settings = {
            "CELERY_BROKER_URL": redis.url,
            "CACHE_URL": f"{redis.url[:-1]}1",
            "STAFF_MFA": "required",
        }
        with Installation(tmp_path, **settings) as home:
            office = desk(home, staff=5)
            home.start("web")
            office.use(0)
            began = monotonic()
            redis.freeze()
            office.use(1)
            redis.thaw()
            redis.kill()
            office.use(2)
            said = whole_log(home).count("Redis does not answer as cache")
            assert 1 <= said <= 1 + (monotonic() - began) / 60, "once a minute"
            redis.start()
            eventually(
                lambda: office.ask("GET", "pages")[0] == 200 and back(home), within=60, what="the cache"
            )
            office.use(3)
            home.stop("web")
            redis.kill()
            home.start("web")  # and a process that has never seen it
            office.use(4)


def back(home: Installation) -> bool:
    return "Redis answers again as cache" in whole_log(home)


def whole_log(home: Installation) -> str:
    return (home.directory / "web.log").read_text(errors="replace")


def test_the_sweep_finds_what_was_posted_while_the_broker_was_away(tmp_path: Path) -> None:
    with Redis(tmp_path) as redis:
        settings = {"CELERY_BROKER_URL": redis.url, "STAFF_MFA": "required"}
        with Installation(tmp_path, **settings) as home:
            office = desk(home, staff=2)
            home.start("web", "worker", "beat")
            eventually(lambda: expanded(home), within=120, every=1, what=home.log("worker"))
            redis.freeze()
            office.use(0)
            redis.thaw()
            eventually(lambda: expanded(home), within=120, every=1, what="the posts of the frozen broker")
            redis.kill()
            office.use(1)
            redis.start()
            eventually(lambda: expanded(home), within=120, every=1, what="the posts of the dead broker")


def expanded(home: Installation) -> bool:
    """Whether a worker has fanned out every post. What has ended is started again, as a supervisor does.

    A worker of Celery 5.7 that has an unacknowledged task when Redis dies ends of an AttributeError in kombu.
    """
    for name in ("worker", "beat"):
        if home.processes[name].poll() is not None:
            ended = home.processes.pop(name)
            with suppress(ProcessLookupError):
                os.killpg(ended.pid, signal.SIGKILL)
            home.start(name)
    with closing(sqlite3.connect(home.directory / "data" / "dialtone.sqlite3", timeout=30)) as rows:
        question = "SELECT count(*) FROM incidents_event WHERE notifies AND expanded_at IS NULL"
        return bool(rows.execute(question).fetchone()[0] == 0)
