"""Run a module of Python at another instant: `python -m tests.at_instant 2026-12-31T23:30Z pytest …`.

The wall clock of it and of every process that it starts is shifted by a preloaded library; monotonic time is not.
"""

import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.peers.stepped_clock import SteppedClock

INSTANTS = {
    "2026-11-30T15:52Z": "the last day of a month, and the next month in Sydney",
    "2026-12-31T23:30Z": "New Year's Eve, and the new year in Sydney",
    "2027-04-03T15:59Z": "a minute before Sydney's clocks go back",
    "2026-10-03T15:59Z": "a minute before Sydney's clocks go forward",
    "2028-02-29T13:30Z": "29 February, and 1 March in Sydney",
}
"""What the tests that read the clock are run at by `dev.py test --all`."""


def main(words: list[str]) -> None:
    """Become `python -m words[1:]` at the instant that words[0] names."""
    clock = SteppedClock(Path(tempfile.mkdtemp(prefix="dialtone-clock-")))
    wanted = datetime.fromisoformat(words[0])
    clock.set(wanted - datetime.now(UTC))
    argv = [sys.executable, "-m", *words[1:]]
    os.execve(sys.executable, argv, {**os.environ, **clock.environment})


if __name__ == "__main__":
    main(sys.argv[1:])
