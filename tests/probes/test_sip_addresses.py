"""A target of several addresses, and addresses that our own side cannot reach."""

import errno

import pytest

from incidents.probes.evidence import Evidence
from incidents.probes.results import Result
from incidents.probes.running import run
from incidents.probes.sip_exchange import Answer, Exchange, Route, Transport
from incidents.probes.sip_targets import SipTarget
from incidents.probes.sip_verdicts import verdict
from incidents.sip.errors import LocalFault, NotResolved, Refused
from incidents.sip.requests import options
from incidents.sip.resolution import Endpoint
from incidents.sip.tls import TlsSettings
from incidents.sip.transport import failure_of
from tests.peers.faults import ok, saying, stream_peer, udp_peer
from tests.peers.programs import free_port

LINK_LOCAL = Endpoint("fe80::1", 5060)  # without an interface no system knows a way


async def _ask(endpoints: list[Endpoint], transport: Transport = "udp") -> Result:
    evidence = Evidence()
    route = Route(transport, "any", TlsSettings("pbx.example.test"), 1.0)
    exchange = Exchange(SipTarget("", "pbx.example.test", None), route, evidence)
    response = await exchange.first(
        endpoints,
        lambda line: line.ask(options("sip:pbx.example.test", transport=line.transport, local=line.local)),
    )
    answer = Answer(response, exchange.retransmissions, tuple(exchange.refused))
    return verdict(evidence, answer, ("2xx",))


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_second_address_that_answers_is_degraded_and_names_the_first(transport: Transport) -> None:
    dead = Endpoint("127.0.0.1", free_port())
    async with udp_peer(lambda request, _: [ok(request)]) as udp, stream_peer(saying(ok)) as tcp:
        alive = Endpoint("127.0.0.1", udp.port if transport == "udp" else tcp.port)
        result = await _ask([dead, alive], transport)
        assert (await _ask([alive, dead], transport)).outcome == "ok"
    assert (result.outcome, result.code) == ("degraded", 200)
    assert result.detail == f"200 OK, but {dead} connection refused"


async def test_addresses_that_all_refuse_read_refused() -> None:
    with pytest.raises(Refused):
        await _ask([Endpoint("127.0.0.1", free_port()), Endpoint("127.0.0.1", free_port())])


async def test_no_address_at_all_is_not_resolved() -> None:
    with pytest.raises(NotResolved):
        await _ask([])


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_an_address_our_own_system_cannot_send_to_is_our_own_fault(transport: str) -> None:
    result = await run("sip_options", LINK_LOCAL.ip, {"transport": transport})
    assert (result.outcome, result.health) == ("internal", "inconclusive")


@pytest.mark.parametrize(
    "number", [errno.EMFILE, errno.ENOBUFS, errno.EPERM, errno.EINVAL, errno.EADDRNOTAVAIL]
)
def test_our_own_limits_and_rules_are_local_faults(number: int) -> None:
    assert isinstance(failure_of(OSError(number, "x")), LocalFault)


@pytest.mark.parametrize("number", [errno.ECONNREFUSED, errno.ECONNRESET, errno.EHOSTUNREACH, errno.EPIPE])
def test_what_the_network_says_is_a_refusal(number: int) -> None:
    assert isinstance(failure_of(OSError(number, "x")), Refused)
