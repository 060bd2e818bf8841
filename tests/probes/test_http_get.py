"""http_get: status, text and TLS of a page; what never ends is read no further, a redirect is not followed."""

import asyncio
import resource
import ssl
import time
from pathlib import Path

import pytest

from incidents.probes.config import ConfigError, build
from incidents.probes.http_get import Config
from incidents.probes.kinds import KINDS
from incidents.probes.results import Result
from incidents.probes.running import Job, run, run_batch
from tests.peers.certificates import DAY, Authority
from tests.peers.faults import Peer, Talk, server_context, silent, stream_peer
from tests.peers.hostile import plain_http


def serving(head: str, *bodies: bytes, pause: float = 0, endless: bool = False) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        while True:
            for body in bodies:
                writer.write(body)
                await writer.drain()
                await asyncio.sleep(pause)
            if not endless:
                return

    return talk


OK = "HTTP/1.1 200 OK\nServer: peer/1\nContent-Length: 5"


async def ask(talk: Talk, *, tls: ssl.SSLContext | None = None, **options: object) -> Result:
    async with stream_peer(talk, tls=tls) as peer:
        scheme = "https" if tls else "http"
        return await run(
            "http_get", f"{scheme}://127.0.0.1:{peer.port}/x?y=1", {"deadline_seconds": 1.5, **options}
        )


async def test_a_healthy_page_is_ok() -> None:
    result = await ask(serving(OK, b"hello"), expect="hell")
    assert (result.outcome, result.code, result.server) == ("ok", 200, "peer/1")
    assert set(result.times) == {"dns", "connect", "http", "total"}


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("204 No Content", "ok"),
        ("404 Not Found", "degraded"),
        ("401 No", "degraded"),
        ("408 Late", "error_code"),
        ("500 No", "error_code"),
        ("503 Busy", "error_code"),
    ],
)
async def test_each_status_is_classed(status: str, outcome: str) -> None:
    result = await ask(serving(f"HTTP/1.1 {status}\nContent-Length: 0"))
    assert (result.outcome, result.code) == (outcome, int(status[:3]))


async def test_a_redirect_is_reported_and_not_followed() -> None:
    async with stream_peer(silent) as elsewhere:
        head = f"HTTP/1.1 302 Found\nLocation: http://127.0.0.1:{elsewhere.port}/\nContent-Length: 0"
        result = await ask(serving(head))
        assert elsewhere.connections == 0
    assert (result.outcome, result.code) == ("degraded", 302)
    assert result.detail == f"302 Found: leads to http://127.0.0.1:{elsewhere.port}/, not followed"
    assert any(line.startswith("Location: ") for line in result.trace)


async def test_where_a_redirect_leads_is_shown_without_secrets_and_bounded() -> None:
    head = f"HTTP/1.1 301 Moved\nLocation: https://u:s3cret@192.0.2.1/{'x' * 5000}\nContent-Length: 0"
    result = await ask(serving(head))
    assert "s3cret" not in repr(result)
    assert len(result.detail) <= 200


async def test_text_that_is_missing_reads_wrong_reply() -> None:
    assert (await ask(serving(OK, b"hello"), expect="world")).outcome == "wrong_reply"


@pytest.mark.parametrize(
    ("talk", "outcome"),
    [
        (silent, "stalled"),
        (serving("HTTP/1.1 200 OK\nContent-Length: 99", b"short"), "malformed_reply"),
        (serving("ICY 200 OK"), "malformed_reply"),
        (serving("HTTP/1.1 9999999999 OK"), "malformed_reply"),
        (serving("HTTP/1.1 200 OK\nX: " + "x" * 100_000), "malformed_reply"),
        (serving("HTTP/1.1 200 OK\nContent-Length: 5", b"", pause=30), "stalled"),
    ],
    ids=["silent", "cut", "not http", "code", "huge header", "no body"],
)
async def test_a_server_that_misbehaves_is_classed(talk: Talk, outcome: str) -> None:
    assert (await ask(talk, expect="hello")).outcome == outcome


async def test_a_body_that_never_ends_is_read_no_further() -> None:
    began = time.monotonic()
    result = await ask(
        serving("HTTP/1.1 200 OK", b"x" * 65_536, endless=True), expect="hello", deadline_seconds=10
    )
    assert (result.outcome, time.monotonic() - began < 5) == ("wrong_reply", True)


async def test_without_an_expected_text_the_body_is_not_waited_for() -> None:
    assert (await ask(serving("HTTP/1.1 200 OK\nContent-Length: 1000000000", b"x"))).outcome == "ok"


