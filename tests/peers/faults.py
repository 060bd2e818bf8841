"""SIP servers that do one thing wrong, on real loopback sockets."""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from incidents.sip.message import Request
from incidents.sip.parser import parse_datagram
from incidents.sip.resolution import Endpoint

Reply = Callable[[Request, int], Sequence[bytes]]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Peer:
    """A running peer: its port, what it was sent (UDP) and how often it was met (streams)."""

    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0


def ok(
    request: Request, *, code: int = 200, reason: str = "OK", extra: Sequence[tuple[str, str]] = ()
) -> bytes:
    """The reply of a server that does nothing wrong."""
    source = Endpoint("127.0.0.1", 5060)
    facts = [("Server", "peer/1.0"), *extra]
    return request.answer(code, reason, source=source, tag="peer", extra=facts).encode()


def changed(request: Request, old: str, new: str) -> bytes:
    """A good reply with one text in it replaced; it must be there."""
    text = ok(request).decode()
    assert old in text, f"{old!r} is not in the reply"
    return text.replace(old, new).encode()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, peer: Peer, reply: Reply) -> None:
        self._peer = peer
        self._reply = reply

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._peer.requests.append(data)
        request = parse_datagram(data)
        if not isinstance(request, Request):
            return  # a call answers what we ask it
        for reply in self._reply(request, len(self._peer.requests)):
            self._transport.sendto(reply, addr)  # type: ignore[attr-defined]


@asynccontextmanager
async def udp_peer(reply: Reply) -> AsyncIterator[Peer]:
    """Answers each datagram with what `reply` makes of the request and its number, from 1."""
    peer = Peer()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Datagrams(peer, reply), local_addr=("127.0.0.1", 0)
    )
    peer.port = transport.get_extra_info("sockname")[1]
    try:
        yield peer
    finally:
        transport.close()


@asynccontextmanager
async def stream_peer(
    talk: Talk, *, tls: ssl.SSLContext | None = None, bound: socket.socket | None = None
) -> AsyncIterator[Peer]:
    """Lets `talk` lead each connection; the connection is dropped when it returns or the test ends."""
    peer = Peer()
    tasks: set[asyncio.Task[None]] = set()

    async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        own = asyncio.current_task()
        assert own is not None
        tasks.add(own)
        peer.connections += 1
        try:
            await talk(reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            return  # the client or the test is over; asyncio would log a cancellation as an error
        finally:
            tasks.discard(own)
            writer.transport.abort()

    own = bound or socket.create_server(("127.0.0.1", 0))
    server = await asyncio.start_server(lead, sock=own, ssl=tls)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def read_request(reader: asyncio.StreamReader) -> Request:
    """The next request on a stream, with its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"\r\nContent-Length: *(\d+)", head)
    request = parse_datagram(head + await reader.readexactly(int(length[1]) if length else 0))
    assert isinstance(request, Request)
    return request


def saying(make: Callable[[Request], bytes]) -> Talk:
    """A conversation of one reply, after which the peer waits for the client to leave."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(make(await read_request(reader)))
        await writer.drain()
        await reader.read()

    return talk


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Half-open: accepts, reads until the client leaves, never answers."""
    await reader.read()


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What a TLS peer serves."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key, password="")  # a locked key is refused, not asked about
    return context
