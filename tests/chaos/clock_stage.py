"""An installation whose wall clock is set, and how long each engine takes until it works again."""

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path

from tests.peers.fast_sinks import FastSink, fast_sink
from tests.peers.installation import Installation
from tests.peers.programs import free_port
from tests.peers.stepped_clock import SteppedClock

ENGINES = ("web", "worker", "probes", "beat")
SET_UP = """
from datetime import UTC, datetime, timedelta
from incidents.models import ProbeResult, Subscriber
from incidents.operations.actors import DEMO
from incidents.operations.components import create_component
from incidents.operations.maintenances import schedule_maintenance
from incidents.operations.pages import create_page
from incidents.operations.probes import create_probe
now = datetime.now(UTC)
page = create_page(name="SIPcity", zone_name="Australia/Sydney", by=DEMO, at=now)
network = create_component(page, name="Network", by=DEMO, at=now)
probe = create_probe(network, name="TCP", kind="tcp_connect", target="127.0.0.1:{hooks}", config={{}},
    interval_seconds=1, settle_seconds=2, by=DEMO, at=now)
ProbeResult.objects.create(probe=probe, at=now - timedelta(days=13), outcome="ok", health="ok")
schedule_maintenance(page, title="Far ahead", body="Work.", scheduled_for=now + timedelta(days=200),
    scheduled_until=now + timedelta(days=200, hours=1), remind_hours=24, by=DEMO, at=now)
"""
ARM = """
import secrets
from datetime import UTC, datetime, timedelta
from incidents.domain.components import ComponentStatus as C
from incidents.models import AutomaticHold, Component, Page, Probe, Subscriber
from incidents.operations import holds
from incidents.operations.actors import DEMO
from incidents.operations.credentials import seal
from incidents.operations.incidents import open_incident
from incidents.operations.maintenances import schedule_maintenance
now, number = datetime.now(UTC), {number}
page = Page.objects.get()
for name, address in (("good", "http://127.0.0.1:{hooks}/good"), ("bad", "http://127.0.0.1:{closed}/bad")):
    Subscriber.objects.create(page=page, channel="webhook", address=f"{{address}}/{{number}}", state="active",
        nonce=secrets.token_hex(16), secret=seal("whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="),
        created_at=now, confirmed_at=now)
open_incident(page, title=f"Post {{number}}", body="Calls fail.", by=DEMO, at=now)
soon = now + timedelta(seconds=2)
schedule_maintenance(page, title=f"Begins {{number}}", body="Work.", scheduled_for=soon,
    scheduled_until=soon + timedelta(days=300), by=DEMO, at=now)
later = soon + timedelta(hours=1)
schedule_maintenance(page, title=f"Reminds {{number}}", body="Work.", scheduled_for=later,
    scheduled_until=later + timedelta(days=300), remind_hours=1, starts_itself=False, by=DEMO, at=now)
network = Component.objects.get(name="Network")
holds.open_automatic(page, title=f"Automatic {{number}}", body="Down.", components={{network: C.MAJOR_OUTAGE}}, at=now)
holds.recover(AutomaticHold.objects.get(component=network, released_at=None), body="Up.", at=now)
"""
UNTIMED = ("probes", "publisher", "relay", "retries")
TIMED = ("maintenance", "reminders", "auto-resolve")
INTERVALS = dict.fromkeys((*UNTIMED, *TIMED, "alerts", "trust"), 5.0) | {
    "probes": 1.0,
    "auto-resolve": 7.0,
    "retries": 36.0,
}
"""Seconds after which each would act next, had nobody touched the clock; of a retry its own wait."""


