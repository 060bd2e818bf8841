"""OPTIONS over UDP: retransmissions, replies that are not ours, closed and silent ports."""

import asyncio
import re
import socket
import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from incidents.sip.message import Request
from incidents.sip.parser import parse_datagram
from tests.peers.faults import changed, ok, udp_peer
from tests.peers.programs import free_port
from tests.probes.asking import ask


async def test_a_closed_port_reads_refused_not_timeout() -> None:
    result = await ask(free_port())
    assert (result.outcome, result.health, result.detail) == ("refused", "failed", "connection refused")


async def test_a_silent_port_reads_timeout_after_the_rfc_s_retransmissions() -> None:
    async with udp_peer(lambda *_: []) as peer:
        result = await ask(peer.port, seconds=1.8)
        assert (result.outcome, result.health) == ("timeout", "failed")
        assert result.detail == "no reply to 3 requests"
        assert result.retransmissions == 2
        assert len(set(peer.requests)) == 1
        assert len(peer.requests) == 3
    assert 1700 < result.times["total"] < 3000


async def test_requests_go_out_after_half_a_second_then_twice_as_long_each_time() -> None:
    sent: list[float] = []
    loop = asyncio.get_running_loop()

    def count(*_: object) -> list[bytes]:
        sent.append(loop.time())
        return []

    async with udp_peer(count) as peer:
        await ask(peer.port, seconds=3.8)
    gaps = [later - earlier for earlier, later in pairwise(sent)]
    assert [round(gap * 2) / 2 for gap in gaps] == [0.5, 1.0, 2.0]


async def test_an_answer_only_after_a_retransmission_is_degraded() -> None:
    async with udp_peer(lambda request, number: [ok(request)] if number == 2 else []) as peer:
        result = await ask(peer.port, seconds=3)
    assert (result.outcome, result.health, result.code) == ("degraded", "degraded", 200)
    assert result.retransmissions == 1
    assert result.detail == "200 OK, only after 1 retransmission"


async def test_a_provisional_reply_stretches_the_interval_and_the_final_one_counts() -> None:
    def reply(request: Request, number: int) -> list[bytes]:
        return [ok(request, code=100, reason="Trying")] if number == 1 else []

    async with udp_peer(reply) as peer:
        result = await ask(peer.port, seconds=2)
        assert len(peer.requests) == 2
    assert result.outcome == "timeout"
    assert result.detail == "only 100 Trying, no final reply"


def _wrong(pattern: str, value: str) -> Callable[[Request], bytes]:
    return lambda request: re.sub(pattern.encode(), value.encode(), ok(request), count=1)


STRAYS = {
    "wrong branch": _wrong(r"branch=z9hG4bK\w+", "branch=z9hG4bKother"),
    "branch in other case": lambda request: ok(request).replace(b"z9hG4bK", b"Z9HG4BK"),
    "wrong Call-ID": _wrong(r"Call-ID: [^\r]+", "Call-ID: other@192.0.2.1"),
    "wrong CSeq number": _wrong("CSeq: 1 OPTIONS", "CSeq: 2 OPTIONS"),
    "wrong CSeq method": _wrong("CSeq: 1 OPTIONS", "CSeq: 1 INVITE"),
    "wrong From tag": _wrong(r"tag=\w+", "tag=other"),
    "two Vias": lambda request: changed(
        request, "\r\nFrom:", "\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKy\r\nFrom:"
    ),
    "our own request": lambda request: request.encode(),
}


@pytest.mark.parametrize("make", STRAYS.values(), ids=STRAYS.keys())
async def test_a_reply_that_is_not_ours_is_ignored_and_the_wait_goes_on(
    make: Callable[[Request], bytes],
) -> None:
    async with udp_peer(lambda request, _: [make(request), ok(request, code=202, reason="Ours")]) as peer:
        result = await ask(peer.port)
    assert (result.outcome, result.code) == ("ok", 202)
    assert any("answers nothing of ours" in line for line in result.trace)


