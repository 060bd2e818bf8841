"""tls_certificate: what a port shows to one name, and to a thousand; refused ones are named with their reason."""

import asyncio
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from incidents.domain.outcomes import Health
from incidents.probes.config import ConfigError, build
from incidents.probes.results import Result
from incidents.probes.running import run
from incidents.probes.sni_sweep import sweep
from incidents.probes.tls_certificate import Config
from tests.peers.bad_certificates import BAD
from tests.peers.certificates import DAY, Authority, Pair
from tests.peers.faults import server_context, silent, stream_peer
from tests.peers.programs import free_port
from tests.peers.tls_names import name_server


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    yield Authority(tmp_path / "certificates")


async def look(port: int, authority: Authority, *, seconds: float = 5, **options: object) -> Result:
    given = {"ca_file": str(authority.ca_file), "deadline_seconds": seconds, **options}
    return await run("tls_certificate", f"127.0.0.1:{port}", given)


async def shown(pair: Pair, authority: Authority, **options: object) -> Result:
    with name_server({}, pair) as server:
        return await look(server.port, authority, **options)


async def test_a_good_certificate_is_ok_with_its_facts(authority: Authority) -> None:
    pair = authority.issue("good", sans=("127.0.0.1", "sip.example"), ends=90 * DAY)
    result = await shown(pair, authority, server_name="sip.example")
    assert (result.outcome, result.detail) == ("ok", "sip.example is proved, the first ends in 89 days")
    assert result.facts == {"checked": 1, "bad": 0, "days_left": pytest.approx(90, abs=0.1)}
    assert any("certificate names: sip.example, 127.0.0.1" in line for line in result.trace)
    assert set(result.times) == {"dns", "tls", "total"}


@pytest.mark.parametrize(
    ("ends", "outcome", "words"),
    [
        (40 * DAY, "ok", "the first ends in 39 days"),
        (29.5 * DAY, "warning", "runs out in 29 days"),
        (3.5 * DAY, "warning", "runs out in 3 days"),
        (0.5 * DAY, "warning", "in less than a day"),
        (-0.1 * DAY, "tls_verify", "certificate expired (verify code 10)"),
    ],
)
async def test_the_ladder_is_a_warning_until_customers_are_refused(
    authority: Authority, ends: object, outcome: str, words: str
) -> None:
    pair = authority.issue("soon", sans=("127.0.0.1",), ends=ends, starts=-60 * DAY)  # type: ignore[arg-type]
    result = await shown(pair, authority)
    assert (result.outcome, words in result.detail) == (outcome, True)
    assert result.subject == ("127.0.0.1" if outcome != "ok" else "")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("expired", 10),
        ("not yet valid", 9),
        ("another name", 62),
        ("flipped signature", 7),
        ("unknown critical extension", 34),
    ],
)
async def test_a_certificate_that_clients_refuse_is_named_with_openssl_s_code(
    authority: Authority, name: str, code: int
) -> None:
    result = await shown(BAD[name][0](authority, "blf.example"), authority, server_name="blf.example")
    assert (result.outcome, result.code, result.subject) == ("tls_verify", code, "blf.example")
    assert result.health == Health.FAILED
    assert any(line.startswith("second look: TLSv1.3") for line in result.trace)


async def test_what_openssl_takes_and_cryptography_does_not_is_found(authority: Authority) -> None:
    result = await shown(BAD["month 99"][0](authority, "x"), authority, server_name="blf.example")
    assert result.outcome == "tls_verify"


async def test_two_looks_explain_a_server_of_old_tls_alone(authority: Authority) -> None:
    pair = authority.issue("old", ends=90 * DAY)
    old = server_context(pair.certificate, pair.key)
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1
    old.set_ciphers("ALL:@SECLEVEL=0")
    async with stream_peer(silent, tls=old) as peer:
        result = await look(peer.port, authority)
    assert result.outcome == "tls_handshake"
    assert any(line.startswith("second look: TLSv1 ") for line in result.trace)


async def test_a_silent_port_reads_stalled_and_a_closed_one_refused(authority: Authority) -> None:
    async with stream_peer(silent) as peer:
        assert (await look(peer.port, authority, seconds=0.6)).outcome == "stalled"
    assert (await look(free_port(), authority)).outcome == "refused"


