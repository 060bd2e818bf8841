"""A probe reaches our own network only where whoever set it up has the right."""

import pytest

from incidents.domain.outcomes import Outcome
from incidents.probes.running import Job, run_batch
from tests.peers.faults import ok, udp_peer


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "10.1.2.3", "169.254.169.254", "[::1]", "[fd00:ec2::254]"]
)
async def test_a_private_or_metadata_address_is_not_dialled_without_the_right(host: str) -> None:
    job = Job("a", "sip_options", f"sip:{host}:5060", private=False)
    (result,) = await run_batch([job])
    assert result.outcome == Outcome.INTERNAL
    assert "private network" in result.detail
    assert "connect" not in result.times


async def test_with_the_right_it_is_and_neighbours_in_one_batch_keep_their_own_right() -> None:
    async with udp_peer(lambda request, number: [ok(request)]) as peer:
        target = f"sip:127.0.0.1:{peer.port}"
        jobs = [Job(str(n), "sip_options", target, private=n % 2 == 0) for n in range(6)]
        results = await run_batch(jobs)
    assert [result.outcome for result in results] == [Outcome.OK, Outcome.INTERNAL] * 3
    assert len(peer.requests) == 3


def test_a_job_never_shows_its_options() -> None:
    job = Job("a", "sip_options", "sip:host", {"password": "hunter2"})
    assert "hunter2" not in repr(job)


async def test_the_right_does_not_leak_from_one_run_into_the_next() -> None:
    await run_batch([Job("a", "sip_options", "sip:127.0.0.1:9", private=False)])
    async with udp_peer(lambda request, number: [ok(request)]) as peer:
        (result,) = await run_batch([Job("b", "sip_options", f"sip:127.0.0.1:{peer.port}")])
    assert result.outcome == Outcome.OK
