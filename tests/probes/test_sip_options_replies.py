"""What a reply says about its server (DESIGN 9)."""

import pytest

from incidents.sip.message import Request
from tests.peers.faults import ok, saying, stream_peer, udp_peer
from tests.probes.asking import ask


@pytest.mark.parametrize(
    ("code", "reason", "outcome", "health"),
    [
        (200, "OK", "ok", "ok"),
        (202, "Accepted", "ok", "ok"),
        (302, "Moved Temporarily", "degraded", "degraded"),
        (401, "Unauthorized", "degraded", "degraded"),
        (403, "Forbidden", "degraded", "degraded"),
        (404, "Not Found", "degraded", "degraded"),
        (405, "Method Not Allowed", "degraded", "degraded"),
        (483, "Too Many Hops", "degraded", "degraded"),
        (408, "Request Timeout", "error_code", "failed"),
        (500, "Server Internal Error", "error_code", "failed"),
        (503, "Service Unavailable", "error_code", "failed"),
        (603, "Decline", "error_code", "failed"),
    ],
)
async def test_the_code_decides(code: int, reason: str, outcome: str, health: str) -> None:
    async with udp_peer(lambda request, _: [ok(request, code=code, reason=reason)]) as peer:
        result = await ask(peer.port)
    assert (result.outcome, result.health, result.code) == (outcome, health, code)
    assert result.detail.startswith(f"{code} {reason}")
    assert result.server == "peer/1.0"


@pytest.mark.parametrize(
    ("value", "words"),
    [("30", "overload, retry after 30 s"), ("soon", "overload"), ("30;duration=9", "30 s")],
)
async def test_a_503_with_retry_after_is_called_overload(value: str, words: str) -> None:
    def reply(request: Request, _: int) -> list[bytes]:
        return [ok(request, code=503, reason="Service Unavailable", extra=[("Retry-After", value)])]

    async with udp_peer(reply) as peer:
        result = await ask(peer.port)
    assert result.outcome == "error_code"
    assert words in result.detail


@pytest.mark.parametrize(
    ("expected", "code", "outcome"),
    [
        ("2xx, 404", 404, "ok"),
        ("404", 200, "degraded"),
        ("4XX", 486, "ok"),
        ("503", 503, "ok"),
        ("200", 202, "degraded"),
    ],
)
async def test_what_is_expected_is_healthy_and_nothing_else(expected: str, code: int, outcome: str) -> None:
    async with udp_peer(lambda request, _: [ok(request, code=code, reason="As Asked")]) as peer:
        result = await ask(peer.port, expected_codes=expected)
    assert (result.outcome, result.code) == (outcome, code)


async def test_the_times_name_each_layer_that_was_reached() -> None:
    async with stream_peer(saying(ok)) as peer:
        result = await ask(peer.port, "tcp")
    assert list(result.times) == ["dns", "connect", "sip", "total"]
    assert result.times["total"] >= result.times["connect"] + result.times["sip"]


async def test_the_trace_shows_what_was_sent_and_received() -> None:
    async with udp_peer(lambda request, _: [ok(request, extra=[("Allow", "OPTIONS, INVITE")])]) as peer:
        result = await ask(peer.port)
        assert len(peer.requests) == 1
    trace = "\n".join(result.trace)
    assert f"sent OPTIONS sip:127.0.0.1:{peer.port} SIP/2.0" in trace
    assert "received SIP/2.0 200 OK" in trace
    assert "Allow: OPTIONS, INVITE" in trace


async def test_what_a_hostile_server_says_of_itself_is_bounded_and_printable() -> None:
    nasty = "\x1b[31mred\x07" + "S" * 1200

    def reply(request: Request, _: int) -> list[bytes]:
        return [ok(request, reason=nasty, extra=[("Server", nasty), *[("Warning", nasty)] * 40])]

    async with udp_peer(reply) as peer:
        result = await ask(peer.port)
    assert result.code == 200
    for text in (result.detail, result.server, *result.trace):
        assert text.isprintable()
        assert len(text) <= 240
    assert len(result.trace) <= 60
