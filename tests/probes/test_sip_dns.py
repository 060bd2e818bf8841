"""sip_dns: NAPTR, SRV and addresses of a domain, and every server that they name asked."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from incidents.domain.outcomes import Health
from incidents.probes.config import ConfigError, build
from incidents.probes.running import Job, run, run_batch
from incidents.probes.sip_dns import Config
from tests.peers.dns import dns_peer
from tests.peers.faults import ok, saying, silent, stream_peer, udp_peer
from tests.peers.programs import free_port
from tests.probes.sip_domains import DOMAIN, Servers, asked, two_servers


@pytest.fixture
async def servers() -> AsyncIterator[Servers]:
    async with two_servers() as made:
        yield made


async def test_every_server_that_the_domain_names_is_asked(servers: Servers) -> None:
    async with asked(servers.table) as result:
        assert (result.outcome, result.detail) == ("ok", "all 2 servers answer")
        assert result.facts == {"targets": 2, "ttl_s": 60, "dead": 0}
        assert any("NAPTR 10 10" in line for line in result.trace)
        assert set(result.times) == {"dns", "connect", "sip", "total"}


async def test_without_naptr_the_fixed_names_are_asked_and_without_srv_the_domain_itself(
    servers: Servers,
) -> None:
    table = servers.table
    del table[f"{DOMAIN} NAPTR"]
    async with asked(table) as result:
        assert result.outcome == "ok"
    async with asked({f"{DOMAIN} A": ["127.0.0.1"]}, ask_targets=False) as result:
        assert (result.outcome, result.facts["targets"]) == ("ok", 1)


async def test_a_server_that_is_dead_beside_a_living_one_is_degraded(servers: Servers) -> None:
    servers.second = free_port()
    async with asked(servers.table) as result:
        assert (result.outcome, result.health) == ("degraded", Health.DEGRADED)
        assert result.detail == f"b.{DOMAIN}:{servers.second} over UDP: connection refused"


async def test_all_servers_dead_read_as_the_first_does(servers: Servers) -> None:
    servers.first, servers.second = free_port(), free_port()
    async with asked(servers.table) as result:
        assert (result.outcome, result.facts["dead"]) == ("refused", 2)


async def test_a_target_that_leads_nowhere_is_named(servers: Servers) -> None:
    table = servers.table
    del table[f"b.{DOMAIN} A"]
    async with asked(table) as result:
        assert (result.outcome, result.detail) == ("degraded", f"b.{DOMAIN} has no address")
    del table[f"a.{DOMAIN} A"]
    async with asked(table) as result:
        assert (result.outcome, result.health) == ("dns", Health.FAILED)


async def test_a_record_that_went_missing_or_came_unasked_is_named(servers: Servers) -> None:
    wanted = [f"a.{DOMAIN}:{servers.first}", "c.voice.example:5060"]
    async with asked(servers.table, expected_targets=wanted) as result:
        assert result.outcome == "degraded"
        assert "c.voice.example is missing" in result.detail
        assert f"b.{DOMAIN}:{servers.second} is new" in result.detail
    async with asked(servers.table, expected_targets=[f"a.{DOMAIN}", f"b.{DOMAIN}"]) as result:
        assert result.outcome == "ok"


async def test_a_service_that_is_decidedly_absent_reads_dns() -> None:
    """Even where the domain has an address: it says that nothing is to be asked there (RFC 2782)."""
    table = {f"_sip._udp.{DOMAIN} SRV": ["0 0 0 ."], f"{DOMAIN} A": ["127.0.0.1"]}
    async with asked(table) as result:
        assert (result.outcome, "offers no such service" in result.detail) == ("dns", True)


async def test_a_domain_that_does_not_exist_reads_dns() -> None:
    async with asked({}) as result:
        assert (result.outcome, result.health) == ("dns", Health.FAILED)


async def test_two_at_most_are_asked_at_once_of_one_address() -> None:
    met: list[int] = []
    now = 0

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal now
        now += 1
        met.append(now)
        await asyncio.sleep(0.05)
        now -= 1
        await saying(ok)(reader, writer)

    async with stream_peer(count) as peer:
        table = {
            f"_sip._tcp.{DOMAIN} SRV": [f"1 1 {peer.port} h{number}.{DOMAIN}." for number in range(8)],
            **{f"h{number}.{DOMAIN} A": ["127.0.0.1"] for number in range(8)},
        }
        async with asked(table, transport="tcp", deadline_seconds=5) as result:
            assert result.outcome == "ok"
    assert (len(met), max(met)) == (8, 2)


async def test_a_host_with_a_port_is_looked_up_at_the_name_server_that_was_named(servers: Servers) -> None:
    async with dns_peer(servers.table) as server:
        options = {"resolver": server.address, "family": "ipv4"}
        result = await run("sip_dns", f"a.{DOMAIN}:{servers.first}", options)
        assert server.asked == [f"a.{DOMAIN}. IN A"]
        gone = await run("sip_dns", f"c.{DOMAIN}:{servers.first}", options)
    assert (result.outcome, result.facts["ttl_s"]) == ("ok", 60)
    assert (gone.outcome, gone.detail) == ("dns", f"c.{DOMAIN}: no address")


@pytest.mark.parametrize("code", [408, 500, 503])
async def test_servers_that_answer_they_are_down_are_dead(code: int) -> None:
    async with udp_peer(lambda request, _: [ok(request, code=code, reason="Down")]) as peer:
        table = Servers(peer.port, peer.port).table
        async with asked(table) as result:
            assert (result.outcome, result.facts["dead"]) == ("error_code", 2)


async def test_a_server_that_answers_only_when_asked_again_is_degraded(servers: Servers) -> None:
    async with udp_peer(lambda request, number: [ok(request)] if number == 2 else []) as lossy:
        servers.second = lossy.port
        async with asked(servers.table, deadline_seconds=5) as result:
            assert (result.outcome, result.facts["dead"], result.retransmissions) == ("degraded", 0, 1)
            assert result.detail.endswith("only after 1 retransmission")


async def test_an_address_that_we_have_no_way_to_is_not_dead(servers: Servers) -> None:
    table = servers.table
    del table[f"b.{DOMAIN} A"]
    table[f"b.{DOMAIN} AAAA"] = ["100::1"]  # the prefix that everybody discards (RFC 6666)
    async with asked(table, deadline_seconds=1) as result:
        assert result.outcome in ("ok", "degraded")
        assert result.facts["dead"] == (0 if result.outcome == "ok" else 1)


async def test_a_hidden_private_address_is_not_dialled_without_the_right(servers: Servers) -> None:
    async with dns_peer(servers.table) as server:
        job = Job("1", "sip_dns", DOMAIN, {"resolver": server.address, "deadline_seconds": 1}, private=False)
        (result,) = await run_batch([job])
    assert (result.outcome, server.asked) == ("internal", [])


async def test_an_address_or_a_port_needs_no_look_up(servers: Servers) -> None:
    result = await run("sip_dns", f"127.0.0.1:{servers.first}", {})
    assert (result.outcome, result.facts["targets"]) == ("ok", 1)


async def test_a_server_that_hangs_over_tcp_is_named(servers: Servers) -> None:
    async with stream_peer(silent) as peer:
        table = {f"_sip._tcp.{DOMAIN} SRV": [f"1 1 {peer.port} a.{DOMAIN}."], f"a.{DOMAIN} A": ["127.0.0.1"]}
        async with asked(table, transport="tcp", deadline_seconds=1) as result:
            assert result.outcome == "stalled"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"resolver": "dns.example"}, "resolver"),
        ({"resolver": "1.2.3.4:99999"}, "resolver"),
        ({"expected_targets": ["a b"]}, "expected_targets"),
        ({"transport": "sctp"}, "transport"),
    ],
    ids=range(4),
)
def test_options_that_make_no_sense_are_refused(options: dict[str, object], field: str) -> None:
    with pytest.raises(ConfigError) as refused:
        build(Config, options)
    assert refused.value.field == field
