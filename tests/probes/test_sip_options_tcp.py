"""OPTIONS over TCP: half-open, reset, dripping and badly framed peers."""

import asyncio
import socket
import struct
from collections.abc import Callable

import pytest

from incidents.sip.message import Request
from tests.peers.faults import changed, ok, read_request, saying, silent, stream_peer
from tests.peers.programs import free_port
from tests.probes.asking import ask


async def test_a_server_that_answers_is_ok() -> None:
    async with stream_peer(saying(ok)) as peer:
        result = await ask(peer.port, "tcp")
    assert (result.outcome, result.code, result.retransmissions) == ("ok", 200, 0)


async def test_a_closed_port_reads_refused() -> None:
    result = await ask(free_port(), "tcp")
    assert (result.outcome, result.detail) == ("refused", "connection refused")
    assert "sip" not in result.times


async def test_a_half_open_peer_reads_stalled_and_is_asked_once() -> None:
    asked: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            asked.append(data)

    async with stream_peer(listen) as peer:
        result = await ask(peer.port, "tcp", seconds=1.2)
    assert (result.outcome, result.health) == ("stalled", "failed")
    assert result.detail == "accepted the connection, never answered"
    assert len(asked) == 1


async def test_a_backlog_that_nobody_accepts_reads_stalled() -> None:
    """The kernel shakes hands for a process that hangs: the very face of a dead TCP worker."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(5)
        result = await ask(listening.getsockname()[1], "tcp")
    assert result.outcome == "stalled"


async def test_a_connection_that_is_never_made_reads_timeout() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        port = listening.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        await asyncio.sleep(0.1)
        result = await ask(port, "tcp", seconds=0.8)
        for filler in fillers:
            filler.close()
    assert (result.outcome, result.detail) == ("timeout", "no connection within 0.8 s")


async def test_a_reset_reads_refused() -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        own = writer.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async with stream_peer(reset) as peer:
        result = await ask(peer.port, "tcp")
    assert (result.outcome, result.detail) == ("refused", "connection reset by peer")


async def test_a_connection_closed_without_a_word_reads_refused() -> None:
    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)

    async with stream_peer(leave) as peer:
        result = await ask(peer.port, "tcp")
    assert (result.outcome, result.detail) == ("refused", "connection closed without a reply")


async def test_a_reply_cut_off_by_the_end_reads_malformed() -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(ok(await read_request(reader))[:50])
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with stream_peer(cut) as peer:
        result = await ask(peer.port, "tcp")
    assert result.outcome == "malformed_reply"
    assert "closed inside a message" in result.detail


def _dripping(pause: float) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for byte in ok(await read_request(reader)):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(pause)

    return drip


async def test_a_reply_that_drips_in_time_is_ok() -> None:
    async with stream_peer(_dripping(0.0005)) as peer:  # type: ignore[arg-type]
        result = await ask(peer.port, "tcp", seconds=10)
    assert (result.outcome, result.code) == ("ok", 200)


async def test_a_reply_that_drips_too_slowly_reads_stalled_at_the_deadline() -> None:
    async with stream_peer(_dripping(0.05)) as peer:  # type: ignore[arg-type]
        result = await ask(peer.port, "tcp", seconds=0.8)
    assert result.outcome == "stalled"
    assert "incomplete" in result.detail
    assert result.times["total"] < 2000


async def test_keep_alives_before_the_reply_are_skipped() -> None:
    async with stream_peer(saying(lambda request: b"\r\n\r\n\r\n" + ok(request))) as peer:
        assert (await ask(peer.port, "tcp")).outcome == "ok"


async def test_what_comes_before_the_request_is_sent_is_not_lost() -> None:
    async def eager(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\r\n\r\n")
        await saying(ok)(reader, writer)

    async with stream_peer(eager) as peer:
        assert (await ask(peer.port, "tcp")).outcome == "ok"


MALFORMED = {
    "no Content-Length": lambda request: changed(request, "Content-Length: 0\r\n", ""),
    "code 4294967301": lambda request: changed(request, " 200 OK", " 4294967301 OK"),
    "code in letters": lambda request: changed(request, " 200 OK", " two hundred"),
    "headers of 70 kB": lambda request: ok(request, extra=[("X-Long", "y" * 70_000)]),
    "a million headers": lambda request: b"SIP/2.0 200 OK\r\n" + b"X: y\r\n" * 200_000,
    "HTTP": lambda request: b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
    "a huge Content-Length": lambda request: changed(
        request, "Content-Length: 0", "Content-Length: 99999999"
    ),
}


@pytest.mark.parametrize("make", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_stream_that_cannot_be_framed_reads_malformed_at_once(
    make: Callable[[Request], bytes],
) -> None:
    async with stream_peer(saying(make)) as peer:
        result = await ask(peer.port, "tcp", seconds=5)
    assert (result.outcome, result.health) == ("malformed_reply", "failed")
    assert result.times["total"] < 4000


async def test_a_wrong_reply_before_ours_is_ignored() -> None:
    def both(request: Request) -> bytes:
        return changed(request, "CSeq: 1", "CSeq: 7") + ok(request, code=202, reason="Ours")

    async with stream_peer(saying(both)) as peer:
        assert (await ask(peer.port, "tcp")).code == 202


async def test_a_wrong_reply_alone_reads_wrong_reply() -> None:
    async with stream_peer(saying(lambda request: changed(request, "CSeq: 1", "CSeq: 7"))) as peer:
        assert (await ask(peer.port, "tcp", seconds=0.6)).outcome == "wrong_reply"


async def test_a_flood_does_not_outlast_the_deadline() -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        while True:
            writer.write(changed(request, "CSeq: 1", "CSeq: 7") * 200)
            await writer.drain()

    async with stream_peer(flood) as peer:
        result = await ask(peer.port, "tcp", seconds=0.8)
    assert result.outcome == "wrong_reply"
    assert result.times["total"] < 3000
    assert len(result.trace) <= 60


async def test_silence_on_a_connection_does_not_leak_it() -> None:
    async with stream_peer(silent) as peer:
        await ask(peer.port, "tcp", seconds=0.5)
        assert peer.connections == 1
