"""Messages out of a stream, however the bytes are cut (RFC 3261 section 18.3)."""

import time

import pytest

from incidents.sip.errors import MalformedMessage
from incidents.sip.framing import StreamFramer
from incidents.sip.message import Message
from tests.sip.samples import request, response

ONE = response({"Content-Length": "5"}, b"hello")
TWO = request({"Content-Length": "0"})


def _bodies(messages: list[Message]) -> list[bytes]:
    return [message.body for message in messages]


def test_two_messages_in_one_piece_come_out_as_two() -> None:
    assert _bodies([*StreamFramer().feed(ONE + TWO)]) == [b"hello", b""]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_a_message_in_pieces_comes_out_once_it_is_whole(size: int) -> None:
    framer = StreamFramer()
    stream = ONE + b"\r\n" + TWO
    found = [message for at in range(0, len(stream), size) for message in framer.feed(stream[at : at + size])]
    assert _bodies([*found]) == [b"hello", b""]
    assert framer.pending == 0


def test_keep_alives_stand_before_and_between_messages_and_are_counted_as_pings() -> None:
    framer = StreamFramer()
    assert len(framer.feed(b"\r\n\r\n" + ONE + b"\r\n\r\n\r\n\r\n" + TWO)) == 2
    assert framer.pings == 3


def test_the_bytes_of_an_incomplete_message_are_counted() -> None:
    framer = StreamFramer()
    assert framer.feed(ONE[:40]) == []
    assert framer.pending == 40


def test_a_body_may_hold_what_looks_like_the_end_of_headers() -> None:
    body = b"\r\n\r\n\r\n"
    assert _bodies([*StreamFramer().feed(response({"Content-Length": "6"}, body) + TWO)]) == [body, b""]


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        (response(), "no Content-Length"),
        (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "start line"),
        (response({"Content-Length": "70000"}), "Content-Length"),
        (response({"Content-Length": "-1"}), "Content-Length"),
        (b"SIP/2.0 200 OK\r\nX: " + b"y" * 70_000, "longer than"),
        (b"\x16\x03\x01" * 30_000, "longer than"),
    ],
    ids=["no length", "http", "huge length", "negative length", "huge head", "binary"],
)
def test_what_cannot_be_framed_is_malformed(stream: bytes, words: str) -> None:
    with pytest.raises(MalformedMessage, match=words):
        StreamFramer().feed(stream)


def test_a_dripping_peer_does_not_cost_quadratic_time() -> None:
    framer = StreamFramer()
    started = time.process_time()
    for _ in range(60_000):
        framer.feed(b"x")
    assert time.process_time() - started < 2


def test_endless_keep_alives_take_no_memory() -> None:
    framer = StreamFramer()
    for _ in range(1000):
        framer.feed(b"\r\n" * 1000)
    assert framer.pending == 0
