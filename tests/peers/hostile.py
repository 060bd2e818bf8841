"""Every wrong way to answer that we know of, by name: what it does to a good reply, and the class that must be seen.

A wrong way is laid over an honest server, of whatever kind: `deface(honest, way)` goes into `udp_peer`, a `Behaviour`'s
`lead(honest)` into `stream_peer`. Only what is never a reply of ours decides nothing by itself: it is ignored.
"""

import asyncio
import re
import socket
import ssl
import struct
import warnings
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from incidents.sip.message import Request
from tests.peers.certificates import Pair
from tests.peers.faults import Reply, Talk, ok, read_request, server_context, silent

Honest = Callable[[Request], Sequence[bytes]]
"""What a server that does nothing wrong replies."""
Spoil = Callable[[Request, bytes], Sequence[bytes]]
"""From a request and its good reply to what is sent instead."""


def honest(request: Request) -> list[bytes]:
    """200 to everything."""
    return [ok(request)]


@dataclass(frozen=True)
class Way:
    """What is sent instead of a good reply over UDP, and the class when nothing else comes.

    A `stray` is somebody else's reply or a forgery: it is ignored, and a good reply after it counts.
    """

    spoil: Spoil
    outcome: str
    stray: bool = False


def put(old: str, new: str) -> Spoil:
    """The good reply with the one place that matches the pattern `old` replaced; it must be there."""

    def spoil(request: Request, good: bytes) -> list[bytes]:
        changed, count = re.subn(old.encode(), new.encode(), good, count=1)
        assert count, f"{old!r} is not in the reply"
        return [changed]

    return spoil


def _from_another_port(request: Request, good: bytes) -> list[bytes]:
    via = request.identifiers.vias[0]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.sendto(good, (via.host, via.port or 5060))
    return []


def _folded(request: Request, good: bytes) -> list[bytes]:
    pieces = ((b"Via: ", b"v: "), (b"Call-ID: ", b"i : "), (b"From: ", b"f:"), (b";tag=", b"\r\n\t;tag="))
    for old, new in pieces:
        good = good.replace(old, new)
    return [good]


def _long(request: Request, good: bytes) -> list[bytes]:
    return [put("Content-Length", "X-Long: " + "y" * 64_000 + "\r\nContent-Length")(request, good)[0]]


