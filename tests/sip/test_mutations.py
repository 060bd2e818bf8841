"""Twenty thousand damaged messages: whatever is done to the bytes, the only error is MalformedMessage."""

import random

from incidents.sip.errors import MalformedMessage
from incidents.sip.framing import StreamFramer
from incidents.sip.message import Request, Response
from incidents.sip.parser import parse_datagram
from incidents.sip.resolution import Endpoint
from tests.sip.samples import message, request, response

ROUNDS = 20_000
SEED = 4475
SEEDS = [
    request({"Content-Length": "4"}, b"body"),
    response({"Content-Length": "0", "Retry-After": "120 (busy);duration=3600", "Server": "x"}),
    message(
        "INVITE sip:a;b=c@[2001:db8::1]:5061;lr SIP/2.0",
        {"CSeq": "1 INVITE", "From": '"A \\" B" <sip:x@y>;tag=1'},
    ),
    request(
        {"Via": "SIP / 2.0 / TLS [::1] : 5061 ; rport ; branch=z9hG4bK1 ,\r\n SIP/2.0/UDP a;received=::1"}
    ),
]
SPLICES = [
    b"\r\n",
    b"\r\n ",
    b"\r",
    b"\n",
    b'"',
    b"\\",
    b"<",
    b">",
    b",",
    b";",
    b":",
    b"=",
    b"@",
    b"?",
    b"[",
    b"]",
]
SPLICES += [
    b"\x00",
    b"\xff",
    b"\xf0\x9f",
    "२".encode(),
    b"9" * 30,
    b"sip:",
    b"SIP/2.0",
    b"Content-Length: 7\r\n",
    b" " * 9,
]


def damage(data: bytes, chance: random.Random) -> bytes:
    """`data` with up to six wounds: cut, spliced, repeated or overwritten."""
    damaged = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(damaged) + 1)
        until = min(len(damaged), at + chance.randint(0, 12))
        match chance.randrange(5):
            case 0:
                damaged[at:until] = b""
            case 1:
                damaged[at:at] = chance.choice(SPLICES)
            case 2:
                damaged[at:until] = chance.choice(SPLICES)
            case 3:
                damaged[at:at] = damaged[at:until] * chance.randint(1, 4)
            case _:
                damaged[at:until] = chance.randbytes(until - at)
    return bytes(damaged)


def _use(found: Request | Response) -> None:
    again = parse_datagram(found.encode())
    assert again.identifiers.call_id == found.identifiers.call_id
    if isinstance(found, Response):
        assert found.retry_after is None or found.retry_after >= 0
        assert isinstance(found.server, str)
    elif found.method != "ACK":
        assert parse_datagram(found.answer(200, "OK", source=Endpoint("192.0.2.1", 9), tag="t").encode())


def test_damaged_datagrams_are_read_or_malformed_and_what_is_read_can_be_written() -> None:
    chance = random.Random(SEED)
    read = 0
    for number in range(ROUNDS):
        data = damage(SEEDS[number % len(SEEDS)], chance)
        try:
            found = parse_datagram(data)
        except MalformedMessage:
            continue
        read += 1
        _use(found)
    assert ROUNDS // 20 < read < ROUNDS


def test_damaged_streams_in_any_pieces_are_read_or_malformed() -> None:
    chance = random.Random(SEED + 1)
    for number in range(ROUNDS // 4):
        data = b"\r\n".join(damage(SEEDS[(number + step) % len(SEEDS)], chance) for step in range(3))
        framer = StreamFramer()
        try:
            while data:
                cut = chance.randint(1, 400)
                framer.feed(data[:cut])
                data = data[cut:]
        except MalformedMessage:
            continue
