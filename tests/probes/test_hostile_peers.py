"""Each SIP kind against each wrong way to answer that we know of: every one has its class, none lasts too long."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from incidents.probes.results import Result
from incidents.probes.running import run
from tests.peers.calls import Number, number_peer
from tests.peers.certificates import Authority
from tests.peers.faults import server_context, stream_peer, udp_peer
from tests.peers.hostile import STREAM, UDP, Behaviour, Honest, Way, deface, full, honest, hung
from tests.peers.registrar import Registrar

SECONDS = 1.0


@asynccontextmanager
async def _everything_is_fine() -> AsyncIterator[Honest]:
    yield honest


@asynccontextmanager
async def _registrar() -> AsyncIterator[Honest]:
    yield Registrar().reply


@asynccontextmanager
async def _number() -> AsyncIterator[Honest]:
    async with number_peer(Number()) as number:
        yield number.honest


@dataclass(frozen=True)
class Kind:
    """A SIP kind, the server that it finds nothing wrong with, and its options."""

    name: str
    server: Callable[[], AbstractAsyncContextManager[Honest]]
    options: dict[str, object] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    """Where its classes are others than those of the tables."""

    async def ask(self, port: int, transport: str) -> Result:
        """One run."""
        given = {**self.options, "transport": transport, "deadline_seconds": SECONDS}
        return await run(self.name, f"sip:echo@127.0.0.1:{port}", given)


KINDS = [
    Kind("sip_options", _everything_is_fine),
    Kind("sip_register", _registrar, {"username": "alice", "password": "s3cret"}),
    # Within a call the peer may ask, too: a request is answered, and is no reply.
    Kind("sip_call", _number, {"packets": 5}, {"our own request": "timeout"}),
]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param  # type: ignore[no-any-return]


async def _over_udp(kind: Kind, way: Way, *, then_honest: bool) -> Result:
    async with (
        kind.server() as server,
        udp_peer(deface(server, way, then_honest=then_honest)) as peer,
    ):
        return await kind.ask(peer.port, "udp")


async def _over_tcp(kind: Kind, behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> Result:
    async with kind.server() as server, stream_peer(behaviour.lead(server), tls=tls) as peer:
        return await kind.ask(peer.port, "tls" if tls else "tcp")


async def _all_at_once(*asked: Coroutine[None, None, Result]) -> Sequence[Result]:
    return await asyncio.gather(*asked)


async def test_each_way_of_a_datagram_has_its_class(kind: Kind) -> None:
    results = await _all_at_once(*(_over_udp(kind, way, then_honest=False) for way in UDP.values()))
    seen = {name: str(result.outcome) for name, result in zip(UDP, results, strict=True)}
    assert seen == {name: kind.others.get(name, way.outcome) for name, way in UDP.items()}


async def test_what_is_not_ours_neither_fails_nor_delays_the_reply_that_is(kind: Kind) -> None:
    """Anybody can send us such datagrams: they must not be able to turn a probe red."""
    strays = {name: way for name, way in UDP.items() if way.stray}
    results = await _all_at_once(*(_over_udp(kind, way, then_honest=True) for way in strays.values()))
    seen = {
        name: (str(found.outcome), found.retransmissions) for name, found in zip(strays, results, strict=True)
    }
    assert seen == dict.fromkeys(strays, ("ok", 0))


async def test_a_reply_that_is_ignored_is_in_the_trace(kind: Kind) -> None:
    result = await _over_udp(kind, UDP["wrong Call-ID"], then_honest=False)
    assert result.detail.endswith("none to our request")
    assert any("answers nothing of ours: SIP/2.0" in line for line in result.trace)


async def test_each_behaviour_of_a_stream_has_its_class(kind: Kind) -> None:
    quiet = {name: behaviour for name, behaviour in STREAM.items() if not behaviour.loud}
    results = await _all_at_once(*(_over_tcp(kind, behaviour) for behaviour in quiet.values()))
    seen = {name: str(result.outcome) for name, result in zip(quiet, results, strict=True)}
    assert seen == {name: behaviour.outcome for name, behaviour in quiet.items()}


async def test_tls_hides_none_of_them(kind: Kind, tmp_path: Path) -> None:
    pair = Authority(tmp_path).issue("good")
    context = server_context(pair.certificate, pair.key)
    trusting = replace(kind, options={**kind.options, "ca_file": str(tmp_path / "ca.pem")})
    names = ("half-open", "closed without a word", "garbage", "no Content-Length", "line ends first")

    results = await _all_at_once(*(_over_tcp(trusting, STREAM[name], context) for name in names))
    seen = {name: str(result.outcome) for name, result in zip(names, results, strict=True)}
    # Half-open means here that the handshake is done and nothing follows.
    assert seen == {name: STREAM[name].outcome for name in names}


@pytest.mark.parametrize("name", [name for name, behaviour in STREAM.items() if behaviour.loud])
async def test_a_peer_that_does_not_stop_talking_is_cut_off(kind: Kind, name: str) -> None:
    result = await _over_tcp(kind, STREAM[name])
    assert result.outcome == STREAM[name].outcome
    assert result.times["total"] < 4000


async def test_a_process_that_hangs_and_a_queue_that_is_full_are_told_apart(kind: Kind) -> None:
    with hung() as port:
        assert (await kind.ask(port, "tcp")).outcome == "stalled"
    async with full() as port:
        assert (await kind.ask(port, "tcp")).outcome == "timeout"


async def test_what_they_leave_in_the_trace_is_bounded_and_printable(kind: Kind) -> None:
    ways = [UDP["64 kB"], UDP["binary"]]
    results = await _all_at_once(*(_over_udp(kind, way, then_honest=False) for way in ways))
    flooded = await _over_tcp(kind, STREAM["flood of others' replies"])
    for result in (*results, flooded):
        assert len(result.trace) <= 60
        assert all(line.isprintable() and len(line) <= 240 for line in (result.detail, *result.trace))


def test_the_tables_hold_what_the_reference_asks_for() -> None:
    assert len(UDP) >= 18
    assert len(STREAM) >= 8
