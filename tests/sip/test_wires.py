"""What a wire hears before anyone listens is kept, in order, and handed over once."""

from incidents.sip.errors import MalformedMessage, Refused, SipFailure
from incidents.sip.message import Request, Response
from incidents.sip.transport import DatagramWire, StreamWire
from tests.sip.samples import request, response


class Ear:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    def received(self, message: Request | Response) -> None:
        self.heard.append(message.start_line)

    def garbled(self, error: MalformedMessage) -> None:
        self.heard.append(error)

    def lost(self, error: SipFailure) -> None:
        self.heard.append(error)


def test_messages_and_the_end_wait_for_a_listener() -> None:
    wire, ear = StreamWire(), Ear()
    wire.data_received(response({"Content-Length": "0"}) + request({"Content-Length": "0"}))
    wire.eof_received()
    wire.attach(ear)
    assert ear.heard[:2] == ["SIP/2.0 200 OK", "OPTIONS sip:bob@example.test SIP/2.0"]
    assert isinstance(ear.heard[2], Refused)
    wire.attach(ear)
    assert len(ear.heard) == 3


def test_after_the_end_nothing_more_is_told() -> None:
    wire, ear = StreamWire(), Ear()
    wire.attach(ear)
    wire.data_received(b"HTTP/1.1 200 OK\r\n\r\n")
    wire.data_received(response({"Content-Length": "0"}))
    wire.eof_received()
    wire.connection_lost(None)
    assert len(ear.heard) == 1
    assert isinstance(ear.heard[0], MalformedMessage)


def test_a_connection_that_ends_twice_is_lost_once() -> None:
    wire, ear = StreamWire(), Ear()
    wire.attach(ear)
    wire.eof_received()
    wire.connection_lost(ConnectionResetError(104, "reset"))
    assert len(ear.heard) == 1


def test_each_datagram_and_each_icmp_error_is_told() -> None:
    wire, ear = DatagramWire(), Ear()
    wire.datagram_received(response(), ("192.0.2.1", 5060))
    wire.error_received(ConnectionRefusedError(111, "refused"))
    wire.attach(ear)
    wire.datagram_received(b"noise", ("192.0.2.1", 5060))
    assert [type(item) for item in ear.heard] == [str, Refused, MalformedMessage]
