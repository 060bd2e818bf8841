"""OPTIONS over TLS: which certificates are taken, and what a failed handshake is called."""

import asyncio
import socket
import ssl
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from incidents.probes.results import Result
from tests.peers.certificates import Authority, Pair
from tests.peers.faults import ok, read_request, saying, server_context, silent, stream_peer
from tests.peers.hostile import ancient_context, leaving, plain_http
from tests.probes.asking import ask

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


async def _probe(pair: Pair, ca_file: Path | None, **options: object) -> Result:
    trust = {"ca_file": str(ca_file)} if ca_file else {}
    async with stream_peer(saying(ok), tls=server_context(pair.certificate, pair.key)) as peer:
        return await ask(peer.port, "tls", seconds=3, **{**trust, **options})


async def test_a_good_certificate_of_a_trusted_issuer_is_ok(authority: Authority) -> None:
    result = await _probe(authority.issue("good"), authority.ca_file)
    assert (result.outcome, result.code) == ("ok", 200)
    assert list(result.times) == ["dns", "connect", "tls", "sip", "total"]
    trace = "\n".join(result.trace)
    assert "TLSv1.3" in trace
    assert "verified for 127.0.0.1" in trace
    assert "CN=sip.example.test" in trace


BAD = {
    "expired": ({"starts": -9 * DAY, "ends": -DAY}, {}, 10, "certificate expired (verify code 10)"),
    "not yet valid": ({"starts": DAY, "ends": 9 * DAY}, {}, 9, "certificate not yet valid (verify code 9)"),
    "self-signed": ({"self_signed": True}, {}, 18, "self-signed certificate (verify code 18)"),
    "wrong address": ({"sans": ["192.0.2.1"]}, {}, 64, "certificate is for 192.0.2.1, not for 127.0.0.1"),
    "wrong name": (
        {"sans": ["other.test"]},
        {"server_name": "a.test"},
        62,
        "certificate is for other.test, not for a.test",
    ),
    "wildcard": ({"sans": ["*.test"]}, {"server_name": "a.test"}, 62, "not for a.test"),
    "user URI only": ({"sans": ["sip:a@a.test"]}, {"server_name": "a.test"}, 62, "certificate is for nobody"),
    "URI before DNS": (
        {"sans": ["sip:b.test", "a.test"]},
        {"server_name": "a.test"},
        62,
        "certificate is for b.test",
    ),
}


@pytest.mark.parametrize(("made", "options", "code", "words"), BAD.values(), ids=BAD.keys())
async def test_a_bad_certificate_reads_tls_verify_with_its_code_and_words(
    authority: Authority, made: dict[str, object], options: dict[str, object], code: int, words: str
) -> None:
    result = await _probe(authority.issue("bad", **made), authority.ca_file, **options)  # type: ignore[arg-type]
    assert (result.outcome, result.health, result.code) == ("tls_verify", "failed", code)
    assert words in result.detail
    assert "sip" not in result.times
    trace = "\n".join(result.trace)
    assert "second look: TLSv1.3" in trace
    assert "certificate valid from" in trace


@pytest.mark.parametrize("made", [made for made, *_ in BAD.values()], ids=BAD.keys())
async def test_without_verification_any_certificate_will_do(
    authority: Authority, made: dict[str, object]
) -> None:
    result = await _probe(authority.issue("any", **made), None, verify_tls=False)  # type: ignore[arg-type]
    assert result.outcome == "ok"
    assert any("not verified" in line for line in result.trace)


@pytest.mark.parametrize(
    ("made", "name"),
    [
        ({"sans": ["sip:a.test"]}, "a.test"),
        ({"sans": ["b.test", "a.test"]}, "A.TEST"),
        ({"sans": None, "common_name": "a.test"}, "a.test"),
    ],
)
async def test_the_identities_of_rfc_5922_are_taken(
    authority: Authority, made: dict[str, object], name: str
) -> None:
    result = await _probe(authority.issue("one", **made), authority.ca_file, server_name=name)  # type: ignore[arg-type]
    assert result.outcome == "ok"


async def test_an_untrusted_issuer_reads_tls_verify(authority: Authority, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "Somebody else")
    for trusted in (authority.ca_file, None):
        result = await _probe(stranger.issue("good"), trusted)
        assert (result.outcome, result.code) == ("tls_verify", 20)
        assert result.detail == "certificate issuer not trusted (verify code 20)"


