"""A machine on which everybody wants the one core that we have."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

LOOP = "import time\nends = time.monotonic() + {seconds}\nwhile time.monotonic() < ends: pass"
MAX_SECONDS = 300
"""The loops end by themselves, whatever becomes of the test."""


@contextmanager
def crowded_core(loops: int) -> Iterator[None]:
    """This process, what it starts meanwhile, and so many busy loops share one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    code = LOOP.format(seconds=MAX_SECONDS)
    busy: list[subprocess.Popen[bytes]] = []
    try:
        busy += [
            subprocess.Popen([sys.executable, "-SIc", code], start_new_session=True) for _ in range(loops)
        ]
        yield
    finally:
        for each in busy:
            each.kill()
        for each in busy:
            each.wait()
        os.sched_setaffinity(0, before)
