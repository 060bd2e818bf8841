"""OPTIONS over UDP: retransmissions, closed and silent ports; for hostile replies see `test_hostile_peers`."""

import asyncio
import socket
import time
from itertools import pairwise

from incidents.sip.message import Request
from incidents.sip.parser import parse_datagram
from tests.peers.faults import ok, udp_peer
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
