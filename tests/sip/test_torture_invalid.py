"""Messages that are none, after the cases of RFC 4475 section 3.1.2 and 3.3: each is refused as malformed."""

import time

import pytest

from incidents.sip.errors import MalformedMessage
from incidents.sip.parser import parse_datagram
from tests.sip.samples import message, request, response

INVALID = {
    "extraneous separators in Via": request({"Via": "SIP/2.0/UDP 192.0.2.15;;,;,,"}),
    "Content-Length beyond the datagram": request({"Content-Length": "9999"}, b"short"),
    "negative Content-Length": request({"Content-Length": "-999"}),
    "overlarge Content-Length": request({"Content-Length": "99999999999999999999999"}),
    "Content-Length twice": request({"Content-Length": "0"}, raw="l: 0\r\n"),
    "Content-Length in words": request({"Content-Length": "none"}),
    "overlarge CSeq in a request": request({"CSeq": "36893488147419103232 OPTIONS"}),
    "overlarge CSeq in a response": response({"CSeq": "9292394834772304023312 OPTIONS"}),
    "CSeq of 2**31": request({"CSeq": "2147483648 OPTIONS"}),
    "CSeq with digits of another script": request({"CSeq": "१२ OPTIONS"}),
    "CSeq with five thousand digits": request({"CSeq": "1" * 5000 + " OPTIONS"}),
    "overlarge Max-Forwards": request({"Max-Forwards": "300"}),
    "unterminated quote in a name": request({"To": '"Mr. J. User <sip:j.user@example.test>'}),
    "brackets around the Request-URI": message("OPTIONS <sip:user@example.test> SIP/2.0"),
    "a blank inside the Request-URI": message("OPTIONS sip:user@example.test; lr SIP/2.0"),
    "several blanks in the start line": message("OPTIONS  sip:user@example.test  SIP/2.0"),
    "a blank at the end of the start line": message("OPTIONS sip:user@example.test SIP/2.0 "),
    "headers in the Request-URI": message("OPTIONS sip:user@example.test?Route=%3Csip:x%3E SIP/2.0"),
    "blanks inside an address": request({"To": "<sip:t.watson@example.test >"}),
    "special characters in a bare name": request(
        {"From": "Bell, Alexander <sip:a.g.bell@example.test>;tag=43"}
    ),
    "a comma in an address without brackets": request({"From": "sip:a,b@example.test;tag=1"}),
    "an unclosed bracket": request({"From": "<sip:a@example.test;tag=1"}),
    "text after the address": request({"From": "<sip:a@example.test> tag=1"}),
    "version 7.0": message("OPTIONS sip:user@example.test SIP/7.0"),
    "version 7.0 in a response": message("SIP/7.0 200 OK"),
    "another method in CSeq": request({"CSeq": "8 INVITE"}),
    "no method in CSeq": request({"CSeq": "8"}),
    "overlarge response code": message("SIP/2.0 4294967301 better not break the receiver"),
    "response code of two digits": message("SIP/2.0 20 OK"),
    "response code in letters": message("SIP/2.0 abc OK"),
    "response code 700": message("SIP/2.0 700 OK"),
    "response code 099": message("SIP/2.0 099 OK"),
    "response code with digits of another script": message("SIP/2.0 २०० OK"),
    "no Via": request({"Via": None}),
    "no From": request({"From": None}),
    "no To": request({"To": None}),
    "no Call-ID": request({"Call-ID": None}),
    "no CSeq": request({"CSeq": None}),
    "empty Call-ID": request({"Call-ID": ""}),
    "CSeq twice": request(raw="CSeq: 9 OPTIONS\r\n"),
    "From twice": request(raw="f: <sip:other@example.test>;tag=2\r\n"),
    "Max-Forwards twice": request(raw="Max-Forwards: 5\r\n"),
    "Via of another protocol": request({"Via": "HTTP/1.1/TCP example.test;branch=z9hG4bKx"}),
    "Via without a host": request({"Via": "SIP/2.0/UDP ;branch=z9hG4bKx"}),
    "Via with a port of 99999": request({"Via": "SIP/2.0/UDP example.test:99999;branch=z9hG4bKx"}),
    "an empty parameter value": request({"Via": "SIP/2.0/UDP example.test;branch="}),
    "no blank line": request()[:-2],
    "only a start line": b"SIP/2.0 200 OK\r\n\r\n",
    "HTTP": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
    "nothing": b"",
    "line feeds only": request().replace(b"\r\n", b"\n"),
    "a bare line feed in a header": request({"Subject": "a\nb"}),
    "a bare carriage return in a header": request({"Subject": "a\rb"}),
    "a bare line feed in the start line": message("SIP/2.0 200 O\nK"),
    "a header without a colon": request(raw="Nonsense\r\n"),
    "a header without a name": request(raw=": value\r\n"),
    "a header name with a blank": request(raw="Two Words: value\r\n"),
    "a first header line that is a continuation": b"SIP/2.0 200 OK\r\n Via: x\r\n\r\n",
    "too many headers": request(raw="X: y\r\n" * 600),
    "headers of 70 kB": request(raw=f"X: {'y' * 70_000}\r\n"),
    "an empty Request-URI": message("OPTIONS sip: SIP/2.0"),
    "two @ in the Request-URI": message("OPTIONS sip:a@b@example.test SIP/2.0"),
    "port 0 in the Request-URI": message("OPTIONS sip:example.test:0 SIP/2.0"),
    "a method with a slash": message("OPT/IONS sip:example.test SIP/2.0", {"CSeq": "1 OPT/IONS"}),
}


@pytest.mark.parametrize("data", INVALID.values(), ids=INVALID.keys())
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        parse_datagram(data)


HOSTILE = {
    "commas": "," * 60_000,
    "semicolons": ";" * 60_000,
    "blanks": "x" + " " * 60_000 + "x",
    "tabs before a colon": "\t" * 60_000 + ":",
    "quotes": '"' * 60_001,
    "backslashes": '"' + "\\" * 60_001,
    "brackets": "<" * 60_000,
    "pairs of brackets": "<>" * 30_000,
    "digits": "9" * 60_000,
    "zeros": "0" * 60_000 + "x",
    "colons": ":" * 60_000,
    "schemes": "sip:" * 15_000,
    "labels": "SIP/2.0/UDP " + "a." * 30_000,
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("name", ["Via", "From", "CSeq", "Call-ID", "Content-Length", "Retry-After"])
def test_a_hostile_value_costs_little_time(name: str, value: str) -> None:
    data = response({name: value})
    started = time.process_time()
    try:
        found = parse_datagram(data)
    except MalformedMessage:
        found = None
    if found is not None and name == "Retry-After":
        assert found.retry_after is None  # type: ignore[union-attr]
    assert time.process_time() - started < 2
