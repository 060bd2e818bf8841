"""sip_call against a number of our own: what comes back is counted, and the call always ends."""

import asyncio
from contextlib import suppress

import pytest

from incidents.domain.outcomes import Health
from incidents.probes.results import Result
from incidents.probes.running import Job, run, run_batch
from incidents.sip.message import Request
from incidents.sip.sdp import offer
from tests.peers.calls import Number, number_peer, with_body
from tests.peers.faults import ok

ENDINGS = {"BYE", "CANCEL"}


async def call(number: Number, *, seconds: float = 3, packets: int = 10, **options: object) -> Result:
    given = {"packets": packets, "deadline_seconds": seconds, **options}
    async with number_peer(number) as peer:
        result = await run("sip_call", f"sip:echo@127.0.0.1:{peer.port}", given)
        await asyncio.sleep(0.05)
    return result


async def test_an_echo_is_ok_with_its_figures_and_hung_up() -> None:
    number = Number()
    result = await call(number)
    assert (result.outcome, result.code) == ("ok", 200)
    assert number.methods == ["INVITE", "ACK", "BYE"]
    assert (result.facts["packets_sent"], result.facts["packets_received"]) == (10, 10)
    assert (result.facts["loss_percent"], result.facts["first_packet_ms"] < 500) == (0, True)
    assert set(result.times) == {"dns", "connect", "sip", "media", "total"}
    invite, ack, bye = number.requests
    assert bye.uri == ack.uri == f"sip:echo@127.0.0.1:{number.port}"
    assert {each.identifiers.call_id for each in number.requests} == {invite.identifiers.call_id}
    assert (ack.identifiers.sequence, bye.identifiers.sequence) == (1, 2)
    assert ack.identifiers.recipient.tag == bye.identifiers.recipient.tag == "peer"


async def test_an_answer_without_audio_is_a_class_of_its_own_and_hung_up() -> None:
    number = Number(change=lambda _: None)
    result = await call(number)
    assert (result.outcome, result.health) == ("one_way_audio", Health.FAILED)
    assert (number.packets, number.methods[-1]) == (10, "BYE")


async def test_lost_packets_beyond_the_limit_are_degraded() -> None:
    seen = iter(range(100))
    number = Number(change=lambda data: data if next(seen) % 2 else None)
    result = await call(number)
    assert (result.outcome, result.facts["loss_percent"]) == ("degraded", 50)
    seen = iter(range(100))
    assert (await call(Number(change=number.change), loss_percent=60)).outcome == "ok"


@pytest.mark.parametrize(
    ("code", "outcome"),
    [(486, "degraded"), (404, "degraded"), (408, "error_code"), (503, "error_code"), (603, "error_code")],
)
async def test_a_refusal_is_acknowledged_and_classed(code: int, outcome: str) -> None:
    number = Number(
        answer=lambda request, _: [] if request.method == "ACK" else [ok(request, code=code, reason="No")]
    )
    result = await call(number)
    assert (result.outcome, result.code) == (outcome, code)
    assert number.methods == ["INVITE", "ACK"]


def ringing(request: Request, number: Number) -> list[bytes]:
    if request.method == "INVITE":
        return [ok(request, code=180, reason="Ringing")]
    return number.honest(request)


async def test_what_rings_for_ever_is_called_off() -> None:
    number = Number(answer=ringing)
    result = await call(number, seconds=0.8)
    assert (result.outcome, "180" in result.detail) == ("timeout", True)
    assert number.methods.count("CANCEL") == 1
    invite, cancel = number.requests[0], number.requests[-1]
    assert cancel.identifiers.vias[0].branch == invite.identifiers.vias[0].branch


async def test_an_answer_that_crosses_the_cancel_is_acknowledged_and_hung_up() -> None:
    def crossing(request: Request, number: Number) -> list[bytes]:
        if request.method == "CANCEL":
            return [
                with_body(
                    ok(number.requests[0], extra=number.contact()), offer("127.0.0.1", number.audio_port)
                )
            ]
        return ringing(request, number)

    number = Number(answer=crossing)
    assert (await call(number, seconds=0.6)).outcome == "timeout"
    assert number.methods[-3:] == ["CANCEL", "ACK", "BYE"]


async def test_silence_is_asked_again_and_not_called_off() -> None:
    number = Number(answer=lambda *_: [])
    result = await call(number, seconds=1.7)
    assert result.outcome == "timeout"
    assert set(number.methods) == {"INVITE"}
    assert len(number.methods) == 3


async def test_a_repeated_success_is_acknowledged_each_time() -> None:
    def twice(request: Request, number: Number) -> list[bytes]:
        replies = number.honest(request)
        return [*replies, *replies[1:], *replies[1:]] if request.method == "INVITE" else replies

    number = Number(answer=twice)
    assert (await call(number)).outcome == "ok"
    assert number.methods.count("ACK") == 3


