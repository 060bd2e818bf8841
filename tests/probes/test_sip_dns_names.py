"""sip_dns: name servers that do not behave, names that lead in circles, and answers without end."""

import asyncio
import time
from collections.abc import AsyncIterator

import dns.message
import pytest

from incidents.domain.outcomes import Health
from incidents.probes.evidence import Evidence
from incidents.probes.resolving import PRIVATE_ALLOWED, PrivateAddress
from incidents.probes.running import run
from incidents.probes.sip_names import SipNames, named_resolver
from incidents.sip.errors import LocalFault, NotResolved
from incidents.sip.resolution import Endpoint
from tests.peers.dns import FAULTS, Spoil, dns_peer
from tests.probes.sip_domains import DOMAIN, Servers, asked, two_servers


@pytest.fixture
async def servers() -> AsyncIterator[Servers]:
    async with two_servers() as made:
        yield made


@pytest.mark.parametrize(("spoil", "outcome"), FAULTS.values(), ids=FAULTS.keys())
async def test_a_name_server_that_was_named_is_to_blame_for_what_it_does(
    servers: Servers, spoil: Spoil, outcome: str
) -> None:
    async with asked(servers.table, spoil=spoil, deadline_seconds=0.7) as result:
        assert (result.outcome, result.health) == (outcome, Health.FAILED)
    assert result.times["total"] < 2500


@pytest.mark.parametrize(("spoil", "outcome"), FAULTS.values(), ids=FAULTS.keys())
async def test_our_own_resolver_is_not_the_domain_s_fault(
    servers: Servers, spoil: Spoil, outcome: str
) -> None:
    async with dns_peer(servers.table, spoil=spoil) as server:
        names = SipNames(
            named_resolver(Endpoint("127.0.0.1", server.port)),
            is_ours=True,
            evidence=Evidence(),
            deadline=asyncio.get_running_loop().time() + 0.5,
        )
        knows = spoil in (FAULTS["NXDOMAIN"][0], FAULTS["truncated for ever"][0])
        with pytest.raises(NotResolved if knows else LocalFault):
            await names.servers(DOMAIN, ["udp"], "any")


async def test_a_slow_name_server_is_waited_for_and_its_time_is_shown(servers: Servers) -> None:
    def slow(_: dns.message.Message, wire: bytes) -> bytes:
        time.sleep(0.1)
        return wire

    async with asked(servers.table, spoil=slow, deadline_seconds=10) as result:
        assert result.outcome == "ok"
        assert result.times["dns"] > 400


@pytest.mark.parametrize("kind", ["NAPTR", "CNAME", "SRV", "A"])
async def test_what_leads_in_a_circle_ends(kind: str) -> None:
    other = f"x.{DOMAIN}"
    loops = {
        "NAPTR": {f"{DOMAIN} NAPTR": [f'1 1 "" "SIP+D2U" "" {DOMAIN}.', f'1 2 "s" "SIP+D2U" "" {DOMAIN}.']},
        "CNAME": {f"{DOMAIN} CNAME": [f"{other}."], f"{other} CNAME": [f"{DOMAIN}."]},
        "SRV": {f"_sip._udp.{DOMAIN} SRV": [f"1 1 5060 _sip._udp.{DOMAIN}."]},
        "A": {f"_sip._udp.{DOMAIN} SRV": [f"1 1 5060 {other}."], f"{other} CNAME": [f"{other}."]},
    }
    async with asked(loops[kind], deadline_seconds=2) as result:
        assert (result.outcome, result.health) == ("dns", Health.FAILED)
    assert result.times["total"] < 1900


async def test_a_chain_of_aliases_that_does_not_end_is_given_up() -> None:
    chain = {f"a{number}.{DOMAIN} CNAME": [f"a{number + 1}.{DOMAIN}."] for number in range(100)}
    chain[f"{DOMAIN} CNAME"] = [f"a0.{DOMAIN}."]
    async with asked(chain, deadline_seconds=2) as result:
        assert (result.outcome, "ChainTooLong" in result.detail) == ("dns", True)


async def test_of_a_thousand_servers_sixteen_are_asked(servers: Servers) -> None:
    """The answer fits no datagram: it is asked for again over TCP."""
    table = servers.table
    numbers = [f"{number} 1 {servers.first} s{number}.{DOMAIN}." for number in range(1000)]
    table[f"_sip._udp.{DOMAIN} SRV"] = numbers
    table |= {f"s{number}.{DOMAIN} A": ["127.0.0.1"] for number in range(1000)}
    async with asked(table, deadline_seconds=5) as result:
        assert (result.outcome, result.detail) == ("ok", "all 16 servers answer")
        assert any("1000 targets" in line for line in result.trace)
        assert len(result.trace) <= 60


async def test_of_a_thousand_services_and_addresses_a_few_are_looked_at(servers: Servers) -> None:
    table = servers.table
    table[f"{DOMAIN} NAPTR"] = [f'1 {number} "s" "SIP+D2U" "" _{number}.{DOMAIN}.' for number in range(1000)]
    table[f"_0.{DOMAIN} SRV"] = [f"1 1 {servers.first} many.{DOMAIN}."]
    table[f"many.{DOMAIN} A"] = ["127.0.0.1", *(f"127.0.{n // 250}.{n % 250 + 2}" for n in range(1000))]
    async with dns_peer(table) as server:
        options = {"resolver": server.address, "transport": "udp", "ask_targets": False}
        result = await run("sip_dns", DOMAIN, options)
        assert len(server.asked) < 30
    assert (result.outcome, result.detail) == ("ok", "leads to 1 server")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1"])
async def test_a_public_name_that_leads_into_our_own_network_is_not_followed_without_the_right(
    servers: Servers, address: str
) -> None:
    table = {f"{DOMAIN} A": [address]}
    token = PRIVATE_ALLOWED.set(False)
    try:
        async with dns_peer(table) as server:
            names = SipNames(
                named_resolver(Endpoint("127.0.0.1", server.port)),
                is_ours=False,
                evidence=Evidence(),
                deadline=asyncio.get_running_loop().time() + 2,
            )
            with pytest.raises(PrivateAddress):
                await names.servers(DOMAIN, ["udp"], "ipv4")
    finally:
        PRIVATE_ALLOWED.reset(token)
