"""A small name server on loopback that answers from a table, or does one thing wrong."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

Records = Mapping[str, Sequence[str]]
"""`name type` to the texts of its records: `{"example.test NAPTR": [...]}`."""
Spoil = Callable[[dns.message.Message, bytes], bytes | None]
TTL = 60


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


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer, records: Records, spoil: Spoil | None) -> None:
        self._server, self._records, self._spoil = server, records, spoil

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        self._server.asked.append(query.question[0].to_text())
        honest = answer(query, self._records)
        wire: bytes | None = honest.to_wire()
        if self._spoil is not None:
            wire = self._spoil(honest, wire or b"")
        if wire is not None:
            self._transport.sendto(wire, addr)  # type: ignore[attr-defined]


@asynccontextmanager
async def dns_peer(records: Records, *, spoil: Spoil | None = None) -> AsyncIterator[NameServer]:
    """Answers over UDP from `records`; `spoil` makes something else of each answer, or None for silence."""
    server = NameServer()
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Datagrams(server, records, spoil), local_addr=("127.0.0.1", 0)
    )
    server.port = transport.get_extra_info("sockname")[1]
    try:
        yield server
    finally:
        transport.close()


def rcode(code: dns.rcode.Rcode) -> Spoil:
    """Every question is answered with this code alone."""

    def spoil(reply: dns.message.Message, _: bytes) -> bytes:
        reply.answer.clear()
        reply.set_rcode(code)
        return reply.to_wire()

    return spoil
