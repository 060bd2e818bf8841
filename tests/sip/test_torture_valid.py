"""Legal but unusual messages, after the cases of RFC 4475 section 3.1.1 and 3.4, in words of our own."""

import pytest

from incidents.sip.message import Request, Response
from incidents.sip.parser import parse_datagram
from tests.sip.samples import message, request, response


def test_a_short_tortuous_invite_is_read() -> None:
    data = (
        b"INVITE sip:vivian@gateway.example.test;unknownparam SIP/2.0\r\n"
        b"TO :\r\n sip:vivian@chair.example.test ;   tag    = 1918181833n\r\n"
        b'from   : "J Rosen \\\\\\""       <sip:jrosen@example.test>\r\n  ;\r\n  tag = 98asjd8\r\n'
        b"MaX-fOrWaRdS: 0068\r\n"
        b"Call-ID: wsinv.ndaksdj@192.0.2.1\r\n"
        b"Content-Length   : 4\r\n"
        b"cseq: 0009\r\n  INVITE\r\n"
        b"Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\n"
        b"s :\r\n"
        b"NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
        b"UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n"
        b"v:  SIP  / 2.0  / TCP     spindle.example.test   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n"
        b" SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n"
        b'm:"Quoted string \\"\\"" <sip:jrosen@example.test> ; newparam =\r\n      newvalue ;\r\n  q = 0.33\r\n'
        b"\r\nv=0\n"
    )
    found = parse_datagram(data)
    assert isinstance(found, Request)
    assert found.method == "INVITE"
    assert found.body == b"v=0\n"
    read = found.identifiers
    assert [via.branch for via in read.vias] == ["390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"]
    assert [via.transport for via in read.vias] == ["UDP", "TCP", "UDP"]
    assert (read.sequence, read.method) == (9, "INVITE")
    assert (read.sender.name, read.sender.tag) == ('J Rosen \\"', "98asjd8")
    assert (read.recipient.uri, read.recipient.tag) == ("sip:vivian@chair.example.test", "1918181833n")
    assert found.headers.first("NewFangledHeader") == "newfangled value continued newfangled value"
    assert found.headers.first("subject") == ""


def test_a_wide_range_of_characters_is_read() -> None:
    method = "!interesting-Method0123456789_*+`.%indeed'~"
    user = "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
    data = message(
        f"{method} sip:{user}@example.test SIP/2.0",
        {
            "Via": "SIP/2.0/TCP host1.example.test;branch=z9hG4bK-.!%66*_+`'~",
            "To": f'"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" <sip:{user}@example.test>',
            "From": "token1~` token2'+_ token3*%!.- <sip:mundane@example.test>;fromParam''~+*_!.-%=\"юж\"",
            "Call-ID": "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
            "CSeq": f"139122385 {method}",
        },
    )
    found = parse_datagram(data)
    assert isinstance(found, Request)
    assert found.identifiers.recipient.name == "BEL:\x07 NUL:\x00 DEL:\x7f"
    assert found.identifiers.sender.name == "token1~` token2'+_ token3*%!.-"
    assert found.identifiers.call_id == "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"


@pytest.mark.parametrize(
    "uri",
    [
        "sip:sips%3Auser%40example.test@example.net",
        "sip:null-%00-null@example.test",
        "sip:I%20have%20spaces@example.net",
        "sip:user;par=u%40example.net@example.test",
        "sip:example.test;transport=unheard-of;lr",
        "sip:[2001:db8::10]:5070",
        "nobodyKnowsThisScheme:totallyopaquecontent",
        "tel:+61299990000",
        "SIP:example.test",
    ],
)
def test_an_unusual_request_uri_is_kept_as_it_is(uri: str) -> None:
    found = parse_datagram(message(f"OPTIONS {uri} SIP/2.0"))
    assert isinstance(found, Request)
    assert found.uri == uri


def test_an_escaped_method_is_a_method_of_its_own() -> None:
    found = parse_datagram(message("RE%47IST%45R sip:example.test SIP/2.0", {"CSeq": "29344 RE%47IST%45R"}))
    assert isinstance(found, Request)
    assert found.method == "RE%47IST%45R"


