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
    assert result.facts == {"checked": 1, "bad": 0, "key_bits": 256, "days_left": pytest.approx(90, abs=0.1)}
    assert any(line.startswith("TLSv1.3 TLS_") and line.endswith(", EC 256, SHA256") for line in result.trace)
    assert any("certificate names: sip.example, 127.0.0.1" in line for line in result.trace)
    assert set(result.times) == {"dns", "tls", "total"}


@pytest.mark.parametrize(
    ("ends", "outcome", "words", "rung"),
    [
        (40 * DAY, "ok", "the first ends in 39 days", None),
        (29.5 * DAY, "warning", "runs out in 29 days", 30),
        (13.5 * DAY, "warning", "runs out in 13 days", 14),
        (6.5 * DAY, "warning", "runs out in 6 days", 7),
        (2.5 * DAY, "warning", "runs out in 2 days", 3),
        (0.5 * DAY, "warning", "in less than a day", 1),
        (-0.1 * DAY, "tls_verify", "certificate expired (verify code 10)", None),
    ],
)
async def test_the_ladder_is_a_warning_until_customers_are_refused(
    authority: Authority, ends: object, outcome: str, words: str, rung: int | None
) -> None:
    pair = authority.issue("soon", sans=("127.0.0.1",), ends=ends, starts=-60 * DAY)  # type: ignore[arg-type]
    result = await shown(pair, authority)
    assert (result.outcome, words in result.detail) == (outcome, True)
    assert result.subject == ("127.0.0.1" if outcome != "ok" else "")
    assert result.facts.get("rung") == rung
    assert rung is None or f"({rung}-day warning)" in result.detail


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
    assert "the server speaks TLSv1 " in result.detail
    assert any(line.startswith("second look: TLSv1 ") for line in result.trace)
    assert "speaks TLSv1 only, not TLSv1.2" in result.trace


async def test_a_server_that_does_not_speak_the_newest_tls_is_a_warning_where_it_must(
    authority: Authority,
) -> None:
    pair = authority.issue("good", ends=90 * DAY)
    usual = server_context(pair.certificate, pair.key)
    usual.maximum_version = ssl.TLSVersion.TLSv1_2
    async with stream_peer(silent, tls=usual) as peer:
        assert (await look(peer.port, authority)).outcome == "ok"
        result = await look(peer.port, authority, min_tls="1.3")
    assert (result.outcome, result.subject) == ("warning", "127.0.0.1")
    assert result.detail == "127.0.0.1: speaks TLSv1.2 only, not TLSv1.3"


async def test_without_proof_all_that_is_wrong_is_a_warning(authority: Authority) -> None:
    pair = BAD["expired"][0](authority, "x")
    result = await shown(pair, authority, verify_tls=False, ca_file="")
    assert (result.outcome, result.health) == ("warning", Health.WARNING)
    assert "expired on " in result.detail
    assert "is for blf.example, not for 127.0.0.1" in result.detail
    month = await shown(BAD["month 99"][0](authority, "y"), authority, verify_tls=False)
    assert (month.outcome, month.detail) == (
        "warning",
        "127.0.0.1: malformed: not before: an invalid value",
    )


async def test_an_address_that_refuses_is_passed_over(authority: Authority) -> None:
    pair = authority.issue("good", ends=90 * DAY)
    with name_server({}, pair) as server:
        result = await run("tls_certificate", f"localhost:{server.port}", {"ca_file": str(authority.ca_file)})
    assert result.outcome == "ok"


async def test_a_trust_file_that_is_none_is_our_own_fault(authority: Authority, tmp_path: Path) -> None:
    pair = authority.issue("good", ends=90 * DAY)
    result = await shown(pair, authority, ca_file=str(tmp_path / "none.pem"), domains=names(5))
    assert (result.outcome, result.health) == ("internal", Health.INCONCLUSIVE)
    assert "trust file cannot be read" in result.detail


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


