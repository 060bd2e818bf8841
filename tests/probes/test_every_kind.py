"""One suite that every kind of probe must pass: bad targets, hostile peers, deadlines, cancellation."""

import asyncio
import gc
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from incidents.domain.outcomes import Health, Outcome, health_of
from incidents.probes.config import fields
from incidents.probes.kinds import KINDS, choices
from incidents.probes.results import Result
from incidents.probes.running import run
from tests.peers.faults import silent, stream_peer
from tests.peers.programs import free_port


@dataclass(frozen=True)
class Variant:
    """A kind as it is tried here. `wire` is what it dials: udp, tcp, or nothing at all."""

    kind: str
    wire: Literal["udp", "tcp", "nothing"]
    options: dict[str, object] = field(default_factory=dict)
    target: str = "127.0.0.1:9"

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.options.get('transport', self.wire)}"


ALICE = {"username": "alice", "password": "s3cret"}
VARIANTS = [
    Variant("sip_options", "udp", {"transport": "udp"}),
    Variant("sip_options", "tcp", {"transport": "tcp"}),
    Variant("sip_options", "tcp", {"transport": "tls"}),
    Variant("sip_register", "udp", {"transport": "udp", **ALICE}),
    Variant("sip_register", "tcp", {"transport": "tcp", **ALICE}),
    Variant("sip_register", "tcp", {"transport": "tls", **ALICE}),
    Variant("sip_call", "udp", {"transport": "udp"}),
    Variant("sip_call", "tcp", {"transport": "tcp"}),
    Variant("tls_certificate", "tcp"),
    Variant("certificate_store", "nothing", target="/etc"),
    Variant("heartbeat", "nothing"),
    Variant("sip_dns", "udp"),
    Variant("tcp_connect", "tcp", {"expect": "hello"}),
    Variant("http_get", "tcp", {"expect": "hello"}),
]
DIALLING = [variant for variant in VARIANTS if variant.wire != "nothing"]
HOSTILE_TARGETS = [
    "",
    "\0",
    "a\r\nb",
    "x" * 100_000,
    "sip:" * 99,
    "[[[",
    "host:99999",
    "../../etc",
    "💥",
    "%00",
    "@",
]


