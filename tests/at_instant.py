"""Run a module of Python at another instant: `python -m tests.at_instant 2026-12-31T23:30Z pytest …`; `all`: at each.

The wall clock of it and of every process that it starts is shifted by a preloaded library; monotonic time is not.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from tests.peers.stepped_clock import SteppedClock

INSTANTS = {
    "2026-11-30T15:52Z": "the last day of a month, and the next month in Sydney",
    "2026-12-31T23:30Z": "New Year's Eve, and the new year in Sydney",
    "2027-04-03T15:59Z": "a minute before Sydney's clocks go back",
    "2026-10-03T15:59Z": "a minute before Sydney's clocks go forward",
    "2028-02-29T13:30Z": "29 February, and 1 March in Sydney",
}
"""When the tests that read the clock are run by `dev.py test --all`."""
NOTHING_FOUND = 5
"""What pytest says where no test was chosen."""


READS_THE_CLOCK = re.compile(r"\bnow\(|time_machine|make_brands")
COUNTS_DAYS = re.compile(r"midnight|\btoday\b|month|tz=UTC|\.date\(\)|leap|uptime")


@cache
def counts_days(file: Path) -> bool:
    """Whether a module of tests reads the clock and counts days, months or zones; by what it says."""
    words = file.read_text(encoding="utf-8")
    if "browser" in file.name:  # a browser lives by its own clock
        return False
    return bool(READS_THE_CLOCK.search(words) and COUNTS_DAYS.search(words))


def modules() -> list[str]:
    """Those modules, so that no run has to collect all the others."""
    return sorted(str(file) for file in Path("tests").rglob("test_*.py") if counts_days(file))


def run_at(instant: str, module: list[str]) -> int:
    """The status of `python -m module` at that instant."""
    with tempfile.TemporaryDirectory(prefix="dialtone-clock-") as folder:
        clock = SteppedClock(Path(folder))
        clock.set(datetime.fromisoformat(instant) - datetime.now(UTC))
        return subprocess.call([sys.executable, "-m", *module], env={**os.environ, **clock.environment})


def main(words: list[str]) -> int:
    """The worst status of all runs; nothing found is a status of its own only where every run says so."""
    instants = INSTANTS if words[0] == "all" else {words[0]: "as asked"}
    if words[0] == "all" and not any(Path(word.partition("::")[0]).exists() for word in words[2:]):
        words = [*words, *modules()]
    statuses = []
    for instant, what in instants.items():
        print(f"at {instant}: {what}", flush=True)
        statuses.append(run_at(instant, words[1:]))
    failed = [status for status in statuses if status not in (0, NOTHING_FOUND)]
    return failed[0] if failed else min(statuses)


if __name__ == "__main__":
    # Asked to end, it ends what it has started: subprocess.call kills its child when it is left by an exception.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    sys.exit(main(sys.argv[1:]))
