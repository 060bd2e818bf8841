"""A number of our own that can be called over UDP: it echoes, unless a test makes it do one thing wrong."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from incidents.sip.message import Request
from incidents.sip.sdp import offer
from tests.peers.faults import ok, udp_peer

Change = Callable[[bytes], bytes | None]


@dataclass
class Number:
    """What was said to it. `answer` makes its replies, `change` what it echoes of each packet."""

    port: int = 0
    audio_port: int = 0
    methods: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    packets: int = 0
    change: Change = lambda data: data
    answer: Callable[[Request, "Number"], list[bytes]] = lambda request, number: number.honest(request)

    def honest(self, request: Request, *, body: bytes | None = None) -> list[bytes]:
        """180 and 200 to an INVITE, 200 to a BYE or CANCEL, nothing to an ACK."""
        if request.method == "ACK":
            return []
        if request.method != "INVITE":
            return [ok(request)]
        sdp = offer("127.0.0.1", self.audio_port) if body is None else body
        return [ok(request, code=180, reason="Ringing"), with_body(ok(request, extra=self.contact()), sdp)]

    def contact(self) -> list[tuple[str, str]]:
        return [("Contact", f"<sip:echo@127.0.0.1:{self.port}>"), ("Content-Type", "application/sdp")]


def with_body(reply: bytes, body: bytes) -> bytes:
    """The reply with a body."""
    head = reply.replace(b"Content-Length: 0\r\n", b"Content-Length: %d\r\n" % len(body))
    return head + body


class _Audio(asyncio.DatagramProtocol):
    def __init__(self, number: Number) -> None:
        self._number = number

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._number.packets += 1
        back = self._number.change(data)
        if back is not None:
            self._transport.sendto(back, addr)  # type: ignore[attr-defined]


@asynccontextmanager
async def number_peer(number: Number) -> AsyncIterator[Number]:
    """Answer calls until the test leaves."""
    loop = asyncio.get_running_loop()
    audio, _ = await loop.create_datagram_endpoint(lambda: _Audio(number), local_addr=("127.0.0.1", 0))
    number.audio_port = audio.get_extra_info("sockname")[1]

    def reply(request: Request, count: int) -> list[bytes]:
        del count
        number.methods.append(request.method)
        number.requests.append(request)
        return number.answer(request, number)

    try:
        async with udp_peer(reply) as peer:
            number.port = peer.port
            yield number
    finally:
        audio.close()
