"""One update told to a crowd, and what it took: rows of SQLite and arrivals brought onto one clock."""

import io
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.management import call_command

from tests.bench.cores import cpu_seconds
from tests.bench.posting import Poster, serving
from tests.peers.fast_sinks import FastSink, Taken
from tests.peers.installation import Installation, eventually

ROUNDS = 5
"""Of ours and of the bare sender, in turn."""
_EXPANDED = """
SELECT min(created_at) FROM incidents_delivery WHERE event_id = (SELECT max(event_id) FROM incidents_delivery)
"""
_UNSENT = "SELECT count(*) FROM incidents_delivery WHERE state <> 'sent'"


@dataclass(frozen=True)
class Told:
    """Instants of the machine's monotonic clock, what came, in order, and the CPU seconds that it cost.

    `began` is when a relay first wrote delivery rows of the update: it has found the event, and neither Python's start
    nor the bell before it counts.
    """

    committed: float
    began: float
    taken: Sequence[Taken]
    cpu: float

    @property
    def working(self) -> float:
        """Seconds from the relay's beginning to the last arrival."""
        return self.taken[-1].at - self.began

    @property
    def arriving(self) -> float:
        """Seconds from the first arrival to the last."""
        return self.taken[-1].at - self.taken[0].at

    @property
    def waiting(self) -> float:
        """Seconds from the commit to the last arrival."""
        return self.taken[-1].at - self.committed


@dataclass(frozen=True)
class Teller:
    """The process that tells, with what it has started; `run` has it do so, where no bell does."""

    pid: int
    run: Callable[[], object] = bool


def worker(home: Installation) -> Teller:
    """The installation's worker, started here: two relays, when there is work for two."""
    home.start("worker")
    return Teller(home.processes["worker"].pid)


@contextmanager
def one_relay(home: Installation) -> Iterator[Teller]:
    """A process that runs `manage.py relay_once` whenever it is asked, so that Python starts only once."""
    with serving(home, "from tests.bench import telling\ntelling.serve()") as process:
        assert process.stdin and process.stdout
        ask, answer = process.stdin, process.stdout

        def run() -> None:
            print("now", file=ask, flush=True)
            assert answer.readline()

        yield Teller(process.pid, run)


def serve() -> None:
    """Relay once for each line of the input."""
    for _ in sys.stdin:
        said = io.StringIO()
        call_command("relay_once", stdout=said)
        print(said.getvalue().strip(), flush=True)


def tell(home: Installation, each: Poster, teller: Teller, sink: FastSink, words: str, *, count: int) -> Told:
    """Post, and wait until `count` have arrived and are written down as sent: each whole, once, and with the words."""
    sink.forget()
    spent, committed = cpu_seconds(teller.pid), each.post(words).committed
    teller.run()
    eventually(
        lambda: sink.count() >= count and _value(home, _UNSENT) == 0, within=60, what=f"{count} messages"
    )
    spent = cpu_seconds(teller.pid) - spent
    taken = sink.taken(home.directory)
    assert (
        len({message.id for message in taken})
        == len({message.to for message in taken})
        == len(taken)
        == count
    )
    assert all(words.encode() in message.body for message in taken)
    assert not sink.broken()
    return Told(committed, _monotonic(_value(home, _EXPANDED)), taken, spent)


def _value(home: Installation, query: str) -> Any:
    with closing(sqlite3.connect(home.directory / "data" / "dialtone.sqlite3", timeout=30)) as rows:
        return rows.execute(query).fetchone()[0]


def _monotonic(instant: str) -> float:
    """What the monotonic clock showed at an instant that Django has written into SQLite."""
    ago = time.time() - datetime.fromisoformat(instant).replace(tzinfo=UTC).timestamp()
    return time.monotonic() - ago