_STRAYS: Mapping[str, Spoil] = {
    "wrong branch": put(r"branch=z9hG4bK[^;\r]+", "branch=z9hG4bKother"),
    "branch in other case": put("branch=z9hG4bK", "branch=Z9HG4BK"),
    "wrong Call-ID": put(r"Call-ID: [^\r]+", "Call-ID: other@192.0.2.1"),
    "wrong CSeq number": put(r"CSeq: \d+", "CSeq: 77"),
    "wrong CSeq method": put(r"(CSeq: \d+) \w+", r"\1 NOTIFY"),
    "wrong From tag": put(r"(From: [^\r]+tag=)[^;\r]+", r"\1other"),
    "two Vias": put("\r\nFrom:", "\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKy\r\nFrom:"),
    "our own request": lambda request, _: [request.encode()],
}
_GARBLED: Mapping[str, Spoil] = {
    "code 4294967301": put("^SIP/2.0 [0-9]+", "SIP/2.0 4294967301"),
    "code in letters": put("^SIP/2.0 [0-9]+", "SIP/2.0 abc"),
    "no blank line": lambda _, good: [good[:-2]],
    "HTTP": lambda *_: [b"HTTP/1.1 400 Bad Request\r\n\r\n"],
    "binary": lambda *_: [bytes(range(256))],
    "no Via": put(r"Via: [^\r]+\r\n", ""),
    "cut in half": lambda _, good: [good[: len(good) // 2]],
    "two Call-IDs": put("Call-ID:", "Call-ID: other@192.0.2.1\r\nCall-ID:"),
}
_SILENT: Mapping[str, Spoil] = {
    "nothing": lambda *_: [],
    "only 100 Trying": put(r"^SIP/2.0 [^\r]+", "SIP/2.0 100 Trying"),
    "only keep-alives": lambda *_: [b"\r\n\r\n", b"\0", b""],
    "from another port": _from_another_port,
}
_HARMLESS: Mapping[str, Spoil] = {
    "compact and folded": _folded,
    "twice": lambda _, good: [good, good],
    "64 kB": _long,
    "garbage first": lambda _, good: [b"\xff" * 900, b"\r\n\r\n", good],
    "no Content-Length": put("Content-Length: [0-9]+\r\n", ""),
}

UDP: Mapping[str, Way] = MappingProxyType(
    {
        **{name: Way(spoil, "wrong_reply", stray=True) for name, spoil in _STRAYS.items()},
        **{name: Way(spoil, "malformed_reply", stray=True) for name, spoil in _GARBLED.items()},
        **{name: Way(spoil, "timeout", stray=True) for name, spoil in _SILENT.items()},
        **{name: Way(spoil, "ok") for name, spoil in _HARMLESS.items()},
    }
)
"""The ways of a datagram, by name."""


def deface(server: Honest, way: Way, *, then_honest: bool = False) -> Reply:
    """`server` as it is when each of its replies goes this way, followed by the good one where `then_honest`."""

    def reply(request: Request, _: int) -> list[bytes]:
        sent: list[bytes] = []
        for good in server(request):
            sent += [*way.spoil(request, good), *([good] if then_honest else [])]
        return sent

    return reply


@dataclass(frozen=True)
class Behaviour:
    """How a stream peer behaves, and the class that must be seen within a second.

    What is `loud` keeps the loop so busy that others in it would come too late.
    """

    lead: Callable[[Honest], Talk]
    outcome: str
    loud: bool = False


def _each(say: Callable[[Request, bytes], bytes]) -> Callable[[Honest], Talk]:
    """Every good reply is sent as what `say` makes of it, until the client leaves."""

    def lead(server: Honest) -> Talk:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                request = await read_request(reader)
                for good in server(request):
                    writer.write(say(request, good))
                await writer.drain()

        return talk

    return lead


def _once(act: Callable[[asyncio.StreamWriter, bytes], object]) -> Callable[[Honest], Talk]:
    """`act` is given the first good reply, then the connection is dropped."""

    def lead(server: Honest) -> Talk:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            act(writer, server(await read_request(reader))[0])
            await writer.drain()
            writer.close()
            await writer.wait_closed()

        return talk

    return lead


def _reset(writer: asyncio.StreamWriter, _: bytes) -> None:
    own = writer.get_extra_info("socket")
    own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _dripping(pause: float, size: int) -> Callable[[Honest], Talk]:
    def lead(server: Honest) -> Talk:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                good = b"".join(server(await read_request(reader)))
                for start in range(0, len(good), size):
                    writer.write(good[start : start + size])
                    await writer.drain()
                    await asyncio.sleep(pause)

        return talk

    return lead


def _flood(server: Honest) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        stray = put(r"CSeq: \d+", "CSeq: 77")(request, server(request)[0])[0]
        while True:
            writer.write(stray * 100)
            await writer.drain()

    return talk


def _replaced(old: str, new: str) -> Callable[[Honest], Talk]:
    return _each(lambda request, good: put(old, new)(request, good)[0])


STREAM: Mapping[str, Behaviour] = MappingProxyType(
    {
        "half-open": Behaviour(lambda _: silent, "stalled"),
        "reset": Behaviour(_once(_reset), "refused"),
        "closed without a word": Behaviour(_once(lambda *_: None), "refused"),
        "closed inside the reply": Behaviour(
            _once(lambda writer, good: writer.write(good[:50])), "malformed_reply"
        ),
        "10 ms a byte": Behaviour(_dripping(0.01, 1), "stalled"),
        "in pieces of 16 bytes": Behaviour(_dripping(0.001, 16), "ok"),
        "garbage": Behaviour(_each(lambda *_: bytes(range(128, 256)) * 1000), "malformed_reply"),
        "HTTP": Behaviour(
            _each(lambda *_: b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"), "malformed_reply"
        ),
        "line ends first": Behaviour(_each(lambda _, good: b"\r\n\r\n\r\n" + good), "ok"),
        "no Content-Length": Behaviour(_replaced("Content-Length: [0-9]+\r\n", ""), "malformed_reply"),
        "huge Content-Length": Behaviour(
            _replaced("Content-Length: [0-9]+", "Content-Length: 99999999"), "malformed_reply"
        ),
        "headers of 70 kB": Behaviour(
            _replaced("Content-Length", "X: " + "y" * 70_000 + "\r\nContent-Length"), "malformed_reply"
        ),
        "headers without end": Behaviour(
            _each(lambda *_: b"SIP/2.0 200 OK\r\n" + b"X: y\r\n" * 200_000), "malformed_reply", loud=True
        ),
        "code 4294967301": Behaviour(_replaced("^SIP/2.0 [0-9]+", "SIP/2.0 4294967301"), "malformed_reply"),
        "code in letters": Behaviour(_replaced("^SIP/2.0 [0-9]+", "SIP/2.0 abc"), "malformed_reply"),
        "compact and folded": Behaviour(_each(lambda request, good: _folded(request, good)[0]), "ok"),
        "wrong CSeq number": Behaviour(_replaced(r"CSeq: \d+", "CSeq: 77"), "wrong_reply"),
        "flood of others' replies": Behaviour(_flood, "wrong_reply", loud=True),
    }
)
"""The ways of a stream, by name; TLS hides none of them."""


@contextmanager
def hung(port: int = 0) -> Iterator[int]:
    """A port whose process accepts nothing, while the kernel shakes hands for it."""
    with socket.create_server(("127.0.0.1", port), backlog=8) as listening:
        yield listening.getsockname()[1]


@asynccontextmanager
async def full() -> AsyncIterator[int]:
    """A port whose queue is full: no connection is ever made."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        port = listening.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        await asyncio.sleep(0.1)
        try:
            yield port
        finally:
            for filler in fillers:
                filler.close()


def ancient_context(pair: Pair) -> ssl.SSLContext:
    """TLS 1.0 and nothing newer, which RFC 8996 forbids."""
    context = server_context(pair.certificate, pair.key)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


async def leaving(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reads what comes first, a ClientHello perhaps, and is gone."""
    await reader.read(100)


async def plain_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers whatever comes, a ClientHello perhaps, by HTTP in the clear."""
    await reader.read(100)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()
    await reader.read()
