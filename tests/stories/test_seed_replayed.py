"""The seed's outage once more, on a real Kamailio: the certificate is named before anything breaks, and what breaks is
told transport by transport.

A carrier serves its customers' certificates by SNI. One customer's new one is malformed. Nothing happens until the next
restart; then nobody gets in, or, as in October 2021, UDP goes on answering while TCP and TLS are refused.
"""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.peers.bad_certificates import BAD, DOMAIN
from tests.peers.certificates import DAY, Authority
from tests.peers.installation import Installation, eventually
from tests.peers.kamailio import Kamailio, NotStarted

pytestmark = pytest.mark.slow
CUSTOMERS = 12
INTERVAL = 3
SET_UP = """
from datetime import UTC, datetime
from incidents.domain.codes import new_code
from incidents.domain.schedules import share
from incidents.operations.actors import DEMO
from incidents.operations.components import create_component
from incidents.operations.pages import create_page
from incidents.operations.probes import create_probe
now = datetime.now(UTC)
page = create_page(name="SIPcity", zone_name="Australia/Sydney", by=DEMO, at=now)
network = create_component(page, name="Network", by=DEMO, at=now)
registration = create_component(page, name="Registration", by=DEMO, at=now)
tls = {{"server_name": "localhost", "ca_file": "{ca}"}}
alice = {{"username": "alice", "password": "s3cret-alice"}}

def probe(component, name, kind, port, config):
    target = port if kind == "certificate_store" else f"sip:127.0.0.1:{{port}}"
    made = create_probe(component, name=name, kind=kind, target=target, config=config,
        interval_seconds={interval}, settle_seconds=3, by=DEMO, at=now)
    # All in step, so that they find the same thing at once and one incident opens with the words of all of them.
    made.code = next(code for code in iter(new_code, None) if share(code) < 0.002)
    made.save()

for transport, port in (("udp", {port}), ("tcp", {port}), ("tls", {tls_port})):
    secure = tls if transport == "tls" else {{}}
    given = {{"transport": transport, "deadline_seconds": 2, **secure}}
    probe(network, transport.upper(), "sip_options", port, given)
    probe(registration, "REG " + transport.upper(), "sip_register", port, given | alice)
probe(network, "files", "certificate_store", "{store}",
    {{"served_at": "127.0.0.1:{tls_port}", "ca_file": "{store_ca}"}})
"""
LAST = """
from incidents.models import Probe
probe = Probe.objects.get(name="{name}")
print(probe.last_outcome, probe.confirmed_subject, probe.last_detail, sep="|")
"""
VERDICTS = """
from incidents.models import Probe
print(*(f"{p.name} {p.verdict}" for p in Probe.objects.order_by("name")), sep=", ")
"""
INCIDENTS = "from incidents.models import Incident; print(Incident.objects.count())"


