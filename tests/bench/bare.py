"""What the senders are held against: the same bytes to the same sink, with nothing around them.

Each is a process of its own; it reads the messages from a file, makes everything ready, and prints the seconds between
its first and its last byte.
"""

import asyncio
import pickle
import smtplib
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import ClientSession, TCPConnector
from standardwebhooks import Webhook

from tests.bench.crowds import SECRET
from tests.peers.fast_sinks import Taken
from tests.peers.installation import ROOT

AT_ONCE = 100


def seconds(kind: str, port: int, messages: Path) -> float:
    """How long the bare sender of `hooks` or `mail` takes for the pickled messages."""
    code = f"from tests.bench import bare; print(bare.{kind}({port}, {str(messages)!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


def hooks(port: int, file: str) -> float:
    """aiohttp, a hundred requests at once over connections that are kept; signed beforehand."""
    return asyncio.run(_hooks(port, _messages(file)))


async def _hooks(port: int, messages: list[Taken]) -> float:
    at = datetime.now(UTC)
    ready = [
        (
            f"http://127.0.0.1:{port}{each.to}",
            each.body,
            {
                "Content-Type": "application/json",
                "webhook-id": each.id,
                "webhook-timestamp": str(int(at.timestamp())),
                "webhook-signature": Webhook(SECRET).sign(each.id, at, each.body.decode()),
            },
        )
        for each in messages
    ]
    async with ClientSession(connector=TCPConnector(limit=0)) as session:

        async def work() -> None:
            while ready:
                url, body, headers = ready.pop()
                async with session.post(url, data=body, headers=headers) as response:
                    await response.read()

        began = time.monotonic()
        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
        return time.monotonic() - began


def mail(port: int, file: str) -> float:
    """SMTP with pipelining over one connection: a text and the next envelope in one write (RFC 2920)."""
    server = smtplib.SMTP("127.0.0.1", port)
    server.ehlo()
    assert server.sock
    ready = [(_envelope(each.to), each.body + b"\r\n.\r\n") for each in _messages(file)]
    began = time.monotonic()
    server.sock.sendall(ready[0][0])
    for number, (_, text) in enumerate(ready):
        for _ in range(3):
            server.getreply()
        following = ready[number + 1][0] if number + 1 < len(ready) else b""
        server.sock.sendall(text + following)
        server.getreply()
    took = time.monotonic() - began
    server.quit()
    return took


def _envelope(address: str) -> bytes:
    return f"MAIL FROM:<status@example.com>\r\nRCPT TO:<{address}>\r\nDATA\r\n".encode()


def _messages(file: str) -> list[Taken]:
    found: list[Taken] = pickle.loads(Path(file).read_bytes())
    return found