async def test_a_servers_own_certificate_may_be_trusted_directly(
    authority: Authority, tmp_path: Path
) -> None:
    """Also one that a stranger has issued: whoever names it as trusted wants no chain above it."""
    for own in (authority.issue("own", self_signed=True), Authority(tmp_path).issue("strangers")):
        assert (await _probe(own, own.certificate)).outcome == "ok"


async def test_the_server_name_is_sent_as_sni_and_an_address_is_not(authority: Authority) -> None:
    heard: list[str | None] = []
    pair = authority.issue("good", sans=["127.0.0.1", "a.test"])
    context = server_context(pair.certificate, pair.key)
    context.sni_callback = lambda _layer, name, _context: heard.append(name)
    async with stream_peer(saying(ok), tls=context) as peer:
        for options in ({"server_name": "a.test"}, {}):
            result = await ask(peer.port, "tls", seconds=3, ca_file=str(authority.ca_file), **options)
            assert result.outcome == "ok"
    assert heard == ["a.test", None]


async def test_http_on_the_tls_port_reads_tls_handshake() -> None:
    async with stream_peer(plain_http) as peer:
        result = await ask(peer.port, "tls", seconds=3)
    assert (result.outcome, result.health) == ("tls_handshake", "failed")
    assert "wrong version number" in result.detail


async def test_a_connection_closed_in_the_handshake_reads_tls_handshake() -> None:
    async with stream_peer(leaving) as peer:
        result = await ask(peer.port, "tls", seconds=3)
        assert peer.connections == 2
    assert (result.outcome, result.code) == ("tls_handshake", None)
    assert "closed during the TLS handshake" in result.detail


async def test_a_half_open_tls_port_reads_stalled() -> None:
    async with stream_peer(silent) as peer:
        result = await ask(peer.port, "tls", seconds=0.8)
    assert (result.outcome, result.detail) == (
        "stalled",
        "accepted the connection, TLS handshake never answered",
    )
    assert result.times["total"] < 2500


async def test_an_old_server_is_explained_by_a_second_look(authority: Authority) -> None:
    context = ancient_context(authority.issue("old"))
    async with stream_peer(saying(ok), tls=context) as peer:
        result = await ask(peer.port, "tls", seconds=3, ca_file=str(authority.ca_file))
    assert result.outcome == "tls_handshake"
    assert any(line.startswith("second look: TLSv1 ") for line in result.trace)


async def test_a_server_that_wants_our_certificate_reads_tls_handshake(authority: Authority) -> None:
    """In TLS 1.3 the refusal comes only after the handshake looked done."""
    pair = authority.issue("mutual")
    context = server_context(pair.certificate, pair.key)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.ca_file)

    def refuse(listening: socket.socket) -> None:
        # asyncio's own server closes without the alert, so this peer speaks TLS the blocking way; the second
        # handle keeps the connection open until the alert has been read.
        connection, _ = listening.accept()
        with connection.dup() as kept:
            with suppress(ssl.SSLError):
                context.wrap_socket(connection, server_side=True)
            while kept.recv(65536):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        refusing = asyncio.create_task(asyncio.to_thread(refuse, listening))
        port = listening.getsockname()[1]
        result = await ask(port, "tls", seconds=3, ca_file=str(authority.ca_file))
        await refusing
    assert result.outcome == "tls_handshake"
    assert "certificate required" in result.detail


async def test_a_secured_peer_that_never_answers_reads_stalled(authority: Authority) -> None:
    pair = authority.issue("good")

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await silent(reader, writer)

    async with stream_peer(listen, tls=server_context(pair.certificate, pair.key)) as peer:
        result = await ask(peer.port, "tls", seconds=1, ca_file=str(authority.ca_file))
    assert (result.outcome, result.detail) == ("stalled", "accepted the connection, never answered")
    assert "tls" in result.times


@pytest.mark.parametrize("content", [None, "", "not a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
async def test_a_trust_file_that_is_none_is_our_own_fault(
    authority: Authority, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    result = await _probe(authority.issue("good"), file)
    assert (result.outcome, result.health) == ("internal", "inconclusive")
    assert "trust file" in result.detail


async def test_a_changed_trust_file_is_read_again(authority: Authority, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(Authority(tmp_path / "first").ca_file.read_bytes())
    pair = authority.issue("good")
    assert (await _probe(pair, file)).outcome == "tls_verify"
    file.write_bytes(authority.ca_file.read_bytes())
    assert (await _probe(pair, file)).outcome == "ok"