class ClockStage:
    """The installation, its clock and what is asked of both."""

    def __init__(self, home: Installation, clock: SteppedClock, hooks: FastSink) -> None:
        self.home, self.clock, self.hooks = home, clock, hooks
        self.rows = sqlite3.connect(home.directory / "data" / "dialtone.sqlite3", timeout=30)
        self.shift, self.number, self.closed = timedelta(), 0, free_port()

    def close(self) -> None:
        """Let go of the database."""
        self.rows.close()

    def step(self, by: timedelta) -> None:
        """Set the clock of every process."""
        self.shift += by
        self.clock.set(self.shift)

    def arm(self) -> None:
        """Post, plan and open something for every engine, as of what the clock shows now."""
        self.number += 1
        self.home.shell(ARM.format(number=self.number, hooks=self.hooks.port, closed=self.closed))

    def ask(self, question: str) -> int:
        """One number from the database, past the product."""
        return int(self.ask_text(question) or 0)

    def signal(self, number: int) -> None:
        """To every process of the installation."""
        for process in self.home.processes.values():
            os.killpg(process.pid, number)

    def looks(self, names: Iterable[str]) -> Mapping[str, Callable[[], bool]]:
        """Whether each engine has worked since this call; of what was armed last."""
        results = self.ask("SELECT max(id) FROM incidents_proberesult")
        published = self._pulse("publisher")
        tries = self.ask("SELECT count(*) FROM incidents_attempt")
        armed = self.number
        looks = {
            "probes": lambda: self.ask("SELECT max(id) FROM incidents_proberesult") > results,
            "publisher": lambda: self._pulse("publisher") != published,
            "relay": lambda: self._is_told(armed),
            "retries": lambda: self.ask("SELECT count(*) FROM incidents_attempt") > tries,
            "maintenance": lambda: self._has(f"Begins {armed}", "status = 'in_progress'"),
            "reminders": lambda: self._has(
                f"Reminds {armed}",
                "id IN (SELECT incident_id FROM incidents_maintenance WHERE reminded_at IS NOT NULL)",
            ),
            "auto-resolve": lambda: self._has(f"Automatic {armed}", "status = 'resolved'"),
            "trust": lambda: (
                not self.ask("SELECT count(*) FROM incidents_systemclock WHERE doubted_at IS NOT NULL")
            ),
            "alerts": lambda: bool(
                self.ask(
                    "SELECT count(*) FROM incidents_alert WHERE cause = 'clock_set' AND ended_at IS NULL"
                )
            ),
        }
        return {name: looks[name] for name in names}

    def _pulse(self, role: str) -> int:
        return hash(self.ask_text(f"SELECT at FROM incidents_pulse WHERE role = '{role}'"))

    def ask_text(self, question: str) -> str:
        """One value as text."""
        return str((self.rows.execute(question).fetchone() or ("",))[0])

    def _has(self, title: str, what: str) -> bool:
        return bool(self.ask(f"SELECT count(*) FROM incidents_incident WHERE title = '{title}' AND {what}"))

    def _is_told(self, number: int) -> bool:
        return bool(
            self.ask(
                "SELECT count(*) FROM incidents_delivery d JOIN incidents_event e ON e.id = d.event_id "
                "JOIN incidents_incident i ON i.id = e.incident_id "
                "JOIN incidents_subscriber s ON s.id = d.subscriber_id "
                f"WHERE i.title = 'Post {number}' AND s.address LIKE '%/good/{number}' AND d.state = 'sent'"
            )
        )


def until_all(
    looks: Mapping[str, Callable[[], bool]], *, within: float, since: float = 0.0
) -> dict[str, float]:
    """Seconds from `since` (monotonic; else from now) until each look was true; without those not in time."""
    began, found = since or time.monotonic(), dict[str, float]()
    ends = time.monotonic() + within
    while len(found) < len(looks) and time.monotonic() < ends:
        for name, look in looks.items():
            if name not in found and look():
                found[name] = time.monotonic() - began
        time.sleep(0.2)
    return found


@contextmanager
def clock_stage(folder: Path) -> Iterator[ClockStage]:
    """All engines under a clock that is right until it is set."""
    clock = SteppedClock(folder / "clock")
    with ExitStack() as stack:
        hooks = stack.enter_context(fast_sink("hooks"))
        settings = {"WEBHOOK_ALLOW_PRIVATE": "127.0.0.0/8", "PROBE_ALLOW_PRIVATE": "127.0.0.0/8"}
        home = stack.enter_context(Installation(folder, **settings, **clock.environment))
        home.shell(SET_UP.format(hooks=hooks.port))
        home.start(*ENGINES)
        stage = stack.enter_context(closing(ClockStage(home, clock, hooks)))
        stack.callback(stage.signal, signal.SIGCONT)
        yield stage
