"""sip_dns: NAPTR, SRV and addresses of a domain, every server asked, and name servers that do not behave."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import dns.rcode
import pytest

from incidents.domain.outcomes import Health
from incidents.probes.config import ConfigError, build
from incidents.probes.results import Result
from incidents.probes.running import Job, run, run_batch
from incidents.probes.sip_dns import Config
from tests.peers.dns import Records, Spoil, dns_peer, rcode
from tests.peers.faults import ok, silent, stream_peer, udp_peer
from tests.peers.programs import free_port

DOMAIN = "voice.example"


@dataclass
class Servers:
    """Two SIP servers over UDP, and a table that leads to them."""

    first: int
    second: int

    @property
    def table(self) -> dict[str, list[str]]:
        return {
            f"{DOMAIN} NAPTR": [
                f'10 10 "s" "SIP+D2U" "" _sip._udp.{DOMAIN}.',
                '20 10 "u" "E2U+sip" "!^.*$!sip:x@y!" .',
            ],
            f"_sip._udp.{DOMAIN} SRV": [
                f"10 60 {self.first} a.{DOMAIN}.",
                f"20 60 {self.second} b.{DOMAIN}.",
            ],
            f"a.{DOMAIN} A": ["127.0.0.1"],
            f"b.{DOMAIN} A": ["127.0.0.1"],
        }


@pytest.fixture
async def servers() -> AsyncIterator[Servers]:
    async with (
        udp_peer(lambda request, _: [ok(request)]) as a,
        udp_peer(lambda request, _: [ok(request)]) as b,
    ):
        yield Servers(a.port, b.port)


@asynccontextmanager
async def asked(records: Records, *, spoil: Spoil | None = None, **options: object) -> AsyncIterator[Result]:
    async with dns_peer(records, spoil=spoil) as server:
        given = {"resolver": server.address, "transport": "udp", "deadline_seconds": 2, **options}
        yield await run("sip_dns", DOMAIN, given)


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
    async with asked({f"_sip._udp.{DOMAIN} SRV": ["0 0 0 ."]}) as result:
        assert result.outcome == "dns"


async def test_a_domain_that_does_not_exist_reads_dns() -> None:
    async with asked({}) as result:
        assert (result.outcome, result.health) == ("dns", Health.FAILED)


@pytest.mark.parametrize(
    ("spoil", "outcome"),
    [
        (lambda *_: None, "timeout"),
        (lambda _, wire: wire[:-3], "timeout"),
        (lambda _, wire: b"\xff\xff" + wire[2:], "timeout"),
        (lambda *_: b"garbage", "timeout"),
        (rcode(dns.rcode.SERVFAIL), "dns"),
        (rcode(dns.rcode.REFUSED), "dns"),
    ],
    ids=["silent", "cut", "wrong id", "garbage", "servfail", "refused"],
)
async def test_a_name_server_that_was_named_is_to_blame_for_what_it_does(
    servers: Servers, spoil: Spoil, outcome: str
) -> None:
    began = time.monotonic()
    async with asked(servers.table, spoil=spoil, deadline_seconds=1) as result:
        assert result.outcome in (outcome, "dns")
        assert result.health == Health.FAILED
    assert time.monotonic() - began < 3


async def test_aliases_that_go_in_a_loop_end() -> None:
    loop = {f"{DOMAIN} CNAME": [f"x.{DOMAIN}."], f"x.{DOMAIN} CNAME": [f"{DOMAIN}."]}
    async with asked(loop, deadline_seconds=1) as result:
        assert (result.outcome, result.health) == ("dns", Health.FAILED)


async def test_a_thousand_records_are_bounded(servers: Servers) -> None:
    table = servers.table
    table[f"_sip._udp.{DOMAIN} SRV"] = [f"10 {number} {servers.first} a.{DOMAIN}." for number in range(1000)]

    async with asked(table, deadline_seconds=3) as result:
        assert result.outcome in ("ok", "dns", "timeout")
        assert len(result.trace) <= 60


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
