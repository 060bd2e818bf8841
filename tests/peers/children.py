"""The children of this process that work on documents: found, stopped in the middle, ended from outside."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def child_of_ours(module: str) -> int:
    """The process that runs `module` for this one; 0 where there is none."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except (OSError, IndexError, ValueError):
            continue
        if parent == os.getpid() and module.encode() in words:
            return int(folder.name)
    return 0


@contextmanager
def next_child(module: str, *signals: int, pause: float = 0.0) -> Iterator[list[int]]:
    """Send the signals to the next child that runs `module`, `pause` seconds apart; what is yielded gets its number."""
    seen: list[int] = []

    def watch() -> None:
        ends = time.monotonic() + 60
        while time.monotonic() < ends and not seen:
            if pid := child_of_ours(module):
                for number in signals:
                    os.kill(pid, number)
                    time.sleep(pause if number != signals[-1] else 0)
                seen.append(pid)
            time.sleep(0.001)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        thread.join()


STOPPED_AND_CONTINUED = (signal.SIGSTOP, signal.SIGCONT)
ENDED = (signal.SIGSTOP, signal.SIGKILL)
"""As the kernel does it where memory is short; stopped before, so that it has not finished."""
