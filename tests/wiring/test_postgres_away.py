"""PostgreSQL goes away and comes back: doors close politely meanwhile, and the first requests after it all work."""

import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from email.message import Message
from pathlib import Path

import psycopg
import pytest

from tests.peers.desk import Desk, desk
from tests.peers.installation import Installation, eventually
from tests.peers.pgbouncer import PgBouncer
from tests.peers.postgres import Postgres

pytestmark = pytest.mark.slow
AT_ONCE = 3
"""Requests of scripts that one network may have in Django at a time."""
UNTOLD = "SELECT count(*) FROM incidents_event WHERE notifies AND expanded_at IS NULL"
WORK = """
import time
from incidents.monitoring.batches import probe_due
ends = time.monotonic() + 6
while time.monotonic() < ends:
    probe_due()
    time.sleep(0.02)
"""
PROBES = """
from datetime import UTC, datetime
from incidents.models import Component
from incidents.operations.actors import DEMO
from incidents.operations.probes import create_probe
for number in range(30):
    create_probe(Component.objects.get(), name=str(number), kind="heartbeat", target="jobs.example", config={},
        interval_seconds=2, announces=False, by=DEMO, at=datetime.now(UTC))
"""
DOUBLES = """
SELECT count(*) FROM (SELECT at - lag(at) OVER (PARTITION BY probe_id ORDER BY at) AS gap FROM incidents_proberesult) g
WHERE gap < interval '0.2 seconds'
"""


def many(office: Desk) -> set[int]:
    """The statuses of a crowd of requests, so many at a time as are let in."""
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        return set(crowd.map(lambda _: office.ask("GET", f"pages/{office.page}")[0], range(8 * AT_ONCE)))


def refused(url: str, *, data: bytes | None = None, **headers: str) -> tuple[int, str, Message]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, data=data, headers=named), timeout=30
        ) as reply:
            raise AssertionError(f"{url} answered {reply.status}")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers


def test_every_first_request_after_a_restart_of_postgresql_works(tmp_path: Path) -> None:
    with (
        Postgres() as postgres,
        Installation(tmp_path, DATABASE_URL=postgres.url, STAFF_MFA="required") as home,
    ):
        office = desk(home, staff=2)
        home.start("web", "worker", "beat")
        office.use(0)
        assert many(office) == {200}
        for _ in range(2):
            postgres.kill()
            doors_close_politely(office)
            postgres.start()
            assert many(office) == {200}, home.log("web")
        office.use(1)
        eventually(lambda: ask(postgres, UNTOLD) == 0, within=60, every=0.5, what=home.log("worker"))
        eventually(
            lambda: 'publisher": "ok' in home.get("/readyz")[1],
            within=60,
            every=0.5,
            what=home.get("/readyz")[1],
        )


def doors_close_politely(office: Desk) -> None:
    url = office.home.url
    for path, data in ((f"pages/{office.page}/incidents", None), (f"pages/{office.page}/incidents", b"{}")):
        key = {"Authorization": f"OAuth {office.key}", "Content_Type": "application/json"}
        status, body, headers = refused(f"{url}/v1/{path}", data=data, **key)
        assert (status, headers["Content-Type"]) == (503, "application/json"), body
        assert "database cannot be reached" in body
        assert int(headers["Retry-After"]) > 0
    files = {"Authorization": f"OAuth {office.key}", "Content_Type": "multipart/form-data; boundary=x"}
    path = f"pages/{office.page}/rfos/abcdefghijkl/attachments"
    status, body, headers = refused(f"{url}/v1/{path}", data=b"-" * 2_000_000, **files)
    assert (status, headers["Content-Type"]) == (503, "application/json"), body
    for path in ("/accounts/login/", "/subscriptions/", "/admin/login/"):
        status, body, headers = refused(url + path, Cookie="sessionid=abcdefghijklmnopqrstuvwxyz012345")
        assert (status, int(headers["Retry-After"]) > 0) == (503, True), path
        assert "Not at the moment" in body
    assert refused(f"{url}/readyz")[0] == 503
    assert office.home.get("/")[0] == 200


def ask(postgres: Postgres, question: str) -> int:
    with psycopg.connect(postgres.url) as rows:
        found = rows.execute(question.encode()).fetchone()
    assert found
    return int(found[0])


def test_everything_works_over_pgbouncer_in_transaction_mode(tmp_path: Path) -> None:
    with ExitStack() as stack:
        postgres = stack.enter_context(Postgres())
        pooler = stack.enter_context(PgBouncer(postgres))
        home = Installation(
            tmp_path, DATABASE_URL=pooler.url, DATABASE_POOLER="transaction", STAFF_MFA="required"
        )
        stack.push(home)
        home.manage("migrate", "--verbosity", "0")
        office = desk(home, staff=1)
        home.start("web", "worker", "beat")
        office.use(0)
        assert many(office) == {200}
        eventually(lambda: ask(postgres, UNTOLD) == 0, within=60, every=0.5, what=home.log("worker"))
        home.shell(PROBES)
        with ThreadPoolExecutor(2) as hands:
            list(hands.map(home.shell, [WORK, WORK]))
        assert ask(postgres, "SELECT count(*) FROM incidents_proberesult") >= 30
        assert ask(postgres, DOUBLES) == 0
        assert "intact" in home.manage("verify_audit")
        home.manage("relay_once")
        for name in ("web", "worker"):
            assert "prepared statement" not in home.log(name)
            assert "cursor" not in home.log(name)
