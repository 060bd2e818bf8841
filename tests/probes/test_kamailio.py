"""sip_options against Debian's own Kamailio: three transports, a stopped server, and TLS dead while UDP lives."""

import asyncio
from collections.abc import Iterator

import pytest

from incidents.probes.results import Result
from incidents.probes.running import Job, run, run_batch
from tests.peers.kamailio import Kamailio, Tls

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kamailio]:
    with Kamailio(tmp_path_factory.mktemp("kamailio")) as kamailio:
        yield kamailio


async def _probe(kamailio: Kamailio, transport: str, **options: object) -> Result:
    port = kamailio.tls_port if transport == "tls" else kamailio.port
    given = {"transport": transport, "deadline_seconds": 3, "ca_file": str(kamailio.ca_file), **options}
    return await run("sip_options", f"sip:127.0.0.1:{port}", given)


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_it_is_ok_over_each_transport(running: Kamailio, transport: str) -> None:
    result = await _probe(running, transport)
    assert (result.outcome, result.code, result.server) == ("ok", 200, "kamailio (test)")
    assert result.retransmissions == 0
    assert any(line.startswith("Allow: OPTIONS, REGISTER") for line in result.trace)


async def test_its_certificate_is_not_trusted_by_the_system(running: Kamailio) -> None:
    result = await _probe(running, "tls", ca_file="")
    assert (result.outcome, result.code) == ("tls_verify", 20)


async def test_its_certificate_does_not_prove_another_name(running: Kamailio) -> None:
    result = await _probe(running, "tls", server_name="other.example.test")
    assert (result.outcome, result.code) == ("tls_verify", 62)


async def test_its_tcp_port_does_not_speak_tls(running: Kamailio) -> None:
    given = {"transport": "tls", "deadline_seconds": 1}
    result = await run("sip_options", f"127.0.0.1:{running.port}", given)
    assert result.outcome in ("stalled", "tls_handshake")


async def test_a_batch_of_three_hundred_under_the_caps_is_answered_whole(running: Kamailio) -> None:
    jobs = [
        Job(
            f"{transport} {number}",
            "sip_options",
            f"127.0.0.1:{running.tls_port if transport == 'tls' else running.port}",
            {"transport": transport, "ca_file": str(running.ca_file)},
        )
        for number in range(100)
        for transport in ("udp", "tcp", "tls")
    ]
    results = await run_batch(jobs)
    assert {str(result.outcome) for result in results} == {"ok"}


async def test_a_stopped_server_reads_refused_over_each_transport(running: Kamailio) -> None:
    running.stop()
    outcomes = [(await _probe(running, transport)).outcome for transport in ("udp", "tcp", "tls")]
    running.start()
    assert outcomes == ["refused"] * 3
    assert [(await _probe(running, transport)).outcome for transport in ("udp", "tcp", "tls")] == ["ok"] * 3


async def test_a_killed_server_reads_refused_and_leaves_no_child(running: Kamailio) -> None:
    running.kill()
    outcomes = [(await _probe(running, transport)).outcome for transport in ("udp", "tcp", "tls")]
    running.start()
    assert outcomes == ["refused"] * 3


@pytest.mark.parametrize(
    ("tls", "outcome"), [(Tls.ABSENT, {"refused"}), (Tls.BROKEN, {"stalled", "tls_handshake"})]
)
async def test_dead_tls_is_seen_while_udp_and_tcp_answer(
    running: Kamailio, tls: Tls, outcome: set[str]
) -> None:
    """The seed's outage as a customer met it; a probe of UDP alone would have stayed green."""
    running.restart(tls=tls)
    found = {transport: await _probe(running, transport) for transport in ("udp", "tcp", "tls")}
    running.restart(tls=Tls.WORKING)
    assert (found["udp"].outcome, found["tcp"].outcome) == ("ok", "ok")
    assert str(found["tls"].outcome) in outcome
    assert (await _probe(running, "tls")).outcome == "ok"


async def test_a_frozen_server_reads_timeout_over_udp_and_stalled_over_streams(running: Kamailio) -> None:
    """Every process stopped, the kernel still accepting: a hang, not a crash."""
    running.freeze()
    try:
        udp, tcp, tls = await asyncio.gather(
            *(_probe(running, transport, deadline_seconds=1) for transport in ("udp", "tcp", "tls"))
        )
    finally:
        running.thaw()
    assert (udp.outcome, tcp.outcome, tls.outcome) == ("timeout", "stalled", "stalled")
    assert (await _probe(running, "udp")).health in ("ok", "degraded")
