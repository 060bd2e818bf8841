"""Rows: SIP domains that lead astray, and name servers that do wrong."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.faults.carrier import ALICE, carrier
from tests.faults.table import Ask, Rows, see
from tests.peers.dns import FAULTS, dns_peer
from tests.peers.faults import udp_peer
from tests.peers.hostile import UDP, deface
from tests.peers.programs import free_port

DOMAIN = "voice.example"
LIVE = "garbage first"
"""A way to reply that is as good as any."""


async def names(_: Path) -> Rows:
    """The domain's own faults, then the name server's."""
    async with (
        udp_peer(deface(carrier(), UDP[LIVE])) as first,
        udp_peer(deface(carrier(), UDP[LIVE])) as second,
    ):
        sound = _zone(first.port, second.port)
        dead, deader = free_port(), free_port()
        rows = {"a name that cannot be": await see(_everybody("n" * 64 + ".invalid"))}
        for name, (zone, options) in {
            "none": (sound, {}),
            "no records at all": ({}, {}),
            "one server of two is dead": (_zone(first.port, dead), {}),
            "both servers are dead": (_zone(dead, deader), {}),
            "one name of two leads nowhere": (_without(sound, f"b.{DOMAIN} A"), {}),
            "both names lead nowhere": (_without(sound, f"a.{DOMAIN} A", f"b.{DOMAIN} A"), {}),
            "a record is missing": (
                _without(sound, f"{DOMAIN} NAPTR"),
                {"expected_targets": [f"a.{DOMAIN}", f"b.{DOMAIN}", f"c.{DOMAIN}"]},
            ),
            "a record is new": (sound, {"expected_targets": [f"a.{DOMAIN}"]}),
            "the service is said to be absent": ({f"_sip._udp.{DOMAIN} SRV": ["0 0 0 ."]}, {}),
            "aliases in a circle": (
                {f"{DOMAIN} CNAME": [f"x.{DOMAIN}."], f"x.{DOMAIN} CNAME": [f"{DOMAIN}."]},
                {},
            ),
            "a thousand records": (_many(sound, first.port), {}),
        }.items():
            rows[name] = await _look(zone, options)
        for name, (spoil, _outcome) in FAULTS.items():
            async with dns_peer(sound, spoil=spoil) as server:
                rows[f"the name server: {name}"] = await see([_ask(server.address)])
    return rows


async def _look(zone: Mapping[str, Sequence[str]], options: Mapping[str, object]) -> dict[str, str]:
    async with dns_peer(zone) as server:
        return await see([_ask(server.address, **options)])


def _ask(resolver: str, **options: object) -> Ask:
    return Ask(
        "sip_dns", DOMAIN, {"resolver": resolver, "transport": "udp", "deadline_seconds": 1.5, **options}
    )


def _everybody(host: str) -> list[Ask]:
    return [
        Ask("sip_options", f"{host}:5060"),
        Ask("sip_register", f"{host}:5060", ALICE),
        Ask("tls_certificate", f"{host}:5061"),
        Ask("sip_dns", f"{host}:5060"),
        Ask("tcp_connect", f"{host}:5060"),
        Ask("http_get", f"http://{host}/"),
    ]


def _zone(first: int, second: int) -> dict[str, list[str]]:
    return {
        f"{DOMAIN} NAPTR": [f'10 10 "s" "SIP+D2U" "" _sip._udp.{DOMAIN}.'],
        f"_sip._udp.{DOMAIN} SRV": [f"10 60 {first} a.{DOMAIN}.", f"20 60 {second} b.{DOMAIN}."],
        f"a.{DOMAIN} A": ["127.0.0.1"],
        f"b.{DOMAIN} A": ["127.0.0.1"],
    }


def _without(zone: Mapping[str, list[str]], *keys: str) -> dict[str, list[str]]:
    return {key: records for key, records in zone.items() if key not in keys}


def _many(zone: Mapping[str, list[str]], port: int) -> dict[str, list[str]]:
    records = [f"{number} 1 {port} s{number}.{DOMAIN}." for number in range(1000)]
    addresses = {f"s{number}.{DOMAIN} A": ["127.0.0.1"] for number in range(1000)}
    return {**zone, **addresses, f"_sip._udp.{DOMAIN} SRV": records}