async def test_names_that_time_cuts_off_are_not_accused(authority: Authority) -> None:
    """The last ones get less time than the others: that they did not answer says nothing."""
    good = authority.issue("good", sans=names(200), ends=90 * DAY)
    with name_server({}, good, pause=0.1) as server:
        result = await look(server.port, authority, seconds=1.05, domains=names(200))
    assert (result.outcome, result.facts["bad"]) == ("warning", 0)


async def test_there_are_two_handshakes_at_a_time_and_each_name_is_asked_once(authority: Authority) -> None:
    good = authority.issue("good", sans=names(100), ends=90 * DAY)
    with name_server({}, good) as server:
        result = await look(server.port, authority, domains=[*names(100), *names(50)])
    assert (result.outcome, result.facts["checked"]) == ("ok", 100)
    assert sorted(map(str, server.asked)) == sorted(names(100))
    assert server.peak == 2


async def test_two_probes_of_one_server_share_the_two_handshakes(authority: Authority) -> None:
    async with stream_peer(silent) as peer:
        probes = [asyncio.create_task(look(peer.port, authority, domains=names(9))) for _ in range(3)]
        while peer.connections < 2:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        assert peer.connections == 2
        for probe in probes:
            probe.cancel()
        await asyncio.gather(*probes, return_exceptions=True)


async def test_whoever_got_no_turn_says_nothing_of_the_server(authority: Authority) -> None:
    async with stream_peer(silent) as peer:
        first = asyncio.create_task(look(peer.port, authority, domains=names(9), seconds=3))
        while peer.connections < 2:
            await asyncio.sleep(0.01)
        second = await look(peer.port, authority, seconds=0.5)
        assert (second.outcome, second.health) == ("internal", Health.INCONCLUSIVE)
        assert second.detail == "no time was left for a handshake"
        assert (await first).outcome == "stalled"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"domains": ["ok.example", "a b"]}, "domains"),
        ({"domains": ["sip:x@y.example"]}, "domains"),
        ({"domains": [f"d{number}.example" for number in range(2001)]}, "domains"),
        ({"domains": "x" * 300}, "domains"),
        ({"server_name": "[[["}, "server_name"),
        ({"server_name": "x.example:5061"}, "server_name"),
        ({"domains": ["x" * 64 + ".example"]}, "domains"),
        ({"warn_days": 0}, "warn_days"),
        ({"min_tls": "1.1"}, "min_tls"),
    ],
    ids=range(9),
)
def test_domains_that_are_none_are_refused(options: dict[str, object], field: str) -> None:
    with pytest.raises(ConfigError) as refused:
        build(Config, options)
    assert refused.value.field == field


@pytest.mark.slow
async def test_a_server_that_is_silent_to_all_is_given_up_soon(authority: Authority) -> None:
    async with stream_peer(silent) as peer:
        began = time.monotonic()
        result = await look(peer.port, authority, seconds=40, domains=names(1000))
        assert (result.outcome, peer.connections) == ("stalled", 4)
    assert time.monotonic() - began < 25


@pytest.mark.slow
async def test_a_thousand_domains_take_seconds_and_each_bad_one_is_named(authority: Authority) -> None:
    domains = names(1000)
    each = {name: authority.issue(name, sans=(name,), ends=90 * DAY) for name in domains}
    bad = {
        domains[100]: BAD["expired"][0](authority, "a"),
        domains[500]: authority.issue("b", sans=("other.example",), ends=90 * DAY),
        domains[900]: BAD["month 99"][0](authority, "c"),
    }
    bad[domains[700]] = authority.issue("d", sans=(domains[700],), ends=4.5 * DAY)
    with name_server(each | bad, each[domains[0]]) as server:
        began = time.monotonic()
        result = await look(server.port, authority, seconds=40, domains=domains)
        took = time.monotonic() - began
    print(f"1,000 domains in {took:.1f} s")
    assert (result.outcome, result.facts["checked"], result.facts["bad"]) == ("degraded", 1000, 3)
    for place in (100, 500, 900):
        told = (f"{domains[place]}: certificate", f"{domains[place]}: malformed")
        assert any(line.startswith(told) for line in result.trace), place
    assert any(line.startswith(f"{domains[700]}: runs out in 4 days") for line in result.trace)
    assert server.peak == 2
    assert took < 30
