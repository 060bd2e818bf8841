"""Thousands at once, under the caps of DESIGN 9, with results in the order asked."""

import asyncio
import resource
import time
from pathlib import Path

import pytest

from incidents.probes.running import Job, run, run_batch
from incidents.sip.message import Request
from tests.peers.certificates import Authority
from tests.peers.faults import ok, read_request, server_context, silent, stream_peer, udp_peer
from tests.peers.programs import free_port


async def test_results_come_in_the_order_of_the_jobs() -> None:
    async with udp_peer(lambda request, _: [ok(request)]) as peer:
        jobs = [
            Job("dead", "sip_options", f"127.0.0.1:{free_port()}", {}),
            Job("alive", "sip_options", f"127.0.0.1:{peer.port}", {}),
            Job("nonsense", "sip_options", "", {}),
            Job("unknown", "crystal_ball", "127.0.0.1", {}),
            Job("misled", "sip_options", "127.0.0.1", {"transport": "pigeon"}),
        ]
        results = await run_batch(jobs)
    assert [result.outcome for result in results] == ["refused", "ok", "internal", "internal", "internal"]
    assert "crystal_ball" in results[3].detail
    assert "transport" in results[4].detail


async def test_an_empty_batch_has_no_results() -> None:
    assert await run_batch([]) == []


class Counting:
    """A peer that knows how many clients waited for it at once: they cannot leave before it has answered."""

    def __init__(self) -> None:
        self.now = 0
        self.most = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.05)
        self.now -= 1
        writer.write(ok(request))
        await reader.read()


def _jobs(port: int, transport: str) -> list[Job]:
    options = {"transport": transport, "verify_tls": False}
    return [Job(str(number), "sip_options", f"127.0.0.1:{port}", options) for number in range(12)]


@pytest.mark.parametrize(
    ("transport", "caps", "most"),
    [
        ("tcp", {}, 2),
        ("tcp", {"per_target": 5}, 5),
        ("tcp", {"per_target": 100, "concurrency": 3}, 3),
        ("tls", {"per_target": 100, "tls": 4}, 4),
        ("tcp", {"per_target": 100, "tls": 4}, 12),
    ],
)
async def test_the_caps_on_a_host_on_everything_and_on_handshakes_hold(
    transport: str, caps: dict[str, int], most: int, tmp_path: Path
) -> None:
    pair = Authority(tmp_path).issue("peer")
    counting = Counting()
    tls = server_context(pair.certificate, pair.key) if transport == "tls" else None
    async with stream_peer(counting.talk, tls=tls) as peer:
        results = await run_batch(_jobs(peer.port, transport), **caps)
    assert counting.most == most
    assert [result.outcome for result in results] == ["ok"] * 12


async def test_a_host_that_is_dead_over_one_transport_does_not_hold_up_another() -> None:
    met: list[float] = []

    def reply(request: Request, _: int) -> list[bytes]:
        met.append(time.monotonic())
        return [ok(request)]

    async with udp_peer(reply) as alive, stream_peer(silent) as dead:
        options = {"transport": "tcp", "deadline_seconds": 2}
        jobs = [Job(str(n), "sip_options", f"127.0.0.1:{dead.port}", options) for n in range(4)]
        jobs.append(Job("udp", "sip_options", f"127.0.0.1:{alive.port}", {}))
        started = time.monotonic()
        results = await run_batch(jobs)
        spent = time.monotonic() - started
    assert [result.outcome for result in results] == ["stalled"] * 4 + ["ok"]
    assert met[0] - started < 1.5
    assert 3.9 < spent < 8


async def test_five_hundred_dead_endpoints_last_as_long_as_one() -> None:
    async with udp_peer(lambda *_: []) as peer:
        jobs = [
            Job(str(n), "sip_options", f"127.1.{n // 250}.{n % 250 + 1}:{peer.port}", {"deadline_seconds": 1})
            for n in range(500)
        ]
        started = time.monotonic()
        results = await run_batch(jobs)
        assert time.monotonic() - started < 6
    assert {result.health for result in results} == {"failed"}


async def test_a_cancelled_batch_leaves_no_probe_behind() -> None:
    async with udp_peer(lambda *_: []) as peer:
        jobs = [Job(str(n), "sip_options", f"127.0.0.1:{peer.port}", {}) for n in range(50)]
        batch = asyncio.create_task(run_batch(jobs))
        await asyncio.sleep(0.1)
        batch.cancel()
        with pytest.raises(asyncio.CancelledError):
            await batch
        assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_running_out_of_sockets_is_our_own_fault() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Path("/dev/null").open() as probe:
        resource.setrlimit(resource.RLIMIT_NOFILE, (probe.fileno() + 1, hard))
        try:
            results = [await run("sip_options", "127.0.0.1:9", {"transport": way}) for way in ("udp", "tcp")]
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert [(result.outcome, result.detail) for result in results] == [
        ("internal", "too many open files")
    ] * 2
