"""How dev.py keeps the processes of an installation alive, and leaves none behind; standard library only."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, Popen
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
GRACE = 3.0  # seconds that a process gets between SIGTERM and SIGKILL; an idle Celery worker takes 7 to end
PAUSES = (0.3, 1.0, 2.0, 4.0)  # seconds before a dead child's next start, by deaths in a row
WRONG_SETTING = 78  # EX_CONFIG: starting it again would change nothing
UNTIL_WE_DIE = [found, "--pdeathsig", "TERM"] if (found := shutil.which("setpriv")) else []
"""Put before a command, Linux ends it when dev.py is killed outright and cannot do it itself."""


def say(text: str) -> None:
    """Print a line whole, whichever thread it comes from."""
    print(f"{text}\n", end="", flush=True)


class Child:
    """One supervised process, in a group of its own so that nothing it started outlives it."""

    def __init__(self, name: str, *argv: str) -> None:
        self.name, self.argv = name, argv
        self.process: Popen[bytes] | None = None
        self.born, self.due, self.deaths = 0.0, 0.0, 0

    def start(self, env: Mapping[str, str]) -> None:
        argv, self.born = [*UNTIL_WE_DIE, *self.argv], time.monotonic()
        self.process = Popen(
            argv, cwd=ROOT, env=env, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, start_new_session=True
        )
        threading.Thread(target=self.relay, args=(self.process.stdout,), daemon=True).start()

    def relay(self, words: IO[bytes]) -> None:
        for line in words:
            say(f"{self.name:>9} | {line.decode(errors='replace').rstrip()}")

    def signal_group(self, number: int) -> bool:
        """Signal all that is left of it (0 only looks); False when nothing is."""
        with contextlib.suppress(ProcessLookupError):
            if self.process:
                self.process.poll()
                os.killpg(self.process.pid, number)
                return True
        return False

    def tend(self, env: Mapping[str, str]) -> None:
        """Start it when it is due; clear up after it and say why when it died."""
        if not self.process:
            if time.monotonic() >= self.due:
                self.start(env)
        elif (status := self.process.poll()) is not None:
            self.signal_group(signal.SIGKILL)
            self.deaths = self.deaths + 1 if time.monotonic() - self.born < 4 * PAUSES[-1] else 1
            pause = PAUSES[min(self.deaths, len(PAUSES)) - 1]
            self.process, self.due = None, time.monotonic() + pause
            if status == WRONG_SETTING:
                sys.exit(
                    f"dev.py: {self.name} does not start with these settings; what it said names the wrong one"
                )
            why = f"exited with status {status}" if status >= 0 else f"died of {signal.Signals(-status).name}"
            say(f"dev.py: {self.name} {why}; starting it again in {pause} s")


class Supervisor:
    """Keeps children alive until SIGINT, SIGTERM or SIGHUP, and leaves none behind."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env, self.children, self.asked = env, list[Child](), 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask)

    def ask(self, *_: object) -> None:
        self.asked += 1

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        while not self.asked and not until():
            for child in self.children:
                child.tend(self.env)
            time.sleep(0.1)

    def stop(self) -> None:
        """SIGTERM to each child; SIGKILL to what is left of it after GRACE seconds, or when asked again."""
        asked, end = self.asked, time.monotonic() + GRACE
        for child in self.children:
            if child.process:
                child.process.terminate()  # not its group: a Celery worker lets its pool finish first
        while self.living(0) and self.asked == asked and time.monotonic() < end:
            time.sleep(0.05)
        end = time.monotonic() + 1  # dead at once; this is for the system to clear them away
        while self.living(signal.SIGKILL) and time.monotonic() < end:
            time.sleep(0.05)

    def living(self, number: int) -> int:
        return sum([child.signal_group(number) for child in self.children])
