"""A SIP server on loopback, in a thread of its own, for tests that are not asynchronous."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from incidents.sip.message import Request
from incidents.sip.parser import parse_datagram
from tests.peers.faults import ok


@dataclass
class Answering:
    """Where it listens, and what it was sent."""

    port: int
    requests: list[bytes] = field(default_factory=list)

    @property
    def target(self) -> str:
        """As a probe is aimed at it."""
        return f"sip:127.0.0.1:{self.port}"


@contextmanager
def answering() -> Iterator[Answering]:
    """Says 200 to every request over UDP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        line.settimeout(0.1)
        server, over = Answering(line.getsockname()[1]), threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    data, caller = line.recvfrom(65_535)
                except TimeoutError:
                    continue
                server.requests.append(data)
                request = parse_datagram(data)
                assert isinstance(request, Request)
                line.sendto(ok(request), caller)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server
        finally:
            over.set()
            thread.join()
