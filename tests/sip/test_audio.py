"""SDP and RTP as a call needs them: read what is sensible, refuse the rest, count what is lost and late."""

import pytest

from incidents.sip import rtp
from incidents.sip.errors import MalformedMessage
from incidents.sip.sdp import Audio, offer, read_audio


def test_what_is_offered_can_be_read() -> None:
    assert read_audio(offer("192.0.2.1", 4000)) == Audio("192.0.2.1", 4000, 0, sends=True)
    assert read_audio(offer("2001:db8::1", 4000)).ip == "2001:db8::1"


def test_the_first_codec_of_ours_and_the_stream_s_own_address_count() -> None:
    body = (
        b"v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9/127\r\nt=0 0\r\na=recvonly\r\n"
        b"m=audio 4000 RTP/AVP 96 8 0\r\nc=IN IP4 192.0.2.1\r\nm=video 5000 RTP/AVP 31\r\nc=IN IP4 192.0.2.7\r\n"
    )
    assert read_audio(body) == Audio("192.0.2.1", 4000, 8, sends=False)


def test_line_feeds_alone_will_do() -> None:
    assert read_audio(offer("192.0.2.1", 4000).replace(b"\r\n", b"\n")).port == 4000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"v=1\r\n",
        b"v=0\r\n" + b"a=x\r\n" * 100_000,
        b"v=0\r\nm=audio " + b"9" * 100_000,
        b"\xff" * 60_000,
    ],
)
def test_what_is_no_answer_of_ours_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedMessage):
        read_audio(body)


def test_a_packet_is_read_as_it_was_built() -> None:
    packet = rtp.Packet(8, 65_535, 4_294_967_295, 7)
    data = rtp.build(packet)
    assert (rtp.read(data), len(data)) == (packet, 172)


@pytest.mark.parametrize("data", [b"", b"\x80" * 11, b"\x00" * 172, b"SIP/2.0 200 OK\r\n"])
def test_what_is_no_rtp_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        rtp.read(data)


def heard(*sequences: int, source: int = 7, every_ms: float = 20) -> rtp.Heard:
    counts = rtp.Heard()
    for place, sequence in enumerate(sequences):
        counts.add(rtp.Packet(0, sequence, sequence * rtp.SAMPLES, source), place * every_ms)
    return counts


def test_an_echo_is_measured_against_what_was_sent_and_a_speaker_against_its_own_gaps() -> None:
    assert heard(0, 1, 2, 3).lost_percent(8, own=7) == 50
    assert heard(10, 11, 13, source=9).lost_percent(50, own=7) == 25
    assert rtp.Heard().lost_percent(50, own=7) == 100


def test_repetitions_and_a_second_source_count_for_nothing() -> None:
    counts = heard(0, 0, 1)
    counts.add(rtp.Packet(0, 2, 320, 99), 60)
    assert counts.sequences == {0, 1}


def test_a_steady_stream_has_no_jitter_and_an_unsteady_one_has() -> None:
    assert heard(*range(50)).jitter_ms == pytest.approx(0)
    assert heard(*range(50), every_ms=35).jitter_ms > 10
