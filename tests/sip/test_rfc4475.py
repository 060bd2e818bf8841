"""The 49 messages of RFC 4475, each by its label and in words of our own: what is to be read, and what refused.

What is wrong only for a server that acts upon it (section 3.3) is read: a prober looks at replies, and must not stumble
over headers that it does not need.
"""

import pytest

from incidents.sip.addresses import parse_address
from incidents.sip.errors import MalformedMessage
from incidents.sip.headers import Headers
from incidents.sip.parser import parse_datagram
from tests.sip.samples import message, request, response

INVITE = {"CSeq": "1 INVITE"}
REGISTER = {"CSeq": "1 REGISTER"}
_WSINV = (
    b"INVITE sip:vivian@gateway.test;unknownparam SIP/2.0\r\nTO :\r\n sip:vivian@chair.test ;   tag    = 19n\r\n"
    b'from   : "J Rosen \\\\\\""       <sip:jrosen@example.test>\r\n  ;\r\n  tag = 98asjd8\r\n'
    b"MaX-fOrWaRdS: 0068\r\nCall-ID: wsinv.nda@192.0.2.1\r\nContent-Length   : 4\r\ncseq: 0009\r\n  INVITE\r\n"
    b"Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw\r\ns :\r\n"
    b"v:  SIP  / 2.0  / TCP     spindle.test   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n"
    b' SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\nm:"Q \\"\\"" <sip:j@example.test> ;'
    b" newparam =\r\n      newvalue ;\r\n  q = 0.33\r\n\r\nv=0\n"
)
_ODD_METHOD = "!interesting-Method0123456789_*+`.%indeed'~"
_ODD_USER = "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
_LONG = "x" * 2000
VALID = {
    "wsinv": _WSINV,
    "intmeth": message(f"{_ODD_METHOD} sip:{_ODD_USER}@example.test SIP/2.0", {"CSeq": f"1 {_ODD_METHOD}"}),
    "esc01": message("INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0", INVITE),
    "escnull": message(
        "REGISTER sip:example.test SIP/2.0",
        {**REGISTER, "To": "<sip:null-%00-null@example.test>", "Contact": "<sip:%00@host5.test>"},
    ),
    "esc02": message("RE%47IST%45R sip:registrar.test SIP/2.0", {"CSeq": "29344 RE%47IST%45R"}),
    "lwsdisp": request({"From": "caller<sip:caller@example.test>;tag=323"}),
    "longreq": message(
        f"INVITE sip:user@example.test;{_LONG} SIP/2.0",
        {
            **INVITE,
            f"Unknown{_LONG}": _LONG,
            "To": f'"{_LONG}" <sip:u@{"a" * 200}.test>',
            "Call-ID": f"{_LONG}@x",
        },
    ),
    "dblreq": request({"Content-Length": "0"}) + request({"Content-Length": "9"}, b"discarded"),
    "semiuri": message("OPTIONS sip:user;par=u%40example.net@example.test SIP/2.0"),
    "transports": request(
        {
            "Via": ", ".join(
                f"SIP/2.0/{each} t.test;branch=z9hG4bK{each}" for each in ("UDP", "SCTP", "TLS", "UNKNOWN")
            )
        }
    ),
    "mpart01": message(
        "MESSAGE sip:kumiko@example.test SIP/2.0",
        {"CSeq": "1 MESSAGE", "Content-Type": "multipart/mixed;boundary=7a9c", "Content-Length": "12"},
        b"--7a9c\r\n\0\xff\r\n",
    ),
    "unreason": message("SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое", INVITE),
    "noreason": message("SIP/2.0 100 ", INVITE),
}
INVALID = {
    "badinv01": message(
        "INVITE sip:user@example.test SIP/2.0", {**INVITE, "Via": "SIP/2.0/UDP 192.0.2.15;;,;,,"}
    ),
    "clerr": request({"Content-Length": "9999"}, b"v=0"),
    "ncl": request({"Content-Length": "-999"}, b"v=0"),
    "scalar02": request({"CSeq": "36893488147419103232 OPTIONS", "Max-Forwards": "300"}),
    "scalarlg": message("SIP/2.0 503 Service Unavailable", {"CSeq": "9292394834772304023312 OPTIONS"}),
    "quotbal": request({"To": '"Mr. J. User <sip:j.user@example.test>'}),
    "ltgtruri": message("INVITE <sip:user@example.test> SIP/2.0", INVITE),
    "lwsruri": message("INVITE sip:user@example.test; lr SIP/2.0", INVITE),
    "lwsstart": message("INVITE  sip:user@example.test  SIP/2.0", INVITE),
    "trws": message("OPTIONS sip:remote-target@example.test SIP/2.0  "),
    "escruri": message("INVITE sip:user@example.test?Route=%3Csip:example.test%3E SIP/2.0", INVITE),
    "badaspec": request({"To": '"Watson, Thomas" < sip:t.watson@example.test >'}),
    "baddn": request({"From": "Bell, Alexander <sip:a.g.bell@example.test>;tag=43"}),
    "badvers": message("OPTIONS sip:t.watson@example.test SIP/7.0"),
    "mismatch01": message("OPTIONS sip:user@example.test SIP/2.0", {"CSeq": "8 INVITE"}),
    "mismatch02": message("NEWMETHOD sip:user@example.test SIP/2.0", {"CSeq": "8 INVITE"}),
    "bigcode": message("SIP/2.0 4294967301 better not break the receiver", INVITE),
    "insuf": message(
        "INVITE sip:user@example.test SIP/2.0", {**INVITE, "Call-ID": None, "From": None, "To": None}
    ),
    "multi01": message(
        "INVITE sip:user@company.test SIP/2.0",
        INVITE,
        raw="CSeq: 59 INVITE\r\nCall-ID: other\r\nMax-Forwards: 5\r\nFrom: <sip:o@example.test>;tag=2\r\n",
    ),
    "mcl01": request({"Content-Length": "13"}, b"There's no way", raw="Content-Length: 5\r\n"),
}
TOLERATED = {
    "baddate": request({"Date": "Fri, 01 Jan 2010 16:00:00 EST"}),
    "regbadct": message(
        "REGISTER sip:example.test SIP/2.0",
        {**REGISTER, "Contact": "sip:user@example.test?Route=%3Csip:x.test%3E"},
    ),
    "badbranch": request({"Via": "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK"}),
    "unkscm": message("OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0"),
    "novelsc": message("OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0"),
    "unksm2": message(
        "REGISTER sip:example.test SIP/2.0",
        {**REGISTER, "To": "isbn:2983792873", "Contact": "<name:John_Smith>"},
    ),
    "bext01": request({"Require": "nothingSupportsThis, nothingSupportsThisEither"}),
    "invut": message(
        "INVITE sip:user@example.test SIP/2.0", {**INVITE, "Content-Type": "application/unknownformat"}
    ),
    "regaut01": message(
        "REGISTER sip:example.test SIP/2.0",
        {**REGISTER, "Authorization": "NoOneKnowsThisScheme opaque-data=here"},
    ),
    "bcast": response(
        {"Via": "SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1, SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK2"}
    ),
    "zeromf": request({"Max-Forwards": "0"}),
    "cparam01": message(
        "REGISTER sip:example.test SIP/2.0", {**REGISTER, "Contact": "sip:+19725552222@gw1.test;unknownparam"}
    ),
    "cparam02": message(
        "REGISTER sip:example.test SIP/2.0",
        {**REGISTER, "Contact": "<sip:+19725552222@gw1.test;unknownparam>"},
    ),
    "regescrt": message(
        "REGISTER sip:example.test SIP/2.0",
        {**REGISTER, "Contact": "<sip:u@example.test?Route=%3Csip:x.test%3E>"},
    ),
    "sdp01": message("INVITE sip:user@example.test SIP/2.0", {**INVITE, "Accept": "text/nobodyKnowsThis"}),
    "inv2543": message(
        "INVITE sip:UserB@example.test SIP/2.0",
        {
            **INVITE,
            "Via": "SIP/2.0/UDP iftgw.test",
            "From": "<sip:+13035551111@ift.test;user=phone>",
            "Max-Forwards": None,
        },
    ),
}