@pytest.fixture(params=VARIANTS, ids=lambda variant: variant.id)
def variant(request: pytest.FixtureRequest) -> Variant:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(params=DIALLING, ids=lambda variant: variant.id)
def dialling(request: pytest.FixtureRequest) -> Variant:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(autouse=True)
def _no_complaint_of_the_loop(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Exceptions nobody took and sockets nobody closed are logged or warned about: here they fail."""
    yield
    gc.collect()
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []


def _is_sound(result: Result) -> bool:
    texts = [result.detail, result.server, *result.trace]
    return (
        bool(result.detail)
        and result.health == health_of(result.outcome)
        and all(text.isprintable() and len(text) <= 300 for text in texts)
        and len(result.trace) <= 100
        and all(value >= 0 for value in result.times.values())
        and "total" in result.times
    )


def test_every_kind_is_tried_here() -> None:
    assert {variant.kind for variant in VARIANTS} == set(KINDS)


def test_the_table_names_each_kind_once_and_offers_it_as_a_choice() -> None:
    assert [name for name, _ in choices()] == list(KINDS)
    for name, found in KINDS.items():
        assert found.name == name
        assert found.label
        assert all(one.default == "" for one in fields(found.config) if one.secret)


def test_a_kind_names_its_facet_and_its_service(variant: Variant) -> None:
    kind = KINDS[variant.kind]
    config = kind.config(**variant.options)
    assert 0 < len(kind.facet(config)) <= 12
    assert 0 < len(kind.service(config)) <= 60


@pytest.mark.parametrize("target", HOSTILE_TARGETS, ids=range(len(HOSTILE_TARGETS)))
async def test_a_bad_target_is_our_own_fault_and_says_so(variant: Variant, target: str) -> None:
    result = await run(variant.kind, target, variant.options)
    assert (result.outcome, result.health) == (Outcome.INTERNAL, Health.INCONCLUSIVE)
    assert result.detail.startswith("target: ")
    assert _is_sound(result)


async def test_a_bad_option_is_our_own_fault_and_says_which(variant: Variant) -> None:
    for options in ({"colour": "red"}, {"deadline_seconds": "soon"}, {"deadline_seconds": -1}):
        result = await run(variant.kind, variant.target, {**variant.options, **options})
        assert result.outcome == Outcome.INTERNAL
        assert next(iter(options)) in result.detail


async def test_a_name_that_does_not_exist_reads_dns(dialling: Variant) -> None:
    name = "n" * 64 + ".invalid"  # a label too long for any resolver, so that none is asked
    result = await run(dialling.kind, f"{name}:5060", {**dialling.options, "deadline_seconds": 5})
    assert (result.outcome, result.health) == (Outcome.DNS, Health.FAILED)
    assert name in result.detail
    assert _is_sound(result)


async def test_a_closed_port_reads_refused(dialling: Variant) -> None:
    result = await run(dialling.kind, f"127.0.0.1:{free_port()}", dialling.options)
    assert (result.outcome, result.health) == (Outcome.REFUSED, Health.FAILED)
    assert _is_sound(result)


async def _silent_port() -> tuple[asyncio.DatagramTransport, int]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
    return transport, transport.get_extra_info("sockname")[1]


async def test_the_deadline_is_kept_by_a_peer_that_never_answers(
    dialling: Variant,
) -> None:
    name, options = dialling.kind, dialling.options
    transport, udp_port = await _silent_port()
    async with stream_peer(silent) as peer:
        port = udp_port if dialling.wire == "udp" else peer.port
        started = time.monotonic()
        result = await run(name, f"127.0.0.1:{port}", {**options, "deadline_seconds": 0.7})
    transport.close()
    assert result.health == Health.FAILED
    assert result.outcome in (Outcome.TIMEOUT, Outcome.STALLED)
    assert 0.6 < time.monotonic() - started < 2.5
    assert _is_sound(result)


async def test_a_cancelled_probe_ends_at_once_and_leaves_nothing(
    dialling: Variant,
) -> None:
    name, options = dialling.kind, dialling.options
    transport, udp_port = await _silent_port()
    async with stream_peer(silent) as peer:
        port = udp_port if dialling.wire == "udp" else peer.port
        for pause in (0, 0, 0.001, 0.02, 0.1):
            asking = asyncio.create_task(run(name, f"127.0.0.1:{port}", {**options, "deadline_seconds": 20}))
            await asyncio.sleep(pause)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                async with asyncio.timeout(2):
                    await asking
        await asyncio.sleep(0.05)
        others = {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}
        assert not any("run" in str(task.get_coro()) for task in others)
    transport.close()


async def test_no_socket_is_left_behind(dialling: Variant) -> None:
    name, options = dialling.kind, dialling.options
    transport, udp_port = await _silent_port()

    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)

    async with stream_peer(silent) as dead, stream_peer(leave) as rude:
        await run(name, f"127.0.0.1:{free_port()}", options)
        await asyncio.sleep(0.1)
        before = len(list(Path("/proc/self/fd").iterdir()))
        for port in (udp_port, dead.port, rude.port, free_port()):
            await run(name, f"127.0.0.1:{port}", {**options, "deadline_seconds": 0.5})
        await asyncio.sleep(0.1)
        assert len(list(Path("/proc/self/fd").iterdir())) == before
    transport.close()


@pytest.mark.parametrize(
    "noise",
    [
        b"\r\n" * 40_000,
        bytes(range(256)) * 300,
        b"SIP/2.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x28",
    ],
    ids=["blank", "binary", "bare", "http", "alert"],
)
async def test_a_hostile_peer_is_the_target_s_failure(dialling: Variant, noise: bytes) -> None:
    async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(noise)
        await writer.drain()
        await reader.read(100)

    class Shouting(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            transport.sendto(noise[:60_000], addr)

    name, options = dialling.kind, dialling.options
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Shouting, local_addr=("127.0.0.1", 0))
    async with stream_peer(shout) as peer:
        udp_port = transport.get_extra_info("sockname")[1]
        port = udp_port if dialling.wire == "udp" else peer.port
        result = await run(name, f"127.0.0.1:{port}", {**options, "deadline_seconds": 1})
    transport.close()
    assert result.health == Health.FAILED
    assert _is_sound(result)