@pytest.mark.parametrize("make", STRAYS.values(), ids=STRAYS.keys())
async def test_only_replies_that_are_not_ours_read_wrong_reply(make: Callable[[Request], bytes]) -> None:
    async with udp_peer(lambda request, _: [make(request)]) as peer:
        result = await ask(peer.port, seconds=0.5)
    assert result.outcome == "wrong_reply"
    assert "none to our request" in result.detail


GARBLED = {
    "code 4294967301": lambda request: changed(request, "SIP/2.0 200 OK", "SIP/2.0 4294967301 OK"),
    "code in letters": lambda request: changed(request, "SIP/2.0 200 OK", "SIP/2.0 abc OK"),
    "no blank line": lambda request: ok(request)[:-2],
    "HTTP": lambda request: b"HTTP/1.1 200 OK\r\n\r\n",
    "noise": lambda request: bytes(range(256)),
    "no Via": lambda request: re.sub(rb"Via: [^\r]+\r\n", b"", ok(request)),
    "64 kB": lambda request: ok(request, extra=[("X-Long", "y" * 64_900)])[:65_000],
}


@pytest.mark.parametrize("make", GARBLED.values(), ids=GARBLED.keys())
async def test_only_what_is_no_message_reads_malformed_reply(make: Callable[[Request], bytes]) -> None:
    async with udp_peer(lambda request, _: [make(request)]) as peer:
        result = await ask(peer.port, seconds=0.5)
    assert (result.outcome, result.health) == ("malformed_reply", "failed")


async def test_garbage_before_the_answer_does_no_harm() -> None:
    async with udp_peer(lambda request, _: [b"\xff" * 900, b"\r\n\r\n", b"\0", ok(request)]) as peer:
        result = await ask(peer.port)
    assert (result.outcome, result.retransmissions) == ("ok", 0)


async def test_keep_alives_alone_are_no_reply_and_no_malformed_one() -> None:
    async with udp_peer(lambda *_: [b"\r\n\r\n", b"\0"]) as peer:
        assert (await ask(peer.port, seconds=0.5)).outcome == "timeout"


async def test_compact_and_folded_replies_are_understood() -> None:
    def reply(request: Request, _: int) -> list[bytes]:
        text = (
            ok(request)
            .decode()
            .replace("Via: ", "v: ")
            .replace("Call-ID: ", "i : ")
            .replace(";tag=", "\r\n ;tag=")
        )
        return [text.encode()]

    async with udp_peer(reply) as peer:
        assert (await ask(peer.port)).outcome == "ok"


async def test_a_reply_from_another_port_is_not_heard() -> None:
    other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def reply(request: Request, _: int) -> list[bytes]:
        via = request.identifiers.vias[0]
        other.sendto(ok(request), (via.host, via.port or 5060))
        return []

    async with udp_peer(reply) as peer:
        result = await ask(peer.port, seconds=0.5)
    other.close()
    assert result.outcome == "timeout"


async def test_a_reply_that_waits_behind_a_busy_loop_is_neither_late_nor_retransmitted() -> None:
    """A loop that is stuck past Timer E and past the deadline must not blame the server."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        asking = asyncio.create_task(ask(server.getsockname()[1], seconds=0.8))
        data, address = await asyncio.to_thread(server.recvfrom, 65535)
        request = parse_datagram(data)
        assert isinstance(request, Request)
        server.sendto(ok(request), address)
        time.sleep(1.0)  # the loop itself, on purpose
        result = await asking
    assert (result.outcome, result.retransmissions) == ("ok", 0)


async def test_a_deadline_missed_by_a_stuck_prober_is_our_own_fault() -> None:
    async with udp_peer(lambda *_: []) as peer:
        asking = asyncio.create_task(ask(peer.port, seconds=0.5))
        while not peer.requests:
            await asyncio.sleep(0.01)
        time.sleep(1.8)  # the loop itself, on purpose
        result = await asking
    assert (result.outcome, result.health) == ("internal", "inconclusive")
    assert "held up" in result.detail
