"""A process that posts updates when it is told to, as a web process does behind a click."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from django.db import transaction

from incidents.domain.incidents import IncidentStatus
from incidents.models import Incident
from incidents.operations.actors import DEMO
from incidents.operations.incidents import update_incident
from tests.peers.installation import ROOT, Installation


@dataclass(frozen=True)
class Post:
    """Three instants of the machine's monotonic clock, in seconds: asked for, committed, and the click answered."""

    began: float
    committed: float
    done: float

    @property
    def took(self) -> float:
        """Seconds that the click waited."""
        return self.done - self.began


class Poster:
    """The other process."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def post(self, words: str) -> Post:
        """Have one update posted."""
        assert self._process.stdin and self._process.stdout
        print(words, file=self._process.stdin, flush=True)
        return Post(**json.loads(self._process.stdout.readline()))


@contextmanager
def poster(installation: Installation, code: str) -> Iterator[Poster]:
    """A process in the installation that posts to the incident with this code."""
    with serving(installation, f"from tests.bench import posting\nposting.serve({code!r})") as process:
        yield Poster(process)


@contextmanager
def serving(installation: Installation, code: str) -> "Iterator[subprocess.Popen[str]]":
    """A process in the installation that runs a few lines of Python, which read its input until that is closed."""
    with (installation.directory / "serving.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", code],
            cwd=ROOT,
            env=installation.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    with process:  # leaving it closes its input, which ends it
        yield process


def serve(code: str) -> None:
    """Post each line of the input, and print for each what it took."""
    incident = Incident.objects.get(code=code)
    for line in sys.stdin:
        committed: list[float] = []
        began = time.monotonic()
        with transaction.atomic():
            transaction.on_commit(lambda: committed.append(time.monotonic()))  # noqa: B023  (called before the next)
            update_incident(
                incident, status=IncidentStatus.IDENTIFIED, body=line, by=DEMO, at=datetime.now(UTC)
            )
        print(json.dumps(asdict(Post(began, committed[0], time.monotonic()))), flush=True)
