"""http_get: status, text and TLS of a page; what never ends is read no further, a redirect is not followed."""

import asyncio
import ssl
import time
from pathlib import Path

import pytest

from incidents.probes.config import ConfigError
from incidents.probes.kinds import KINDS
from incidents.probes.results import Result
from incidents.probes.running import Job, run, run_batch
from tests.peers.certificates import DAY, Authority
from tests.peers.faults import Peer, Talk, server_context, silent, stream_peer


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
    assert set(result.times) == {"dns", "http", "total"}


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
    assert any(line.startswith("Location: ") for line in result.trace)


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


async def test_plain_http_on_the_tls_port_reads_tls_handshake() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with stream_peer(plain) as peer:
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