@pytest.mark.parametrize("code", [401, 407])
async def test_a_challenge_is_answered_once(code: int) -> None:
    name = "WWW-Authenticate" if code == 401 else "Proxy-Authenticate"
    header = "Authorization" if code == 401 else "Proxy-Authorization"

    def asking(request: Request, number: Number) -> list[bytes]:
        if request.method == "INVITE" and 'username="alice"' not in request.headers.first(header):
            return [ok(request, code=code, reason="Who", extra=[(name, 'Digest realm="r", nonce="n"')])]
        return number.honest(request)

    number = Number(answer=asking)
    result = await call(number, username="alice", password="s3cret")
    assert (result.outcome, number.methods) == ("ok", ["INVITE", "ACK", "INVITE", "ACK", "BYE"])
    assert "s3cret" not in repr(result)
    refused = await call(Number(answer=asking))
    assert (refused.outcome, refused.code) == ("auth_failed", code)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"v=0\r\n" * 500,
        b"\0" * 5000,
        b"v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 0 RTP/AVP 0\r\n",
        b"v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 99999 RTP/AVP 0\r\n",
        b"v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 96\r\n",
        b"v=0\r\nc=IN IP4 audio.example\r\nm=audio 4000 RTP/AVP 0\r\n",
        b"v=0\r\nm=audio 4000 RTP/AVP 0\r\n",
        b"v=0\r\nc=IN IP4 127.0.0.1\r\nm=video 4000 RTP/AVP 0\r\n",
    ],
    ids=["none", "long", "binary", "port 0", "port 99999", "other codec", "name", "no address", "video"],
)
async def test_an_answer_whose_audio_makes_no_sense_is_hung_up(body: bytes) -> None:
    number = Number(answer=lambda request, number: number.honest(request, body=body))
    result = await call(number)
    assert (result.outcome, number.packets) == ("malformed_reply", 0)
    assert number.methods == ["INVITE", "ACK", "BYE"]


async def test_audio_is_not_sent_where_the_probe_may_not_go() -> None:
    body = offer("169.254.169.254", 4000)
    number = Number(answer=lambda request, number: number.honest(request, body=body))
    async with number_peer(number) as peer:
        job = Job("1", "sip_call", f"sip:echo@127.0.0.1:{peer.port}", {"deadline_seconds": 2}, private=False)
        (result,) = await run_batch([job])
    assert (result.outcome, number.methods) == ("internal", [])


async def test_audio_of_strangers_and_garbage_count_for_nothing() -> None:
    assert (await call(Number(change=lambda _: b"garbage"))).outcome == "one_way_audio"
    assert (await call(Number(change=lambda data: b"\x00" + data[1:]))).outcome == "one_way_audio"


async def test_a_bye_that_is_never_answered_is_not_waited_for_long() -> None:
    def deaf(request: Request, number: Number) -> list[bytes]:
        return [] if request.method == "BYE" else number.honest(request)

    number = Number(answer=deaf)
    assert (await call(number)).outcome == "ok"
    assert number.methods[-1] == "BYE"


async def test_a_peer_that_hangs_up_early_is_degraded() -> None:
    def leaving(request: Request, number: Number) -> list[bytes]:
        replies = number.honest(request)
        if request.method != "ACK" or number.methods.count("ACK") > 1:
            return replies
        asked = number.requests[0]
        bye = ok(asked).replace(b"SIP/2.0 200 OK", f"BYE sip:probe@127.0.0.1:{1} SIP/2.0".encode())
        return [bye.replace(b"1 INVITE", b"7 BYE")]

    number = Number(answer=leaving)
    result = await call(number)
    assert result.outcome in ("degraded", "one_way_audio")
    assert "BYE" not in number.methods


@pytest.mark.parametrize("stage", ["ringing", "speaking"])
async def test_a_cancelled_probe_leaves_no_call_behind(stage: str) -> None:
    number = Number(answer=ringing) if stage == "ringing" else Number()
    async with number_peer(number) as peer:
        options = {"packets": 200, "deadline_seconds": 10}
        running = asyncio.create_task(run("sip_call", f"sip:echo@127.0.0.1:{peer.port}", options))
        while not (number.packets if stage == "speaking" else number.methods):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await asyncio.sleep(0.1)
    assert number.methods[-1] in ENDINGS


async def test_a_wrong_call_id_is_nobody_s_answer() -> None:
    def stray(request: Request, number: Number) -> list[bytes]:
        call_id = request.identifiers.call_id.encode()
        return [reply.replace(call_id, b"stray@x") for reply in number.honest(request)]

    number = Number(answer=stray)
    assert (await call(number, seconds=0.7)).outcome == "wrong_reply"