class Carrier:
    """The carrier with its customers' certificates, and the status page that watches it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.store = Authority(folder / "customers")
        self.ca_file = self.store.ca_file.rename(folder / "customers-ca.pem")
        self.kamailio = Kamailio(folder / "kamailio")
        for number in range(CUSTOMERS):
            domain = f"customer{number}.example"
            self.kamailio.add_customer(domain, self.store.issue(domain, sans=(domain,), ends=90 * DAY))
        self.good = self.store.issue(DOMAIN, sans=(DOMAIN,), ends=90 * DAY)
        self.kamailio.add_customer(DOMAIN, self.good)
        stack.enter_context(self.kamailio)
        self.home = stack.enter_context(Installation(folder / "home"))
        self.began = time.monotonic()

    def tell(self, words: str) -> None:
        print(f"  {time.monotonic() - self.began:6.1f} s  {words}")

    def page(self) -> str:
        return " ".join(re.sub(r"<[^>]+>", " ", self.home.get("/")[1]).split())

    def says(self, *words: str, within: float = 60) -> str:
        def look() -> str:
            page = self.page()
            return page if all(word in page for word in words) else ""

        return eventually(look, within=within, what=f"{words} on the page: {self.page()[:2000]}")

    def last(self, name: str) -> list[str]:
        return self.home.shell(LAST.format(name=name)).strip().split("|")

    def verdicts(self) -> str:
        return self.home.shell(VERDICTS).strip()


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[Carrier]:
    with ExitStack() as stack:
        yield Carrier(tmp_path, stack)


def test_the_outage_that_this_product_exists_for(carrier: Carrier) -> None:
    print("\nThe seed replayed:")
    everything_is_well(carrier)
    a_malformed_certificate_is_named_before_any_restart(carrier)
    its_reload_is_refused_and_the_old_set_is_served_on(carrier)
    after_a_restart_every_transport_is_refused(carrier)
    udp_alone_answers_and_tcp_and_tls_are_told_apart_from_it(carrier)
    with_the_old_certificate_all_is_well_again(carrier)


def everything_is_well(carrier: Carrier) -> None:
    kamailio = carrier.kamailio
    carrier.home.shell(
        SET_UP.format(
            port=kamailio.port,
            tls_port=kamailio.tls_port,
            ca=kamailio.ca_file,
            store=carrier.store.directory,
            store_ca=carrier.ca_file,
            interval=INTERVAL,
        )
    )
    carrier.home.start("web", "worker", "probes", "beat")
    carrier.says("All Systems Operational")
    eventually(lambda: "unknown" not in carrier.verdicts(), within=60, every=1, what=carrier.verdicts())
    assert "down" not in carrier.verdicts()
    carrier.tell(f"{CUSTOMERS + 1} customers by SNI; UDP, TCP, TLS and registrations over each are up")


def a_malformed_certificate_is_named_before_any_restart(carrier: Carrier) -> None:
    BAD["SAN of bad DER"][0](carrier.store, DOMAIN)

    def named() -> list[str]:
        last = carrier.last("files")
        return last if last[0] == "bad_certificate" else []

    outcome, subject, detail = eventually(named, within=40, every=0.5, what="the bad certificate")
    assert (outcome, subject) == ("bad_certificate", DOMAIN)
    assert "the server still shows an older one and may fail at its next start" in detail
    assert "All Systems Operational" in carrier.page()
    assert carrier.home.shell(INCIDENTS) == "0\n"
    carrier.tell(f"staff see: {detail}")
    carrier.tell("customers see: All Systems Operational, which is still true")


def its_reload_is_refused_and_the_old_set_is_served_on(carrier: Carrier) -> None:
    taken, words = carrier.kamailio.reload_tls()
    assert not taken
    carrier.tell(f"tls.reload answers: {words}")
    time.sleep(2 * INTERVAL)
    assert "down" not in carrier.verdicts()
    carrier.tell("the old set is served on: every probe of the server stays up")


def after_a_restart_every_transport_is_refused(carrier: Carrier) -> None:
    carrier.kamailio.stop()
    with pytest.raises(NotStarted):
        carrier.kamailio.start()
    began = time.monotonic()
    page = carrier.says("SIP and Registrations are not answering", "Major outage")
    assert re.search(r"SIP over UDP, TCP and TLS fails since \d\d:\d\d AE[DS]T: connection refused\.", page)
    assert re.search(
        r"Registrations over UDP, TCP and TLS fail since \d\d:\d\d AE[DS]T: connection refused\.", page
    )
    carrier.tell(f"the restart fails; on the page {time.monotonic() - began:.1f} s later")
    assert carrier.home.shell(INCIDENTS) == "1\n"


def udp_alone_answers_and_tcp_and_tls_are_told_apart_from_it(carrier: Carrier) -> None:
    kamailio = carrier.kamailio
    orphans = Kamailio(
        kamailio.directory / "orphans", only_udp=True, ports=(kamailio.port, kamailio.tls_port)
    )
    with orphans:
        page = carrier.says("SIP over UDP still answers.", "Registrations over UDP still answer.")
        assert re.search(r"SIP over TCP and TLS fails since \d\d:\d\d AE[DS]T: connection refused\.", page)
        assert "Partial outage" in page
        assert carrier.verdicts().replace("files up, ", "") == (
            "REG TCP down, REG TLS down, REG UDP up, TCP down, TLS down, UDP up, files up"
        )
        carrier.tell("orphaned UDP workers answer: UDP green, TCP and TLS red, and the words say which")


def with_the_old_certificate_all_is_well_again(carrier: Carrier) -> None:
    carrier.store.issue(DOMAIN, sans=(DOMAIN,), ends=90 * DAY)
    carrier.kamailio.start()
    carrier.says("All Systems Operational", within=90)
    assert carrier.home.shell(INCIDENTS) == "1\n"
    assert carrier.last("files")[0] == "ok"
    carrier.tell("a sound certificate, a restart: all is well, one incident told it all")
