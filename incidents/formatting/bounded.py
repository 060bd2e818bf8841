"""Work on what somebody sent, in a child process that can be killed.

A parser that holds the interpreter's lock stops every thread of its process, so nothing that inspects, converts or
expands foreign bytes runs in a web or worker process. The child has a limit of CPU seconds and of memory, is nice to
the rest, and has a deadline by the clock only against a machine that stands still: CPU seconds decide, so that a busy
machine refuses no honest file. Each process starts few children at once, however much is sent to it.

A worker module has `work(content: bytes) -> bytes` and says no with `ContentRefused`.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

log = logging.getLogger(__name__)

REFUSED, OUT_OF_MEMORY = 2, 4
"""Exit statuses of the child."""
_STOPPED_FROM_OUTSIDE = frozenset({-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP})
"""Short memory, a service that stops, an operator. Its own limits end a child by SIGXCPU or by its status."""
MAX_WAIT_SECONDS = 30.0
"""How long a caller waits for a place; then the sender is asked to try again."""
BUSY = "The server is busy with other documents. Nothing was changed; try again in a minute."
_ROOT = Path(__file__).resolve().parents[2]
"""Where the child finds its module, wherever its parent was started."""
_PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "TZ", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
_PASSED_ON_PREFIXES = ("LC_", "XDG_", "FONTCONFIG_", "PYTHON", "COV_")


class BoundedError(Exception):
    """The child gave no answer."""


class ContentRefused(BoundedError, ValueError):
    """The content is refused; the message is a sentence that says what to do."""


class LimitExceeded(BoundedError):
    """The work took more CPU time or memory than it may."""


class ChildFailed(BoundedError):
    """The child ended by a fault; the message holds the end of what it wrote."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(f"it ended with status {status}: {words}")
        self.status = status
        self.words = words


class ChildBusy(BoundedError):
    """No place was free, or the machine gave the child no time, or ended it. Says nothing about the content."""


class Lane:
    """Places for children of one kind, so that twenty uploads neither start twenty nor keep words waiting."""

    def __init__(self, places: int) -> None:
        self._places = threading.BoundedSemaphore(places)

    def acquire(self, seconds: float) -> bool:
        """Take a place, waiting so long at most; False where none became free."""
        return self._places.acquire(timeout=max(seconds, 0.0))

    def release(self) -> None:
        """Give the place back."""
        self._places.release()


FILES, WORDS, PRINTS = Lane(2), Lane(3), Lane(2)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may take."""

    cpu_seconds: int
    memory_bytes: int
    deadline_seconds: float
    lane: Lane = field(default=FILES)
    niceness: int = 5
    """Readers of the page come first."""


_guards: list[Callable[[str], None]] = []


def call_before(guard: Callable[[str], None]) -> None:
    """Have `guard(module)` called before each child is started. Registering twice is harmless."""
    if guard not in _guards:
        _guards.append(guard)


def bounded(module: str, content: bytes, limits: Limits) -> bytes:
    """What `module.work` makes of the content, in a child.

    Raises ContentRefused with the child's own sentence, LimitExceeded, ChildFailed and ChildBusy.
    """
    for guard in _guards:
        guard(module)
    if not limits.lane.acquire(min(MAX_WAIT_SECONDS, limits.deadline_seconds)):
        raise ChildBusy(BUSY)
    try:
        return _run(module, content, limits)
    finally:
        limits.lane.release()


def _run(module: str, content: bytes, limits: Limits) -> bytes:
    child = _started(module, limits)
    try:
        made, words = child.communicate(content, timeout=limits.deadline_seconds)
    except subprocess.TimeoutExpired as error:
        raise ChildBusy(BUSY) from error
    finally:
        _end(child)
    return _made(child.returncode, made, words.decode(errors="replace").strip())


def _started(module: str, limits: Limits) -> "subprocess.Popen[bytes]":
    """The child. Raises ChildBusy where the machine has no process, file or memory left for one."""
    arguments = map(str, (module, limits.cpu_seconds, limits.memory_bytes, limits.niceness))
    try:
        return subprocess.Popen(  # noqa: S603  (ourselves)
            [sys.executable, "-m", "incidents.formatting.bounded_child", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=_ROOT,
            env=_environment(os.environ),
            start_new_session=True,
        )
    except OSError as error:
        log.warning("no process could be started for a document", extra={"error": str(error)})
        raise ChildBusy(BUSY) from error


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Nothing of it stays behind, neither it nor what it started."""
    if child.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.communicate()


def _made(status: int, made: bytes, words: str) -> bytes:
    if status == 0:
        return made
    if status == REFUSED:
        raise ContentRefused(words)
    if status in _STOPPED_FROM_OUTSIDE:
        log.warning("a process that worked on a document was stopped from outside", extra={"status": status})
        raise ChildBusy(BUSY)
    if status in {OUT_OF_MEMORY, -signal.SIGXCPU}:
        raise LimitExceeded("it takes more time or memory than is allowed")
    raise ChildFailed(status, words[-500:])


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    """What the child needs of ours; no secret is among it."""
    return {
        name: value
        for name, value in given.items()
        if name in _PASSED_ON or name.startswith(_PASSED_ON_PREFIXES)
    }