async def test_https_is_verified_by_the_rules_of_the_web(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    good = authority.issue("good")
    expired = authority.issue("expired", starts=-9 * DAY, ends=-DAY)
    named = authority.issue("named", sans=("other.example",))
    trusted = {"ca_file": str(authority.ca_file)}
    page = serving(OK, b"hello")
    assert (await ask(page, tls=server_context(good.certificate, good.key), **trusted)).outcome == "ok"
    for pair, code in ((expired, 10), (named, 64)):
        result = await ask(page, tls=server_context(pair.certificate, pair.key), **trusted)
        assert (result.outcome, result.code, result.subject) == ("tls_verify", code, "127.0.0.1")
        assert (
            await ask(page, tls=server_context(pair.certificate, pair.key), verify_tls=False)
        ).outcome == "ok"


async def test_https_has_a_time_and_evidence_of_its_own(tmp_path: Path) -> None:
    pair = Authority(tmp_path).issue("good")
    context = server_context(pair.certificate, pair.key)
    taken = await ask(serving(OK, b"hello"), tls=context, ca_file=str(tmp_path / "ca.pem"))
    assert set(taken.times) == {"dns", "connect", "tls", "http", "total"}
    assert any("verified for 127.0.0.1" in line for line in taken.trace)
    refused = await ask(serving(OK, b"hello"), tls=context)
    assert (refused.outcome, refused.code) == ("tls_verify", 20)
    assert any(line.startswith("second look: TLSv1.3") for line in refused.trace)
    assert any("certificate valid from" in line for line in refused.trace)


async def test_a_site_of_another_name_is_asked_for_and_proved(tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 204 Fine\r\n\r\n")

    authority = Authority(tmp_path)
    pair = authority.issue("site", sans=("site.example",))
    options = {"server_name": "site.example", "ca_file": str(authority.ca_file)}
    assert (await ask(talk, tls=server_context(pair.certificate, pair.key), **options)).outcome == "ok"
    assert b"\r\nHost: site.example:" in heard[0]
    other = {**options, "server_name": "other.example"}
    result = await ask(talk, tls=server_context(pair.certificate, pair.key), **other)
    assert (result.outcome, result.code, result.subject) == ("tls_verify", 62, "other.example")


async def test_a_tls_port_that_accepts_and_never_shakes_hands_reads_stalled() -> None:
    async with stream_peer(silent) as peer:
        result = await run("http_get", f"https://127.0.0.1:{peer.port}/", {"deadline_seconds": 0.7})
    assert (result.outcome, result.detail) == (
        "stalled",
        "accepted the connection, TLS handshake never answered",
    )


async def test_a_connection_that_is_closed_without_a_word_is_made_once() -> None:
    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with stream_peer(leave) as peer:
        result = await run("http_get", f"127.0.0.1:{peer.port}", {})
        assert peer.connections == 1
    assert (result.outcome, result.detail) == ("refused", "connection closed without a reply")


async def test_headers_without_end_are_bounded() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X: y\r\n" * 9000)
            await writer.drain()

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = await ask(endless, deadline_seconds=20)
    assert (result.outcome, result.health) == ("malformed_reply", "failed")
    assert result.times["total"] < 10_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000


async def test_a_body_that_drips_is_not_waited_for_past_the_deadline() -> None:
    page = serving("HTTP/1.1 200 OK\nContent-Length: 1000", b"x", pause=0.05, endless=True)
    result = await ask(page, expect="hello", deadline_seconds=0.7)
    assert (result.outcome, result.detail) == ("stalled", "200 OK, but the body did not end in time")


async def test_provisional_replies_without_end_read_stalled() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100)
            await writer.drain()
            await asyncio.sleep(0.01)

    assert (await ask(endless, deadline_seconds=0.7)).outcome == "stalled"


@pytest.mark.parametrize("content", [None, "not a certificate"])
async def test_a_trust_file_that_is_none_is_our_own_fault(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    async with stream_peer(silent) as peer:
        result = await run("http_get", f"https://127.0.0.1:{peer.port}/", {"ca_file": str(file)})
    assert (result.outcome, result.health) == ("internal", "inconclusive")
    assert "trust file" in result.detail


@pytest.mark.parametrize("name", ["a b", "a:1", "u@a", ".", "[::"])
def test_a_site_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ConfigError) as refused:
        build(Config, {"server_name": name})
    assert refused.value.field == "server_name"


async def test_plain_http_on_the_tls_port_reads_tls_handshake() -> None:
    async with stream_peer(plain_http) as peer:
        result = await run("http_get", f"https://127.0.0.1:{peer.port}/", {"deadline_seconds": 2})
    assert result.outcome == "tls_handshake"


async def test_without_the_right_a_private_address_is_not_dialled() -> None:
    async with stream_peer(silent) as peer:
        assert (await _unentitled(peer)).outcome == "internal"
        assert peer.connections == 0


async def _unentitled(peer: Peer) -> Result:
    (result,) = await run_batch([Job("1", "http_get", f"http://127.0.0.1:{peer.port}/", private=False)])
    return result


@pytest.mark.parametrize(
    "target",
    [
        "ftp://x/",
        "http://",
        "http://u:p@host/",
        "http://ho st/",
        "http://[::1",
        "http://x:99999/",
        "file:///etc/passwd",
        "//x",
    ],
)
def test_a_url_that_is_none_is_refused(target: str) -> None:
    with pytest.raises(ConfigError) as refused:
        KINDS["http_get"].check_target(target)
    assert refused.value.field == "target"
