"""Thousands at once, under the caps of DESIGN 9, with results in the order asked."""

import asyncio
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from incidents.probes.running import Caps, Job, Pace, run, run_batch, run_slices
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
        ("tcp", Caps(), 2),
        ("tls", Caps(), 2),
        ("tcp", Caps(connections=5), 5),
        ("tcp", Caps(connections=100, everywhere=3), 3),
        ("tls", Caps(connections=100, handshakes=4), 4),
        ("tcp", Caps(connections=100, handshakes=4), 12),
    ],
)
async def test_the_caps_on_an_endpoint_on_everything_and_on_handshakes_hold(
    transport: str, caps: Caps, most: int, tmp_path: Path
) -> None:
    pair = Authority(tmp_path).issue("peer")
    counting = Counting()
    tls = server_context(pair.certificate, pair.key) if transport == "tls" else None
    async with stream_peer(counting.talk, tls=tls) as peer:
        results = await run_batch(_jobs(peer.port, transport), caps=caps)
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


async def test_what_is_silent_on_one_port_does_not_hold_up_another_port() -> None:
    options = {"transport": "tcp", "deadline_seconds": 1}
    async with stream_peer(silent) as one, stream_peer(silent) as other, stream_peer(silent) as third:
        jobs = [
            Job(f"{peer.port} {n}", "sip_options", f"127.0.0.1:{peer.port}", options)
            for peer in (one, other, third)
            for n in range(2)
        ]
        started = time.monotonic()
        results = await run_batch(jobs)
        assert time.monotonic() - started < 2.7
    assert {result.outcome for result in results} == {"stalled"}


@pytest.mark.parametrize(("caps", "least", "most"), [(Caps(), 1, 6), (Caps(datagrams=10), 3, 9)])
async def test_silent_datagrams_of_one_endpoint_hardly_queue(caps: Caps, least: float, most: float) -> None:
    async with udp_peer(lambda *_: []) as peer:
        target = f"127.0.0.1:{peer.port}"
        jobs = [Job(str(n), "sip_options", target, {"deadline_seconds": 1}) for n in range(24)]
        started = time.monotonic()
        results = await run_batch(jobs, caps=caps)
        assert least <= time.monotonic() - started + 0.1 < most
    assert {result.outcome for result in results} == {"timeout"}


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


def _silent_and_quick(port: int, quick: int) -> list[Job]:
    options = {"transport": "tcp", "deadline_seconds": 0.5}
    jobs = [Job(f"silent {n}", "sip_options", f"127.0.0.1:{port}", options) for n in range(24)]
    return [*jobs, Job("quick", "sip_options", f"127.0.0.1:{quick}", options)]


async def test_what_has_finished_is_handed_over_while_the_rest_still_runs() -> None:
    async with stream_peer(silent) as peer:
        jobs = _silent_and_quick(peer.port, free_port())[20:]
        slices = [each async for each in run_slices(jobs, pace=Pace(every=0.2, within=30))]
    assert list(slices[0]) == ["quick"]
    assert sorted(key for each in slices for key in each) == sorted(job.key for job in jobs)
    assert {result.outcome for each in slices[1:] for result in each.values()} == {"stalled"}


async def test_what_could_not_end_in_time_is_not_started() -> None:
    async with stream_peer(silent) as peer:
        jobs = _silent_and_quick(peer.port, free_port())
        # A run of half a second may take 2.5 s before it is taken for stuck, so nothing starts after 1.3 s.
        slices = [each async for each in run_slices(jobs, pace=Pace(every=0.2, within=3.8))]
        met = peer.connections
    ran = [key for each in slices for key in each]
    assert ran.count("quick") == 1
    assert 4 <= len(ran) - 1 <= 6
    assert met == len(ran) - 1
    assert len(slices[-1]) <= 2


async def test_no_jobs_make_no_slice() -> None:
    assert [each async for each in run_slices([], pace=Pace(every=1, within=1))] == []


async def test_slices_that_are_given_up_leave_no_probe_behind() -> None:
    async with stream_peer(silent) as peer:
        slices = run_slices(_silent_and_quick(peer.port, free_port()), pace=Pace(every=0.2, within=30))
        assert list(await anext(slices)) == ["quick"]
        await slices.aclose()
        left = {task.get_name() for task in asyncio.all_tasks() if "_Gates" in repr(task.get_coro())}
    assert left == set()


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


def test_no_more_run_at_once_than_there_are_sockets() -> None:
    """In a process of its own, whose limit can be lowered for good."""
    words = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (250, 300));"
        "from incidents.probes.running import at_once;"
        "print(at_once(2000), at_once(7), resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout == "100 7 (300, 300)\n"
