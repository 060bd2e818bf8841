"""Rows: hostile replies over UDP, hostile streams, and TLS ports that do not shake hands."""

import asyncio
from pathlib import Path

from tests.faults.carrier import carrier, sip
from tests.faults.table import Ask, Rows, see
from tests.peers.certificates import DAY, Authority
from tests.peers.faults import Talk, server_context, silent, stream_peer, udp_peer
from tests.peers.hostile import STREAM, UDP, Way, ancient_context, deface, full, hung, leaving, plain_http
from tests.peers.programs import free_port


async def datagrams(_: Path) -> Rows:
    """Each way to reply over UDP."""

    async def look(way: Way) -> dict[str, str]:
        async with udp_peer(deface(carrier(), way)) as peer:
            return await see(sip(peer.port, "udp"))

    seen = await asyncio.gather(*(look(way) for way in UDP.values()))
    return dict(zip(UDP, seen, strict=True))


def _stream(port: int) -> list[Ask]:
    return [*sip(port, "tcp"), Ask("tcp_connect", f"127.0.0.1:{port}", {"deadline_seconds": 1.0})]


async def streams(_: Path) -> Rows:
    """Each way to behave on a TCP connection, and ports that never come so far."""
    rows = {"nothing listens": await see(_stream(free_port()))}
    async with full() as port:
        rows["the queue is full"] = await see(_stream(port))
    with hung() as port:
        rows["the process hangs"] = await see(_stream(port))
    for name, behaviour in STREAM.items():
        async with stream_peer(behaviour.lead(carrier())) as peer:
            rows[name] = await see(_stream(peer.port))
    return rows


async def handshakes(folder: Path) -> Rows:
    """TLS ports that do not come to an agreement."""
    authority = Authority(folder)
    pair = authority.issue("server", ends=90 * DAY)
    talks: dict[str, Talk] = {
        "half-open": silent,
        "closed in the handshake": leaving,
        "HTTP in the clear": plain_http,
    }
    trust = {"ca_file": str(authority.ca_file)}
    rows = {"nothing listens": await see(_secured(free_port(), trust))}
    for name, talk in talks.items():
        async with stream_peer(talk) as peer:
            rows[name] = await see(_secured(peer.port, trust))
    async with stream_peer(silent, tls=ancient_context(pair)) as peer:
        rows["TLS 1.0 alone"] = await see(_secured(peer.port, trust))
    async with stream_peer(silent, tls=server_context(pair.certificate, pair.key)) as peer:
        rows["half-open after the handshake"] = await see(_secured(peer.port, trust))
    return rows


def _secured(port: int, trust: dict[str, object]) -> list[Ask]:
    seconds = {"deadline_seconds": 1.5, **trust}
    return [
        *sip(port, "tls", seconds=1.5, **trust),
        Ask("tls_certificate", f"127.0.0.1:{port}", seconds),
        Ask("tcp_connect", f"127.0.0.1:{port}", {"deadline_seconds": 1.5}),
        Ask("http_get", f"https://127.0.0.1:{port}/", seconds),
    ]
