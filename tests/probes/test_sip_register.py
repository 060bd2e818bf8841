"""sip_register against a registrar of our own: the honest one, and each thing that one can do wrong."""

import asyncio
import time
from contextlib import suppress

import pytest

from incidents.domain.outcomes import Health
from incidents.probes.config import ConfigError, build
from incidents.probes.results import Result
from incidents.probes.running import run
from incidents.probes.sip_register import Config
from incidents.sip.message import Request
from tests.peers.faults import ok, read_request, stream_peer, udp_peer
from tests.peers.registrar import Registrar

MOST = 7
"""So many requests are enough for every conversation."""


async def register(port: int, *, seconds: float = 2, password: str = "s3cret", **options: object) -> Result:
    given = {"username": "alice", "password": password, "deadline_seconds": seconds, **options}
    return await run("sip_register", f"sip:127.0.0.1:{port}", given)


async def met(registrar: Registrar, **options: object) -> Result:
    """One run against it over UDP; whatever happens, it ends soon and nothing secret is shown."""
    async with udp_peer(registrar.reply) as peer:
        result = await register(peer.port, **options)
        await asyncio.sleep(0.05)
    assert len(registrar.seen) <= MOST
    assert "s3cret" not in repr(result)
    assert not any("response=" in line for line in result.trace)
    return result


def expiries(registrar: Registrar) -> list[str]:
    return [request.headers.only("Expires") for request in registrar.seen]


async def test_it_registers_and_leaves_nothing_behind() -> None:
    registrar = Registrar()
    result = await met(registrar)
    assert (result.outcome, result.code, result.detail) == ("ok", 200, "200 OK")
    assert expiries(registrar) == ["60", "60", "0"]
    assert registrar.bindings == {}
    assert result.facts["bindings"] == 1
    assert result.facts["register_ms"] > 0
    assert set(result.times) == {"dns", "connect", "sip", "total"}


async def test_it_is_one_call_with_rising_numbers_and_nonce_counts() -> None:
    registrar = Registrar()
    await met(registrar)
    assert len({request.identifiers.call_id for request in registrar.seen}) == 1
    assert [request.identifiers.sequence for request in registrar.seen] == [1, 2, 3]
    counts = [request.headers.first("Authorization").partition("nc=")[2] for request in registrar.seen]
    assert counts == ["", "00000001", "00000002"]


async def test_the_contact_is_the_same_in_every_run_and_another_for_another_transport() -> None:
    registrar = Registrar()
    contacts = []
    async with udp_peer(registrar.reply) as peer:
        for _ in range(3):
            await register(peer.port)
        contacts = [request.headers.only("Contact") for request in registrar.seen]
    assert len(set(contacts)) == 1
    assert contacts[0].endswith("@dialtone.invalid>")


@pytest.mark.parametrize("algorithm", ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256"])
@pytest.mark.parametrize("code", [401, 407])
async def test_each_algorithm_and_both_kinds_of_challenge_are_answered(algorithm: str, code: int) -> None:
    registrar = Registrar(algorithm=algorithm, code=code)
    assert (await met(registrar)).outcome == "ok"


async def test_of_several_challenges_the_strongest_that_we_know_is_answered() -> None:
    spare = (
        'Digest realm="r", nonce="0", algorithm=MD5',
        'Bearer scope="sip"',
        'Digest realm="r", nonce="0", algorithm=X',
    )
    registrar = Registrar(algorithm="SHA-256", spare=spare)
    assert (await met(registrar)).outcome == "ok"


@pytest.mark.parametrize("says_stale", [True, False])
async def test_a_nonce_that_has_run_out_is_answered_anew_once(says_stale: bool) -> None:
    registrar = Registrar(fresh_nonces=1, says_stale=says_stale)
    assert (await met(registrar)).outcome == "ok"
    assert expiries(registrar) == ["60", "60", "60", "0"]


async def test_nonces_that_never_hold_end_as_a_refused_account() -> None:
    registrar = Registrar(fresh_nonces=99)
    result = await met(registrar)
    assert (result.outcome, result.code, result.health) == ("auth_failed", 401, Health.DEGRADED)


async def test_a_wrong_password_reads_auth_failed_after_one_try() -> None:
    registrar = Registrar(password="other")
    registrar.override = lambda request, count: None if count == 1 else [_same_nonce(registrar, request)]
    result = await met(registrar)
    assert (result.outcome, result.detail) == ("auth_failed", "401 Unauthorized: the account is refused")
    assert len(registrar.seen) == 2


def _same_nonce(registrar: Registrar, request: Request) -> bytes:
    registrar.nonces -= 1
    return registrar.challenge(request)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (403, "auth_failed"),
        (404, "auth_failed"),
        (405, "degraded"),
        (500, "error_code"),
        (503, "error_code"),
        (603, "error_code"),
    ],
)
async def test_a_refusal_is_classed_by_its_code(code: int, outcome: str) -> None:
    registrar = Registrar(override=lambda request, _: [ok(request, code=code, reason="No")])
    result = await met(registrar)
    assert (result.outcome, result.code) == (outcome, code)
    assert len(registrar.seen) == 1


async def test_a_longer_minimum_is_granted_once() -> None:
    def brief(request: Request, _: int) -> list[bytes] | None:
        if request.headers.only("Expires") in ("0", "300") or not request.headers.first("Authorization"):
            return None
        return [ok(request, code=423, reason="Too Brief", extra=[("Min-Expires", "300")])]

    registrar = Registrar(override=brief)
    assert (await met(registrar)).outcome == "ok"
    assert expiries(registrar) == ["60", "60", "300", "0"]


