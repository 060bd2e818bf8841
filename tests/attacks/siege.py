"""What attackers do with sockets, from several loopback addresses, and what staff and readers meet meanwhile.

Every attack is bounded in number and in time, and leaves no socket open.
"""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median
from threading import Event, Thread

from tests.peers.raw_http import Door
from tests.peers.visitor import Visitor

STAFF_SECONDS = 2.0
READER_SECONDS = 0.1
ROUNDS = 5
READS = 5
PATIENCE = 10.0


def address(number: int) -> str:
    """An attacker's address; the watch looks from 127.0.0.1."""
    return f"127.0.{1 + number // 200 % 200}.{1 + number % 200}"


def connect(port: int, number: int = 0, *, patience: float = PATIENCE) -> socket.socket:
    """A connection from the attacker's address of that number."""
    return socket.create_connection(
        ("127.0.0.1", port), timeout=patience, source_address=(address(number), 0)
    )


def head(method: str, path: str, *lines: str) -> bytes:
    """The beginning of a request whose form would pass the first checks."""
    token = "a" * 32
    return "\r\n".join(
        (f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: csrftoken={token}", *lines, "", "")
    ).encode()


def answer(connection: socket.socket) -> str:
    """The status line that came, or how the connection ended."""
    try:
        return connection.recv(65536).split(b"\r\n")[0].decode("latin-1") or "closed"
    except TimeoutError:
        return "nothing"
    except OSError:
        return "closed"


@contextmanager
def flood(work: Callable[[int], object], *, threads: int) -> Iterator[None]:
    """`work(number)` again and again in each thread, while the block runs."""
    over = Event()

    def go(number: int) -> None:
        while not over.is_set():
            with contextlib.suppress(OSError):
                work(number)

    crowd = [Thread(target=go, args=(number,)) for number in range(threads)]
    for each in crowd:
        each.start()
    try:
        yield
    finally:
        over.set()
        for each in crowd:
            each.join()


@contextmanager
def sockets(port: int, count: int, first: bytes, *, addresses: int = 50) -> Iterator[list[socket.socket]]:
    """So many connections that have sent `first`; all closed at the end."""
    with ExitStack() as stack:
        made = []
        for number in range(count):
            try:
                made.append(stack.enter_context(connect(port, number % addresses)))
                made[-1].sendall(first)
            except OSError:  # the server takes no more, which is its right
                continue
        yield made


@dataclass(frozen=True)
class Seen:
    """Statuses that came, and seconds of each kind of request."""

    statuses: set[int]
    login: Sequence[float]
    console: Sequence[float]
    page: Sequence[float]

    def check(self) -> None:
        """The promise of every attack. Medians, since this machine does other things as well."""
        told = (
            f"statuses {sorted(self.statuses)}, login {median(self.login):.2f} s (worst {max(self.login):.2f}), "
            f"console {median(self.console):.2f} s (worst {max(self.console):.2f}), "
            f"/ {median(self.page) * 1000:.0f} ms (worst {max(self.page) * 1000:.0f})"
        )
        print(told)
        assert self.statuses == {200}, told
        assert median(self.login) <= STAFF_SECONDS, told
        assert median(self.console) <= STAFF_SECONDS, told
        assert median(self.page) <= READER_SECONDS, told


class Watch:
    """A reader, somebody who wants to sign in, and somebody who has."""

    def __init__(self, port: int, dana: Visitor) -> None:
        self._door, self._dana = Door(port, patience=PATIENCE), dana

    def look(self) -> Seen:
        """A few requests of each kind, one after the other."""
        statuses: set[int] = set()
        login, console, page = [], [], []
        for _ in range(ROUNDS):
            login.append(_timed(lambda: statuses.add(self._status("/accounts/login/"))))
            console.append(_timed(lambda: statuses.add(self._dana.open("/console/").status)))
            page += [_timed(lambda: statuses.add(self._status("/"))) for _ in range(READS)]
            statuses.add(self._status("/healthz"))
        return Seen(statuses, login, console, page)

    def _status(self, path: str) -> int:
        try:
            return self._door.ask(path).status
        except OSError:
            return 0


def _timed(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began
