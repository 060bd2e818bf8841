"""A SIP domain of two servers, and how its probe is run."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from incidents.probes.results import Result
from incidents.probes.running import run
from tests.peers.dns import Records, Spoil, dns_peer
from tests.peers.faults import ok, udp_peer

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


@asynccontextmanager
async def two_servers() -> AsyncIterator[Servers]:
    """Both alive."""
    async with (
        udp_peer(lambda request, _: [ok(request)]) as a,
        udp_peer(lambda request, _: [ok(request)]) as b,
    ):
        yield Servers(a.port, b.port)


@asynccontextmanager
async def asked(records: Records, *, spoil: Spoil | None = None, **options: object) -> AsyncIterator[Result]:
    """The result of one run that is told to ask a name server with these records."""
    async with dns_peer(records, spoil=spoil) as server:
        given = {"resolver": server.address, "transport": "udp", "deadline_seconds": 2, **options}
        yield await run("sip_dns", DOMAIN, given)