@pytest.mark.parametrize("least", ["999999", "-1", "", "60"])
async def test_a_minimum_without_sense_or_without_end_is_not_followed(least: str) -> None:
    extra = [("Min-Expires", least)] if least else []
    registrar = Registrar(
        override=lambda request, _: [ok(request, code=423, reason="Too Brief", extra=extra)]
    )
    result = await met(registrar)
    assert (result.outcome, result.code) == ("degraded", 423)
    assert len(registrar.seen) <= 2


async def test_a_registration_without_a_password_is_an_open_door_and_is_taken_back() -> None:
    registrar = Registrar()
    registrar.override = lambda request, _: [registrar.accept(request)]
    result = await met(registrar)
    assert (result.outcome, result.health) == ("open_door", Health.WARNING)
    assert registrar.bindings == {}
    registrar.seen.clear()
    assert (await met(registrar, check_challenge=False)).outcome == "ok"


async def test_a_wrong_password_that_is_accepted_is_an_open_door_and_is_taken_back() -> None:
    registrar = Registrar()
    registrar.override = lambda request, _: (
        [registrar.accept(request)] if request.headers.first("Authorization") else None
    )
    assert (await met(registrar)).outcome == "ok"
    registrar.seen.clear()
    result = await met(registrar, check_wrong_password=True)
    assert (result.outcome, result.detail) == ("open_door", "a wrong password was accepted")
    assert registrar.bindings == {}


async def test_a_wrong_password_that_is_refused_is_as_it_should_be() -> None:
    registrar = Registrar()
    result = await met(registrar, check_wrong_password=True)
    assert result.outcome == "ok"
    assert registrar.bindings == {}


async def test_a_success_without_our_contact_reads_wrong_reply() -> None:
    registrar = Registrar()
    registrar.override = lambda request, _: [ok(request)] if request.headers.first("Authorization") else None
    assert (await met(registrar)).outcome == "wrong_reply"


async def test_a_contact_that_stays_is_said() -> None:
    registrar = Registrar()

    def keep(request: Request, _: int) -> list[bytes] | None:
        if request.headers.only("Expires") != "0":
            return None
        return [ok(request, extra=[("Contact", request.headers.only("Contact"))])]

    registrar.override = keep
    result = await met(registrar)
    assert (result.outcome, result.health) == ("degraded", Health.DEGRADED)
    assert "our contact is still there" in result.detail


async def test_contacts_of_others_are_counted_even_when_they_are_malformed() -> None:
    registrar = Registrar()
    registrar.bindings = {f"<sip:u{n}@10.0.0.{n}>": 60 for n in range(200)} | {"nonsense": 60}
    result = await met(registrar)
    assert (result.outcome, result.facts["bindings"]) == ("ok", 202)


@pytest.mark.parametrize(
    "challenge",
    [
        'Digest nonce="1"',
        "Digest",
        "",
        'Digest realm="r", nonce="1", algorithm=SHA3',
        'Basic realm="r"',
        ", ".join(['Digest realm="r", nonce="1"'] * 17),
    ],
    ids=range(6),
)
async def test_a_challenge_that_cannot_be_answered_is_the_server_s_doing(challenge: str) -> None:
    extra = [("WWW-Authenticate", challenge)]
    registrar = Registrar(
        override=lambda request, _: [ok(request, code=401, reason="Unauthorized", extra=extra)]
    )
    result = await met(registrar)
    assert result.outcome in ("auth_failed", "malformed_reply")
    assert len(registrar.seen) == 1


async def test_silence_after_the_challenge_reads_timeout_and_asks_to_be_forgotten() -> None:
    registrar = Registrar()
    registrar.override = lambda request, _: [] if request.headers.first("Authorization") else None
    result = await met(registrar, seconds=0.8)
    assert result.outcome == "timeout"
    assert expiries(registrar)[-1] == "0"


async def test_a_lost_reply_to_the_goodbye_is_said_soon_after_the_deadline() -> None:
    registrar = Registrar()
    registrar.override = lambda request, _: [] if request.headers.only("Expires") == "0" else None
    began = time.monotonic()
    result = await met(registrar, seconds=0.5)
    assert (result.outcome, result.health) == ("degraded", Health.DEGRADED)
    assert "un-registering was not answered" in result.detail
    assert time.monotonic() - began < 2.4


async def test_a_cancelled_probe_asks_to_be_forgotten() -> None:
    registrar = Registrar()
    registrar.override = lambda request, _: [] if request.headers.first("Authorization") else None
    async with udp_peer(registrar.reply) as peer:
        running = asyncio.create_task(register(peer.port, seconds=10))
        while len(registrar.seen) < 2:
            await asyncio.sleep(0.01)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await asyncio.sleep(0.05)
    assert expiries(registrar)[-1] == "0"


async def test_it_works_over_a_stream() -> None:
    registrar = Registrar()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.writelines(registrar.reply(await read_request(reader)))

    async with stream_peer(talk) as peer:
        result = await register(peer.port, transport="tcp")
    assert (result.outcome, registrar.bindings) == ("ok", {})


@pytest.mark.parametrize(
    ("option", "value"),
    [("username", "a b"), ("username", "al@ice"), ("username", ""), ("domain", "a b"), ("domain", "[::")],
)
def test_what_cannot_stand_in_a_uri_is_refused_naming_the_option(option: str, value: str) -> None:
    with pytest.raises(ConfigError) as refused:
        build(Config, {"username": "alice", option: value})
    assert refused.value.field == option


async def test_the_domain_is_asked_for_and_proved_apart_from_the_target() -> None:
    registrar = Registrar()
    await met(registrar, domain="voice.example", auth_username="auth-alice")
    assert {request.uri for request in registrar.seen} == {"sip:voice.example"}
    assert registrar.seen[0].headers.only("To") == "<sip:alice@voice.example>"
    assert 'username="auth-alice"' in registrar.seen[1].headers.only("Authorization")
