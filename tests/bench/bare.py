"""What the senders are held against: the same bytes to the same sink, with nothing around them.

Each is a process of its own; it reads the messages from a file, makes everything ready, and prints the seconds from its
first byte to the last answer, and those of CPU time.
"""

import asyncio
import pickle
import smtplib
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from aiohttp import ClientSession, DummyCookieJar, TCPConnector

from tests.peers.fast_sinks import Taken
from tests.peers.installation import ROOT

AT_ONCE = 100
_ITS_OWN = {"host", "content-length"}
"""Headers that the client writes by itself."""


class Took(NamedTuple):
    """Seconds by the clock, and of CPU time."""

    seconds: float
    cpu: float


def took(kind: str, port: int, messages: Path) -> Took:
    """What the bare sender of `hooks` or `mail` takes for the pickled messages."""
    code = f"from tests.bench import bare; print(*bare.{kind}({port}, {str(messages)!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return Took(*map(float, done.stdout.split()))


class _Lap:
    def __init__(self) -> None:
        self._began = time.monotonic(), time.process_time()

    def end(self) -> Took:
        return Took(time.monotonic() - self._began[0], time.process_time() - self._began[1])


def hooks(port: int, file: str) -> Took:
    """aiohttp, a hundred requests at once over connections that are kept; the headers are those that came."""
    ready = [
        (f"http://127.0.0.1:{port}{each.to}", each.body, _headers(each.head)) for each in _messages(file)
    ]
    ready.reverse()
    return asyncio.run(_hooks(ready))


async def _hooks(ready: list[tuple[str, bytes, dict[str, str]]]) -> Took:
    connector, jar = TCPConnector(limit=0), DummyCookieJar()
    async with ClientSession(connector=connector, cookie_jar=jar, auto_decompress=False) as session:

        async def work() -> None:
            while ready:
                url, body, headers = ready.pop()
                async with session.post(url, data=body, headers=headers) as response:
                    await response.read()
                    assert response.status == 204

        lap = _Lap()
        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
        return lap.end()


def _headers(head: bytes) -> dict[str, str]:
    """The lines of a request's head after the first."""
    pairs = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
    return {name: value for name, value in pairs if name.lower() not in _ITS_OWN}


def mail(port: int, file: str) -> Took:
    """SMTP with pipelining over one connection: a text and the next envelope in one write (RFC 2920)."""
    server = smtplib.SMTP("127.0.0.1", port)
    server.ehlo()
    assert server.sock
    ready = [(_envelope(each.to), each.body + b"\r\n.\r\n") for each in _messages(file)]
    replies = []
    lap = _Lap()
    server.sock.sendall(ready[0][0])
    for number, (_, text) in enumerate(ready):
        replies += [server.getreply()[0] for _ in range(3)]
        following = ready[number + 1][0] if number + 1 < len(ready) else b""
        server.sock.sendall(text + following)
        replies.append(server.getreply()[0])
    found = lap.end()
    server.quit()
    assert replies == [250, 250, 354, 250] * len(ready)
    return found


def _envelope(address: str) -> bytes:
    return f"MAIL FROM:<status@example.com>\r\nRCPT TO:<{address}>\r\nDATA\r\n".encode()


def _messages(file: str) -> list[Taken]:
    found: list[Taken] = pickle.loads(Path(file).read_bytes())
    return found