def test_all_forty_nine_are_here_once() -> None:
    labels = [*VALID, *INVALID, *TOLERATED]
    assert len(labels) == len(set(labels)) == 49
    assert (len(VALID), len(INVALID), len(TOLERATED)) == (13, 20, 16)


@pytest.mark.parametrize("label", VALID)
def test_the_valid_ones_are_read_and_can_be_written_again(label: str) -> None:
    found = parse_datagram(VALID[label])
    assert parse_datagram(found.encode()).identifiers == found.identifiers


@pytest.mark.parametrize("label", INVALID)
def test_the_invalid_ones_are_refused(label: str) -> None:
    with pytest.raises(MalformedMessage):
        parse_datagram(INVALID[label])


@pytest.mark.parametrize("label", TOLERATED)
def test_what_only_a_server_would_refuse_is_read(label: str) -> None:
    found = parse_datagram(TOLERATED[label])
    assert found.identifiers.call_id == "a84b4c76e66710@pbx.example.test"


def test_what_is_read_of_the_tortuous_ones_is_what_they_say() -> None:
    wsinv = parse_datagram(VALID["wsinv"]).identifiers
    assert [via.branch for via in wsinv.vias] == ["390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"]
    assert (wsinv.sequence, wsinv.sender.name, wsinv.recipient.tag) == (9, 'J Rosen \\"', "19n")
    assert parse_datagram(VALID["dblreq"]).body == b""
    assert parse_datagram(VALID["mpart01"]).body == b"--7a9c\r\n\0\xff\r\n"
    assert parse_datagram(VALID["lwsdisp"]).identifiers.sender.name == "caller"
    assert len(parse_datagram(VALID["transports"]).identifiers.vias) == 4
    assert parse_datagram(TOLERATED["inv2543"]).identifiers.vias[0].branch == ""


def test_a_contact_that_needs_brackets_is_refused_where_it_is_looked_at() -> None:
    headers: Headers = parse_datagram(TOLERATED["regbadct"]).headers
    with pytest.raises(MalformedMessage):
        parse_address(headers.first("Contact"))
    assert parse_address(parse_datagram(TOLERATED["cparam01"]).headers.first("Contact")).parameters == {
        "unknownparam": None
    }
    regescrt = parse_datagram(TOLERATED["regescrt"]).headers.first("Contact")
    assert parse_address(regescrt).uri.endswith("?Route=%3Csip:x.test%3E")
