"""A limit of CPU time for the work on one row of a sweep.

A timer of CPU time and not of the clock, so that a busy machine disables no honest row. Its signal interrupts Python
code, loops of ours included, but only in the main thread: that is where a Celery worker's child runs its tasks. In
other threads (the console asks for some sweeps itself) there is no limit, and none is needed for safety: our own loops
have caps of steps and foreign parsers run in the bounded child, which has limits of its own.
"""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from django.db import connections

CPU_SECONDS = 20.0


class RowOverrun(BaseException):
    """The work on a row used up its CPU time. No `except Exception` inside that work takes it for a usual fault."""


@contextmanager
def row_deadline(cpu_seconds: float = CPU_SECONDS) -> Iterator[None]:
    """Raise RowOverrun in the block after so much CPU time of this process. Inside another, the shorter one counts."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    depth, began = len(connections["default"].atomic_blocks), time.process_time()
    handler = signal.signal(signal.SIGPROF, _overrun)
    left, _ = signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    if left and left < cpu_seconds:
        signal.setitimer(signal.ITIMER_PROF, left)
    try:
        yield
    except RowOverrun:
        signal.setitimer(signal.ITIMER_PROF, 0)
        _forget_connection(depth)
        raise
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, handler)
        if left:
            signal.setitimer(signal.ITIMER_PROF, max(left - (time.process_time() - began), 0.01))


def _overrun(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  (a signal handler's shape)
    raise RowOverrun("it took too much CPU time")


def _forget_connection(depth: int) -> None:
    """A connection whose transaction was cut while it was being ended is not used again: a new one takes its place."""
    if len(connections["default"].atomic_blocks) != depth and depth == 0:
        del connections["default"]