def names(count: int) -> list[str]:
    return [f"customer{number}.example" for number in range(count)]


async def test_one_bad_domain_among_many_is_named(authority: Authority) -> None:
    good = authority.issue("good", sans=names(30), ends=90 * DAY)
    bad = {"customer7.example": BAD["expired"][0](authority, "seven")}
    with name_server(bad, good) as server:
        result = await look(server.port, authority, domains=names(30))
    assert (result.outcome, result.subject) == ("degraded", "customer7.example")
    assert (
        result.detail == "1 of 30 names are refused: customer7.example: certificate expired (verify code 10)"
    )
    assert (result.facts["checked"], result.facts["bad"]) == (30, 1)


async def test_a_sweep_that_runs_out_of_time_says_how_far_it_came(authority: Authority) -> None:
    good = authority.issue("good", sans=names(400), ends=90 * DAY)
    with name_server({}, good, pause=0.05) as server:
        began = time.monotonic()
        result = await look(server.port, authority, seconds=0.5, domains=names(400))
    assert time.monotonic() - began < 3
    assert (result.outcome, result.health) == ("warning", Health.WARNING)
    assert "of 400 names could be asked in time" in result.detail


async def test_a_domain_that_was_slow_once_is_asked_again(authority: Authority) -> None:
    pair = authority.issue("good", sans=names(3), ends=90 * DAY)
    slow = 1

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal slow
        if slow:
            slow -= 1
            await reader.read(1)
            await asyncio.sleep(60)
        loop = asyncio.get_running_loop()
        transport, protocol = writer.transport, writer.transport.get_protocol()
        context = server_context(pair.certificate, pair.key)
        await loop.start_tls(transport, protocol, context, server_side=True)
        await reader.read()

    async with stream_peer(meet) as peer:
        result = await look(peer.port, authority, seconds=14, domains=names(3))
    assert (result.outcome, result.facts["bad"]) == ("ok", 0)


async def test_a_sweep_asks_for_two_names_at_a_time_and_for_each_once() -> None:
    now, most, asked = 0, 0, []

    async def ask(name: str) -> str:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        asked.append(name)
        now -= 1
        return name.upper()

    deadline = asyncio.get_running_loop().time() + 5
    found = await sweep([*names(100), *names(50)], ask, deadline=deadline)
    assert (most, len(asked), len(found)) == (2, 100, 100)
    assert found["customer1.example"] == "CUSTOMER1.EXAMPLE"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"domains": ["ok.example", "a b"]}, "domains"),
        ({"domains": ["sip:x@y.example"]}, "domains"),
        ({"domains": [f"d{number}.example" for number in range(2001)]}, "domains"),
        ({"domains": "x" * 300}, "domains"),
        ({"server_name": "[[["}, "server_name"),
        ({"warn_days": 0}, "warn_days"),
    ],
    ids=range(6),
)
def test_domains_that_are_none_are_refused(options: dict[str, object], field: str) -> None:
    with pytest.raises(ConfigError) as refused:
        build(Config, options)
    assert refused.value.field == field


@pytest.mark.slow
async def test_a_thousand_domains_take_seconds_and_each_bad_one_is_named(authority: Authority) -> None:
    domains = names(1000)
    good = authority.issue("good", sans=domains, ends=90 * DAY)
    bad = {
        domains[100]: BAD["expired"][0](authority, "a"),
        domains[500]: authority.issue("b", sans=("other.example",), ends=90 * DAY),
        domains[900]: BAD["month 99"][0](authority, "c"),
    }
    bad[domains[700]] = authority.issue("d", sans=(domains[700],), ends=4.5 * DAY)
    with name_server(bad, good) as server:
        began = time.monotonic()
        result = await look(server.port, authority, seconds=40, domains=domains)
        took = time.monotonic() - began
    print(f"1,000 domains in {took:.1f} s")
    assert (result.outcome, result.facts["checked"], result.facts["bad"]) == ("degraded", 1000, 3)
    for place in (100, 500, 900):
        told = (f"{domains[place]}: certificate", f"{domains[place]}: malformed")
        assert any(line.startswith(told) for line in result.trace), place
    assert any(line.startswith(f"{domains[700]}: runs out in 4 days") for line in result.trace)
    assert took < 30
