"""A small name server on loopback that answers from a table, or does one thing wrong."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import MappingProxyType

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from tests.peers.faults import stream_peer

Records = Mapping[str, Sequence[str]]
"""`name type` to the texts of its records: `{"example.test NAPTR": [...]}`."""
Spoil = Callable[[dns.message.Message, bytes], bytes | None]
TTL = 60
MOST_BYTES = 1232
"""What fits into a datagram (DNS flag day 2020); the rest is asked for again over TCP."""


@dataclass
class NameServer:
    """Where it listens, and what it was asked."""

    port: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


def answer(query: dns.message.Message, records: Records) -> dns.message.Message:
    """What an honest server says, following aliases as far as its table goes."""
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.RA | dns.flags.AA
    question = query.question[0]
    name, kind = question.name, dns.rdatatype.to_text(question.rdtype)
    known = {key.split()[0] for key in records}
    seen: set[dns.name.Name] = set()
    while name not in seen:
        seen.add(name)
        text = name.to_text(omit_final_dot=True).lower()
        alias = records.get(f"{text} CNAME")
        own = records.get(f"{text} {kind}")
        if own:
            reply.answer.append(dns.rrset.from_text(name, TTL, "IN", kind, *own))
            return reply
        if not alias:
            if text not in known:
                reply.set_rcode(dns.rcode.NXDOMAIN)
            return reply
        reply.answer.append(dns.rrset.from_text(name, TTL, "IN", "CNAME", *alias))
        name = dns.name.from_text(alias[0])
    return reply


_Say = Callable[[bytes, int], bytes | None]


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, say: _Say) -> None:
        self._say = say

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        wire = self._say(data, MOST_BYTES)
        if wire is not None:
            self._transport.sendto(wire, addr)  # type: ignore[attr-defined]


@asynccontextmanager
async def dns_peer(records: Records, *, spoil: Spoil | None = None) -> AsyncIterator[NameServer]:
    """Answers over UDP, and over TCP what does not fit, from `records`; `spoil` makes something else of each answer."""
    server = NameServer()

    def say(data: bytes, limit: int) -> bytes | None:
        query = dns.message.from_wire(data)
        server.asked.append(query.question[0].to_text())
        honest = answer(query, records)
        wire = honest.to_wire(max_size=65_535)
        if len(wire) > limit:
            honest.answer.clear()
            honest.flags |= dns.flags.TC
            wire = honest.to_wire()
        return wire if spoil is None else spoil(honest, wire)

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = int.from_bytes(await reader.readexactly(2), "big")
        wire = say(await reader.readexactly(size), 65_535)
        if wire is not None:
            writer.write(len(wire).to_bytes(2, "big") + wire)
        writer.close()
        await writer.wait_closed()

    streams, datagrams = _one_port()
    async with stream_peer(meet, bound=streams) as peer:
        server.port = peer.port
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Datagrams(say), sock=datagrams
        )
        try:
            yield server
        finally:
            transport.close()


def _one_port() -> tuple[socket.socket, socket.socket]:
    """A TCP and a UDP socket on the same free port."""
    while True:
        streams = socket.create_server(("127.0.0.1", 0))
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagrams.setblocking(False)
        try:
            datagrams.bind(streams.getsockname())
        except OSError:
            streams.close()
            datagrams.close()
        else:
            return streams, datagrams


def rcode(code: dns.rcode.Rcode) -> Spoil:
    """Every question is answered with this code alone."""

    def spoil(reply: dns.message.Message, _: bytes) -> bytes:
        reply.answer.clear()
        reply.set_rcode(code)
        return reply.to_wire()

    return spoil


def _truncated(reply: dns.message.Message, _: bytes) -> bytes:
    reply.answer.clear()
    reply.flags |= dns.flags.TC
    return reply.to_wire()


def _about_another(_: dns.message.Message, wire: bytes) -> bytes:
    return wire.replace(b"\x05voice", b"\x05other")


FAULTS: Mapping[str, tuple[Spoil, str]] = MappingProxyType(
    {
        "silent": (lambda *_: None, "timeout"),
        "cut off": (lambda _, wire: wire[:-3], "timeout"),
        "wrong id": (lambda _, wire: bytes([wire[0] ^ 1]) + wire[1:], "timeout"),
        "about another name": (_about_another, "timeout"),
        "garbage": (lambda *_: b"garbage", "timeout"),
        "truncated for ever": (_truncated, "dns"),
        "SERVFAIL": (rcode(dns.rcode.SERVFAIL), "dns"),
        "REFUSED": (rcode(dns.rcode.REFUSED), "dns"),
        "NXDOMAIN": (rcode(dns.rcode.NXDOMAIN), "dns"),
    }
)
"""What a name server can do wrong, and the class that a probe which was told to ask it must see."""