def test_no_blank_between_name_and_bracket_is_legal() -> None:
    found = parse_datagram(request({"From": "caller<sip:caller@example.test>;tag=323"}))
    assert (found.identifiers.sender.name, found.identifiers.sender.tag) == ("caller", "323")


def test_long_values_are_read_whole() -> None:
    long = "a" * 8000
    found = parse_datagram(
        request(
            {
                "Call-ID": f"{long}@example.test",
                "Subject": f"{long} {long}",
                "To": f"<sip:{long}@example.test>",
            }
        )
    )
    assert len(found.identifiers.call_id) == 8013
    assert len(found.headers.first("Subject")) == 16001


def test_trailing_octets_in_a_datagram_are_ignored() -> None:
    found = parse_datagram(
        request({"Content-Length": "4"}, b"body") + b"INVITE sip:joe@example.test SIP/2.0\r\n"
    )
    assert found.body == b"body"


def test_unknown_transports_are_read() -> None:
    hops = "SIP/2.0/UDP t1.example.test;branch=z9hG4bK1, SIP/2.0/SCTP t2.example.test;branch=z9hG4bK2"
    raw = "Via: SIP/2.0/UNKNOWN t3.example.test;branch=z9hG4bK3\r\n"
    found = parse_datagram(request({"Via": hops}, raw=raw))
    assert [via.transport for via in found.identifiers.vias] == ["UDP", "SCTP", "UNKNOWN"]


def test_a_multipart_body_with_blank_lines_stays_whole() -> None:
    body = b"--x\r\nContent-Type: text/plain\r\n\r\nHello\r\n--x\r\n\r\n\x00\xff\r\n--x--\r\n"
    found = parse_datagram(request({"Content-Length": str(len(body))}, body))
    assert found.body == body


def test_an_unusual_reason_phrase_is_kept() -> None:
    phrase = "= 2**3 * 5**2 но сто девяносто девять - простое"
    found = parse_datagram(message(f"SIP/2.0 200 {phrase}"))
    assert isinstance(found, Response)
    assert (found.code, found.reason) == (200, phrase)


@pytest.mark.parametrize("start", ["SIP/2.0 100 ", "SIP/2.0 100"])
def test_an_empty_reason_phrase_is_legal(start: str) -> None:
    found = parse_datagram(message(start))
    assert isinstance(found, Response)
    assert (found.code, found.reason) == (100, "")


def test_compact_forms_are_the_same_headers() -> None:
    names = {"Via": "v", "From": "f", "To": "t", "Call-ID": "i"}
    long = response({"Content-Length": "2", "Contact": "<sip:x@example.test>"}, b"ok").decode()
    short = long.replace("Content-Length:", "l:").replace("Contact:", "m:")
    for name, letter in names.items():
        short = short.replace(f"{name}:", f"{letter}:")
    first, second = parse_datagram(long.encode()), parse_datagram(short.encode())
    assert first.identifiers == second.identifiers
    assert second.headers.first("contact") == "<sip:x@example.test>"
    assert second.body == b"ok"


def test_an_rfc_2543_request_without_branch_and_tag_is_read() -> None:
    found = parse_datagram(
        request(
            {"Via": "SIP/2.0/UDP iftgw.example.test", "From": "sip:+13035551111@ift.example.test;user=phone"}
        )
    )
    assert found.identifiers.vias[0].branch == ""
    assert found.identifiers.sender.tag == ""
    assert found.identifiers.sender.uri == "sip:+13035551111@ift.example.test"


def test_headers_that_are_not_utf_8_do_not_stop_the_reading() -> None:
    found = parse_datagram(response({"Server": "caf\udce9"}))
    assert isinstance(found, Response)
    assert found.server == "caf\ufffd"


def test_empty_lines_before_the_start_line_are_skipped() -> None:
    assert isinstance(parse_datagram(b"\r\n\r\n" + response()), Response)


def test_headers_nobody_knows_may_hold_anything() -> None:
    found = parse_datagram(request(raw='X-Odd: ;;,,"<<\r\nDate: Fri, 01 Jan 2010 16:00:00 EST\r\n'))
    assert found.headers.first("X-Odd") == ';;,,"<<'
