"""Dialling by hand: an address that refuses is passed over, silence is not, and what is ours is said to be ours."""

import asyncio

import pytest

from incidents.probes.dialling import dial
from incidents.probes.evidence import Evidence
from incidents.sip.errors import LocalFault, NoReply, NotResolved, Refused, SipFailure
from incidents.sip.resolution import Endpoint
from tests.peers.faults import silent, stream_peer
from tests.peers.hostile import full
from tests.peers.programs import free_port

NOWHERE = Endpoint("fe80::1%nowhere", 9)
"""An address on a network interface that does not exist."""


async def reach(*endpoints: Endpoint, seconds: float = 1.0) -> Endpoint:
    connected, endpoint = await dial(
        endpoints, evidence=Evidence(), deadline=asyncio.get_running_loop().time() + seconds
    )
    connected.close()
    return endpoint


async def test_the_first_address_that_accepts_is_taken() -> None:
    async with stream_peer(silent) as peer:
        live = Endpoint("127.0.0.1", peer.port)
        assert await reach(Endpoint("127.0.0.1", free_port()), live) == live


async def test_an_address_that_is_silent_is_not_passed_over() -> None:
    async with stream_peer(silent) as peer, full() as port:
        with pytest.raises(NoReply):
            await reach(Endpoint("127.0.0.1", port), Endpoint("127.0.0.1", peer.port), seconds=0.5)


async def test_that_all_refuse_is_the_target_s_doing() -> None:
    with pytest.raises(Refused, match="connection refused"):
        await reach(Endpoint("127.0.0.1", free_port()), Endpoint("127.0.0.1", free_port()))


async def test_an_address_that_we_cannot_even_try_is_our_own_fault() -> None:
    with pytest.raises(LocalFault):
        await reach(NOWHERE)


async def test_without_an_address_there_is_nothing_to_dial() -> None:
    with pytest.raises(NotResolved):
        await reach()


async def test_each_address_that_refused_is_noted() -> None:
    evidence, port = Evidence(), free_port()
    with pytest.raises(SipFailure):
        await dial(
            [Endpoint("127.0.0.1", port)],
            evidence=evidence,
            deadline=asyncio.get_running_loop().time() + 1,
        )
    assert any(f"127.0.0.1:{port} connection refused" in line for line in evidence.result("ok", "x").trace)
