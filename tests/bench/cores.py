"""Who runs where, and what it costs: a core for the server, another for the load, and CPU time out of /proc."""

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = _CORES[0], _CORES[-1]
"""The same one on a machine that has only one; the page that the run writes says how many there were."""
_TICKS = os.sysconf("SC_CLK_TCK")
_PARENT, _USER, _SYSTEM = 1, 11, 12
"""Fields of /proc/<pid>/stat, counted from the one after the command (proc(5))."""


def on(core: int, *command: str) -> list[str]:
    """The command line that runs `command`, and whatever it starts, on one core alone."""
    return ["taskset", "-c", str(core), *command]


@contextmanager
def started_on(core: int | None) -> Iterator[None]:
    """Whatever is started inside the block runs on this core alone; on any, if None."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, before if core is None else {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, its threads and its living children.

    What the kernel does for it in interrupts, such as receiving packets, is in nobody's account.
    """
    return sum(int(fields[_USER]) + int(fields[_SYSTEM]) for _, fields in _family(pid)) / _TICKS


def children(pid: int) -> list[int]:
    """The living processes that a process has started, and those that they have."""
    return [child for child, _ in _family(pid) if child != pid]


def _family(pid: int) -> Iterator[tuple[int, list[str]]]:
    known = dict(_processes())
    below = defaultdict(list)
    for each, fields in known.items():
        below[int(fields[_PARENT])].append(each)
    waiting = [pid]
    while waiting:
        each = waiting.pop()
        waiting += below[each]
        yield each, known[each]


def _processes() -> Iterator[tuple[int, list[str]]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text()
        except OSError:  # it ended while we looked
            continue
        yield int(folder.name), stat.rpartition(")")[2].split()
