"""Messages of our own making: what is written can be read, and nothing can be smuggled in."""

from dataclasses import replace

import pytest

from incidents.sip.errors import MalformedMessage
from incidents.sip.headers import Headers
from incidents.sip.message import Request, Response
from incidents.sip.parser import parse_datagram
from incidents.sip.requests import Binding, options, register
from incidents.sip.resolution import Endpoint
from incidents.sip.transaction import answers
from tests.sip.samples import request, response

LOCAL = Endpoint("192.0.2.7", 40001)


def _read(data: bytes) -> Request:
    found = parse_datagram(data)
    assert isinstance(found, Request)
    return found


def test_an_options_carries_what_rfc_3261_demands() -> None:
    found = _read(options("sip:pbx.example.test", transport="UDP", local=LOCAL).encode())
    read = found.identifiers
    assert (found.method, found.uri, read.sequence, read.method) == (
        "OPTIONS",
        "sip:pbx.example.test",
        1,
        "OPTIONS",
    )
    assert read.vias[0].branch.startswith("z9hG4bK")
    assert (read.vias[0].host, read.vias[0].port) == ("192.0.2.7", 40001)
    assert "rport" in read.vias[0].parameters
    assert read.sender.tag
    assert read.recipient.tag == ""
    assert found.headers.first("Max-Forwards") == "70"
    assert found.headers.first("Content-Length") == "0"
    assert not found.headers.all("Contact")


def test_no_two_requests_share_an_identifier() -> None:
    made = [options("sip:a", transport="UDP", local=LOCAL).identifiers for _ in range(50)]
    assert len({one.vias[0].branch for one in made}) == 50
    assert len({one.call_id for one in made}) == 50
    assert len({one.sender.tag for one in made}) == 50


def test_an_ipv6_address_stands_in_brackets_everywhere() -> None:
    made = options("sip:[2001:db8::1]:5060", transport="TCP", local=Endpoint("2001:db8::2", 9))
    assert _read(made.encode()).identifiers.vias[0].host == "[2001:db8::2]"


@pytest.mark.parametrize("value", ["a\r\nInjected: yes", "a\nInjected: yes", "a\rb"])
def test_a_line_break_never_leaves_in_a_header(value: str) -> None:
    made = Response(headers=Headers([("Subject", value)]), body=b"", code=200, reason="OK")
    with pytest.raises(MalformedMessage):
        made.encode()


def test_a_length_is_written_from_the_body_not_copied() -> None:
    made = Response(headers=Headers([("l", "99")]), body=b"four", code=200, reason="OK")
    assert made.encode().endswith(b"Content-Length: 4\r\n\r\nfour")
    assert b"99" not in made.encode()


def test_an_answer_belongs_to_its_request() -> None:
    asked = options("sip:pbx.example.test", transport="UDP", local=LOCAL)
    reply = parse_datagram(asked.answer(200, "OK", source=LOCAL, tag="there").encode())
    assert answers(asked, reply)
    assert reply.identifiers.recipient.tag == "there"


def test_an_answer_says_where_the_request_came_from() -> None:
    asked = options("sip:pbx.example.test", transport="UDP", local=LOCAL)
    via = asked.answer(200, "OK", source=Endpoint("203.0.113.9", 5), tag="t").identifiers.vias[0]
    assert (via.parameters["received"], via.parameters["rport"]) == ("203.0.113.9", "5")


@pytest.mark.parametrize(
    ("via", "received"),
    [
        ("SIP/2.0/UDP 203.0.113.9;branch=z9hG4bK1", None),
        ("SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1", "203.0.113.9"),
        (
            "SIP/2.0/UDP nat.example.test ; rport ;branch=z9hG4bK1, SIP/2.0/UDP b;branch=z9hG4bK2",
            "203.0.113.9",
        ),
    ],
)
def test_received_is_added_where_it_says_something_new(via: str, received: str | None) -> None:
    asked = _read(request({"Via": via}))
    answered = asked.answer(200, "OK", source=Endpoint("203.0.113.9", 5), tag="t").identifiers.vias
    assert answered[0].parameters.get("received") == received
    assert len(answered) == len(asked.identifiers.vias)


def test_an_ipv6_client_is_told_its_address_without_brackets() -> None:
    asked = options("sip:[2001:db8::1]", transport="UDP", local=Endpoint("2001:db8::2", 9))
    reply = parse_datagram(asked.answer(200, "OK", source=Endpoint("2001:db8::3", 5), tag="t").encode())
    assert reply.identifiers.vias[0].parameters["received"] == "2001:db8::3"


def test_a_tag_that_is_there_is_kept() -> None:
    asked = _read(request({"To": "<sip:bob@example.test>;tag=dialog"}))
    assert asked.answer(200, "OK", source=LOCAL, tag="new").identifiers.recipient.tag == "dialog"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), ("18000;duration=3600", 18000), ("120 (in a meeting)", 120), ("soon", None), ("-1", None)],
)
def test_retry_after_is_seconds_or_nothing(value: str, seconds: int | None) -> None:
    found = parse_datagram(response({"Retry-After": value}))
    assert isinstance(found, Response)
    assert found.retry_after == seconds


def test_a_server_that_says_user_agent_has_a_name_too() -> None:
    found = parse_datagram(response({"User-Agent": "PBX 4"}))
    assert isinstance(found, Response)
    assert found.server == "PBX 4"


def test_what_a_request_of_ours_is_known_by_is_what_its_text_says() -> None:
    local = Endpoint("192.0.2.7", 5066)
    binding = Binding("sip:a.example", "sip:alice@a.example", "sip:c@d.invalid", "call@d.invalid", "t1")
    for made in (
        options("sip:bob@b.example", transport="TLS", local=local),
        options("sip:[2001:db8::1]:5080", transport="UDP", local=Endpoint("2001:db8::2", 5060)),
        register(binding, transport="TCP", local=local, sequence=7, expires=60),
    ):
        read = parse_datagram(made.encode())
        assert read.identifiers.vias[0].branch == made.identifiers.vias[0].branch
        assert replace(read.identifiers, vias=()) == replace(made.identifiers, vias=())
