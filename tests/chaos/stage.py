"""The stage: one installation with its processes, two receivers that remember, and rows read past all of it."""

import os
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from incidents.operations.deliveries import LEASE
from tests.peers.fast_sinks import FastSink, Taken, fast_sink
from tests.peers.installation import Installation, eventually
from tests.peers.postgres import Postgres
from tests.peers.redis import Redis

PROCESSES = ("worker", "beat", "web")
AGAIN_AFTER = 1.0
"""Seconds before a supervisor has started a killed process again."""
SET_UP = """
import secrets
from datetime import UTC, datetime, timedelta
from incidents.models import Subscriber
from incidents.operations.actors import DEMO
from incidents.operations.credentials import seal
from incidents.operations.pages import create_page
now = datetime.now(UTC) - timedelta(minutes=10)
page = create_page(name="SIPcity", zone_name="Australia/Sydney", by=DEMO, at=now)
sealed = seal("whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=")
def row(channel, address):
    return Subscriber(page=page, channel=channel, address=address, state="active", nonce=secrets.token_hex(16),
        contact_email="" if channel == "email" else "o@example.com", secret="" if channel == "email" else sealed,
        created_at=now, confirmed_at=now)
hooks = "http://127.0.0.1:{port}"
rows = [row("webhook", f"{{hooks}}/{{n}}") for n in range({hooks})]
rows += [row("webhook", f"{{hooks}}/hang/{{n}}") for n in range({hang})]
rows += [row("email", f"r{{n}}@example.com") for n in range({mails})]
__import__("random").Random(7).shuffle(rows)
Subscriber.objects.bulk_create(rows, batch_size=1000)
"""
POST = """
import time
from datetime import UTC, datetime
from incidents.domain.incidents import IncidentStatus as S
from incidents.models import Incident, IncidentUpdate, Page
from incidents.operations.actors import DEMO
from incidents.operations.incidents import open_incident, update_incident
number, at = {number}, datetime.now(UTC)
if not IncidentUpdate.objects.filter(body=f"Update {{number}}.").exists():
    if number == 1:
        open_incident(Page.objects.get(), title="Calls fail", body="Update 1.", by=DEMO, at=at)
    else:
        update_incident(Incident.objects.get(), status=S.IDENTIFIED, body=f"Update {{number}}.", by=DEMO, at=at)
print(time.monotonic())
"""
IN_FLIGHT = """
SELECT count(*) FROM incidents_delivery WHERE state IN ('due', 'failed') AND leased_until > {claimed}
"""
"""Claimed since the worker was last killed: what was claimed before is nobody's any more."""
UNFINISHED = """
SELECT count(*) FROM incidents_delivery d JOIN incidents_subscriber s ON s.id = d.subscriber_id
WHERE d.state IN ('due', 'failed') AND s.address NOT LIKE '%/hang/%'
"""
UNTOLD = "SELECT count(*) FROM incidents_event WHERE notifies AND expanded_at IS NULL"


class Stage:
    """All that takes part."""

    def __init__(
        self,
        home: Installation,
        hooks: FastSink,
        mail: FastSink,
        postgres: Postgres | None = None,
        redis: Redis | None = None,
    ) -> None:
        self.home, self.hooks, self.mail = home, hooks, mail
        self.postgres, self.redis = postgres, redis
        self.chance = random.Random(20211009)
        self.worker_began = datetime.now(UTC)

    def post(self, number: int) -> float:
        """Publish an update, at whatever time the database lets us; when it was committed, on the monotonic clock."""
        return float(self.home.shell(POST.format(number=number)))

    def ask(self, question: str) -> int:
        """One number from the database, past the product."""
        question = question.format(claimed=f"'{self.worker_began + LEASE:%Y-%m-%d %H:%M:%S.%f}'")
        if self.postgres:
            with psycopg.connect(f"{self.postgres.url}?options=-c%20timezone%3DUTC") as rows:
                found = rows.execute(question.encode()).fetchone()
        else:
            with closing(
                sqlite3.connect(self.home.directory / "data" / "dialtone.sqlite3", timeout=30)
            ) as file:
                found = file.execute(question).fetchone()
        assert found
        return int(found[0])

    def kill(self, name: str) -> None:
        """Kill -9 a process with all of its children, and have it started again."""
        self.home.stop(name, how=signal.SIGKILL)
        time.sleep(AGAIN_AFTER)
        if name == "worker":
            self.worker_began = datetime.now(UTC)
        self.home.start(name)

    def kill_child(self) -> None:
        """Kill -9 one of the worker's pool; Celery starts another."""
        worker = self.home.processes["worker"].pid
        found = Path(f"/proc/{worker}/task/{worker}/children")
        children = eventually(lambda: found.read_text().split(), within=30, what="a pool")
        os.kill(int(self.chance.choice(children)), signal.SIGKILL)

    def taken(self) -> list[Taken]:
        """Everything that arrived at either receiver, in order."""
        found = [*self.hooks.taken(self.home.directory), *self.mail.taken(self.home.directory)]
        return sorted(found, key=lambda each: each.at)

    def wait(self, *, within: float) -> None:
        """Until nobody healthy is owed anything."""
        eventually(
            lambda: not self.ask(UNTOLD) and not self.ask(UNFINISHED),
            within=within,
            every=0.5,
            what=f"the end of the telling; {self.home.log('worker')}",
        )


@contextmanager
def staged(
    folder: Path, stack_name: str, *, hooks: int, mails: int, hang: int, delay: float = 0.0
) -> Iterator[Stage]:
    """A stage with so many subscribers of each sort, on one of the two stacks; its processes run."""
    with ExitStack() as stack:
        hook_sink = stack.enter_context(fast_sink("hooks", delay=delay))
        mail_sink = stack.enter_context(fast_sink("mail", delay=delay / 10))
        settings = {
            "WEBHOOK_ALLOW_PRIVATE": "127.0.0.0/8",
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_sink.port}",
        }
        postgres = redis = None
        if stack_name != "embedded":
            postgres, redis = stack.enter_context(Postgres()), stack.enter_context(Redis(folder))
            settings |= {"DATABASE_URL": postgres.url, "CELERY_BROKER_URL": redis.url}
        home = stack.enter_context(Installation(folder, **settings))
        home.shell(SET_UP.format(port=hook_sink.port, hooks=hooks, mails=mails, hang=hang))
        home.start(*PROCESSES)
        yield Stage(home, hook_sink, mail_sink, postgres, redis)
