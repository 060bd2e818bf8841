"""sip_call against Debian's SIPp: audio there and back, ten calls at once, and every call ended by a BYE."""

from pathlib import Path

import pytest

from incidents.probes.results import Result
from incidents.probes.running import Job, run, run_batch
from tests.peers.sipp import Sipp, sipp

pytestmark = pytest.mark.slow


async def call(peer: Sipp, **options: object) -> Result:
    return await run("sip_call", f"sip:echo@127.0.0.1:{peer.port}", {"deadline_seconds": 6, **options})


async def answered(peer: Sipp, **options: object) -> Result:
    """Once it has started."""
    result = await call(peer, **options)
    while result.outcome == "refused":
        result = await call(peer, **options)
    return result


async def test_fifty_packets_go_there_and_back(tmp_path: Path) -> None:
    with sipp(tmp_path, calls=1) as peer:
        result = await answered(peer)
        assert peer.served_all(within=10)
    print(result.detail, result.facts)
    assert (result.outcome, result.code) == ("ok", 200)
    assert (result.facts["packets_sent"], result.facts["packets_received"]) == (50, 50)
    assert result.facts["loss_percent"] == 0


async def test_ten_calls_at_once_are_all_ended(tmp_path: Path) -> None:
    with sipp(tmp_path, calls=11) as peer:
        assert (await answered(peer, packets=5)).outcome == "ok"
        target = f"sip:echo@127.0.0.1:{peer.port}"
        results = await run_batch([Job(str(n), "sip_call", target, {"packets": 20}) for n in range(10)])
        assert peer.served_all(within=15)
    assert {str(result.outcome) for result in results} <= {"ok", "degraded"}


async def test_silence_after_the_answer_is_one_way_audio_and_ended_all_the_same(tmp_path: Path) -> None:
    with sipp(tmp_path, calls=1, echoes=False) as peer:
        result = await answered(peer)
        assert peer.served_all(within=10)
    assert result.outcome == "one_way_audio"
