"""Rows: Debian's Kamailio, healthy and ill in each way that we know how to make, the seed's outage among them."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from incidents.probes.running import run
from tests.faults.table import Ask, Rows, see
from tests.peers.bad_certificates import BAD
from tests.peers.certificates import DAY, Authority
from tests.peers.dns import dns_peer
from tests.peers.hostile import hung
from tests.peers.kamailio import Kamailio, NotStarted, Tls

CUSTOMER = "blf.example"
RESTED_MILLISECONDS = 400
DOMAIN = "localhost"
"""What Kamailio's own certificate proves."""


class Ward:
    """A Kamailio and the files of its customers' certificates, as every kind looks at them.

    With customers Kamailio does not start without its TLS port; without them nobody looks at their files.
    """

    def __init__(self, folder: Path, *, customers: bool = True, **made: object) -> None:
        self.kamailio = Kamailio(folder / "kamailio", **made)  # type: ignore[arg-type]
        self.folder = folder / "store"
        self.store = Authority(self.folder)
        self.store.ca_file = self.store.ca_file.rename(folder / "customers.pem")
        self.customer = self.store.issue(CUSTOMER, sans=(CUSTOMER,), ends=90 * DAY)
        self.customers = customers
        if customers:
            self.kamailio.add_customer(CUSTOMER, self.customer)

    async def see(self, *, seconds: float = 3.0) -> dict[str, str]:
        """What each kind sees of it now."""
        async with dns_peer(self._zone()) as names:
            return await see([*self._sip(seconds), *self._others(names.address, seconds)])

    async def see_slow(self) -> dict[str, str]:
        """What each kind sees while every answer takes three seconds; nobody waits for another's answer."""
        async with dns_peer(self._zone()) as names:
            asks = [*self._sip(5.0), *self._others(names.address, 5.0)]
            seen = await see(asks, tries=1, between=self._be_rested_and_slow)
        await self._be_rested()
        return seen

    async def _be_rested_and_slow(self) -> None:
        await self._be_rested()
        self.kamailio.fault("slow")

    async def _be_rested(self) -> None:
        """Its workers sleep off what was asked while it was slow."""
        self.kamailio.fault("none")
        for transport in ("udp", "udp", "udp", "tcp", "tls"):
            target, options = self._way(transport, 30.0)
            while (await run("sip_options", target, options)).times["total"] > RESTED_MILLISECONDS:
                await asyncio.sleep(0.1)

    def _sip(self, seconds: float) -> Iterator[Ask]:
        alice = {"username": "alice", "password": "s3cret-alice"}
        for transport in ("udp", "tcp", "tls"):
            target, options = self._way(transport, seconds)
            yield Ask("sip_options", target, options, transport.upper())
            yield Ask("sip_register", target, {**options, **alice}, transport.upper())

    def _way(self, transport: str, seconds: float) -> tuple[str, dict[str, object]]:
        port = self.kamailio.tls_port if transport == "tls" else self.kamailio.port
        options = {
            "transport": transport,
            "server_name": DOMAIN,
            "ca_file": str(self.kamailio.ca_file),
            "deadline_seconds": seconds,
        }
        return f"127.0.0.1:{port}", options

    def _others(self, resolver: str, seconds: float) -> Iterator[Ask]:
        kamailio, limit = self.kamailio, {"deadline_seconds": seconds}
        at = f"127.0.0.1:{kamailio.tls_port}"
        own = {"ca_file": str(kamailio.ca_file)}
        trust = {"ca_file": str(self.store.ca_file), "warn_days": 7}
        if self.customers:
            yield Ask("tls_certificate", at, {**limit, **trust, "server_name": CUSTOMER})
            yield Ask("certificate_store", str(self.folder), {**trust, "served_at": at})
        else:
            yield Ask("tls_certificate", at, {**limit, **own, "warn_days": 7, "server_name": DOMAIN})
        yield Ask("sip_dns", DOMAIN, {**limit, **own, "resolver": resolver, "family": "ipv4"})
        yield Ask("tcp_connect", f"127.0.0.1:{kamailio.port}", limit)

    def _zone(self) -> dict[str, list[str]]:
        port, tls_port = self.kamailio.port, self.kamailio.tls_port
        return {
            f"_sip._udp.{DOMAIN} SRV": [f"1 1 {port} {DOMAIN}."],
            f"_sip._tcp.{DOMAIN} SRV": [f"1 1 {port} {DOMAIN}."],
            f"_sips._tcp.{DOMAIN} SRV": [f"1 1 {tls_port} {DOMAIN}."],
            f"{DOMAIN} A": ["127.0.0.1"],
        }


async def server(folder: Path) -> Rows:
    """Each way to be ill, after each of which it is well again."""
    ward = Ward(folder)
    rows = {}
    with ward.kamailio as kamailio:
        rows["none"] = await ward.see()
        kamailio.stop()
        rows["ended"] = await ward.see()
        kamailio.start()
        with _frozen(kamailio):
            rows["every process stopped where it stood"] = await ward.see(seconds=1.0)
        rows |= await _live(ward)
        rows |= await _customers(ward)
    rows |= await _without_tls(folder / "plain")
    rows |= await _orphans(folder / "orphans")
    return rows


@contextmanager
def _frozen(kamailio: Kamailio) -> Iterator[None]:
    kamailio.freeze()
    try:
        yield
    finally:
        kamailio.thaw()


async def _live(ward: Ward) -> Rows:
    rows = {}
    words = {
        "503": "answers 503 to everything",
        "drop": "answers nothing",
        "wrongauth": "refuses every password",
    }
    for mode, fault in words.items():
        ward.kamailio.fault(mode)
        rows[fault] = await ward.see(seconds=1.5)
        ward.kamailio.fault("none")
    rows["answers after 3 seconds"] = await ward.see_slow()
    return rows


async def _customers(ward: Ward) -> Rows:
    """A certificate that is replaced by a bad one, before and after the restart that nobody dares."""
    kamailio, rows = ward.kamailio, {}
    ward.store.issue(CUSTOMER, sans=(CUSTOMER,), starts=-9 * DAY, ends=-DAY)
    assert kamailio.reload_tls()[0]
    rows["a customer's certificate has expired"] = await ward.see()
    ward.store.issue(CUSTOMER, sans=(CUSTOMER,), ends=90 * DAY)
    assert kamailio.reload_tls()[0]
    BAD["SAN of bad DER"][0](ward.store, CUSTOMER)
    assert not kamailio.reload_tls()[0]
    rows["a customer's certificate is malformed, and its reload was refused"] = await ward.see()
    kamailio.stop()
    with suppress(NotStarted):
        kamailio.start()
    rows["the same after a restart"] = await ward.see()
    return rows


async def _without_tls(folder: Path) -> Rows:
    rows = {}
    ward = Ward(folder, customers=False, tls=Tls.ABSENT)
    with ward.kamailio as kamailio:
        rows["nothing listens on the TLS port"] = await ward.see()
        kamailio.restart(tls=Tls.BROKEN)
        rows["the TLS port speaks plain TCP"] = await ward.see()
    return rows


async def _orphans(folder: Path) -> Rows:
    """The seed's outage: UDP workers that outlived their TCP stack."""
    rows = {}
    ward = Ward(folder, only_udp=True)
    with ward.kamailio as kamailio:
        rows["only UDP is left, TCP and TLS are refused"] = await ward.see()
        with hung(kamailio.port), hung(kamailio.tls_port):
            rows["only UDP is left, TCP and TLS hang"] = await ward.see(seconds=1.5)
    return rows
