"""OPTIONS over TCP: half-open, reset and dripping peers; for badly framed ones see `test_hostile_peers`."""

import asyncio
import socket
import struct

from incidents.sip.message import Request
from tests.peers.faults import changed, ok, read_request, saying, silent, stream_peer
from tests.peers.hostile import STREAM, honest
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


async def test_a_reply_that_drips_too_slowly_reads_stalled_at_the_deadline() -> None:
    async with stream_peer(STREAM["10 ms a byte"].lead(honest)) as peer:
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


async def test_a_wrong_reply_before_ours_is_ignored() -> None:
    def both(request: Request) -> bytes:
        return changed(request, "CSeq: 1", "CSeq: 7") + ok(request, code=202, reason="Ours")

    async with stream_peer(saying(both)) as peer:
        assert (await ask(peer.port, "tcp")).code == 202


async def test_silence_on_a_connection_does_not_leak_it() -> None:
    async with stream_peer(silent) as peer:
        await ask(peer.port, "tcp", seconds=0.5)
        assert peer.connections == 1
