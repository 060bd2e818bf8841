"""Rows: web pages that are ill."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.faults.table import Ask, Rows, see
from tests.peers.faults import Talk, silent, stream_peer
from tests.peers.hostile import full, hung, leaving
from tests.peers.programs import free_port

EXPECTED = "hello"


def _serving(head: str, *bodies: bytes, pause: float = 0, endless: bool = False) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        while True:
            for body in bodies:
                writer.write(body)
                await writer.drain()
                await asyncio.sleep(pause)
            if not endless:
                writer.close()
                await writer.wait_closed()
                return

    return talk


def _status(words: str, *headers: str) -> Talk:
    return _serving("\n".join((f"HTTP/1.1 {words}", *headers, "Content-Length: 0")))


PAGES: dict[str, Callable[[], Talk]] = {
    "none": lambda: _serving("HTTP/1.1 200 OK\nContent-Length: 5", b"hello"),
    "another text": lambda: _serving("HTTP/1.1 200 OK\nContent-Length: 5", b"adieu"),
    "404": lambda: _status("404 Not Found"),
    "a redirect": lambda: _status("302 Found", "Location: http://192.0.2.1/"),
    "500": lambda: _status("500 Internal Server Error"),
    "503": lambda: _status("503 Service Unavailable"),
    "never answers": lambda: silent,
    "closed without a word": lambda: leaving,
    "cut off": lambda: _serving("HTTP/1.1 200 OK\nContent-Length: 99", b"hel"),
    "a byte every 50 ms": lambda: _serving(
        "HTTP/1.1 200 OK\nContent-Length: 9999", b"x", pause=0.05, endless=True
    ),
    "a body without end": lambda: _serving("HTTP/1.1 200 OK", b"x" * 65_536, endless=True),
    "a header of 100 kB": lambda: _serving(f"HTTP/1.1 200 OK\nX: {'x' * 100_000}"),
    "not HTTP": lambda: _serving("SIP/2.0 200 OK"),
    "code 9999999999": lambda: _serving("HTTP/1.1 9999999999 OK"),
}


async def pages(_: Path) -> Rows:
    """Each page, and ports that never come so far."""
    rows = {}
    for name, make in PAGES.items():
        async with stream_peer(make()) as peer:
            rows[name] = await see(_asks(peer.port))
    rows["nothing listens"] = await see(_asks(free_port()))
    async with full() as port:
        rows["the queue is full"] = await see(_asks(port))
    with hung() as port:
        rows["the process hangs"] = await see(_asks(port))
    return rows


def _asks(port: int) -> list[Ask]:
    seconds = {"deadline_seconds": 1.0}
    return [
        Ask("tcp_connect", f"127.0.0.1:{port}", seconds),
        Ask("http_get", f"http://127.0.0.1:{port}/", {**seconds, "expect": EXPECTED}),
    ]
