"""Connected UDP sockets and TCP streams that carry SIP messages (RFC 3261 section 18).

A wire hands what it receives to its listener at once, in the loop's own callback: a reply that has arrived
then always counts before a timer that is due in the same turn, however late that turn is.
"""

import asyncio
import errno
import os
import socket
import ssl
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from incidents.sip.errors import HandshakeFailed, LocalFault, MalformedMessage, NoRoute, Refused, SipFailure
from incidents.sip.framing import StreamFramer
from incidents.sip.message import Request, Response
from incidents.sip.parser import parse_datagram
from incidents.sip.resolution import Endpoint

# Our own limits and rules, never the peer's doing.
_LIMITS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})
_RULES = frozenset({errno.EACCES, errno.EPERM, errno.EINVAL, errno.EAFNOSUPPORT})


def failure_of(error: OSError) -> SipFailure:
    """What an operating system error means for the peer."""
    if isinstance(error, ssl.SSLError):
        return HandshakeFailed(tls_words(error))
    if isinstance(error, socket.gaierror):  # an address's zone that this system does not have
        return LocalFault((error.strerror or "no such address here").lower())
    words = (os.strerror(error.errno) if error.errno else str(error) or "connection lost").lower()
    return LocalFault(words) if error.errno in _LIMITS | _RULES else Refused(words)


def not_opened(error: OSError, endpoint: Endpoint) -> SipFailure:
    """As `failure_of`, but an unreachable network is ours if this system has no route: ICMP says the same."""
    try:
        with socket.socket(
            socket.AF_INET6 if ":" in endpoint.ip else socket.AF_INET, socket.SOCK_DGRAM
        ) as route:
            route.connect(endpoint)
    except OSError as missing:
        if missing.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EAFNOSUPPORT):
            return NoRoute(f"no route to {endpoint.ip} from here")
    return failure_of(error)


def tls_words(error: ssl.SSLError) -> str:
    """OpenSSL's reason as people write it: `wrong version number`."""
    return (getattr(error, "reason", None) or "TLS failed").replace("_", " ").lower()


class Listener(Protocol):
    """Who hears what comes in."""

    def received(self, message: Request | Response) -> None:
        """A whole message."""

    def garbled(self, error: MalformedMessage) -> None:
        """Something that is no message; on a stream it is the end."""

    def lost(self, error: SipFailure) -> None:
        """The wire carries nothing any more."""


class Wire(ABC):
    """One connected socket. What comes before a listener is there waits for it."""

    name: str
    reliable: bool

    def __init__(self) -> None:
        self._listener: Listener | None = None
        self._waiting: list[Callable[[Listener], None]] = []

    @property
    @abstractmethod
    def transport(self) -> Any:
        """The asyncio transport underneath."""

    @property
    def local(self) -> Endpoint:
        """Our end."""
        address = self.transport.get_extra_info("sockname")
        return Endpoint(str(address[0]), int(address[1]))

    @property
    def pending(self) -> int:
        """Bytes of an incomplete message."""
        return 0

    def attach(self, listener: Listener) -> None:
        """Hand everything to `listener`, first what came before it."""
        self._listener = listener
        waiting, self._waiting = self._waiting, []
        for event in waiting:
            event(listener)

    def _tell(self, event: Callable[[Listener], None]) -> None:
        if self._listener is None:
            self._waiting.append(event)
        else:
            event(self._listener)

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Send one message."""

    @abstractmethod
    def close(self) -> None:
        """Give the socket back at once; twice is harmless."""


class DatagramWire(Wire, asyncio.DatagramProtocol):
    """A connected UDP socket, so that a closed port answers as refused."""

    name = "UDP"
    reliable = False
    _transport: asyncio.DatagramTransport

    @property
    def transport(self) -> asyncio.DatagramTransport:
        return self._transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio's."""
        self._transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002  (asyncio's)
        """asyncio's."""
        if not data.strip(b"\r\n\0"):
            return  # a keep-alive, not a message
        try:
            message = parse_datagram(data)
        except MalformedMessage as error:
            fault = error
            self._tell(lambda listener: listener.garbled(fault))
        else:
            self._tell(lambda listener: listener.received(message))

    def error_received(self, exc: Exception) -> None:
        """asyncio's: an ICMP error for this socket."""
        failure = failure_of(exc if isinstance(exc, OSError) else OSError(str(exc)))
        self._tell(lambda listener: listener.lost(failure))

    def send(self, data: bytes) -> None:
        """Send one datagram."""
        self._transport.sendto(data)

    def close(self) -> None:
        """Close the socket."""
        self._transport.abort()


class StreamWire(Wire, asyncio.Protocol):
    """A TCP connection, which `tls.secure` may turn into a TLS one."""

    name = "TCP"
    reliable = True
    _transport: asyncio.Transport

    def __init__(self) -> None:
        super().__init__()
        self._framer = StreamFramer()
        self._broken = False

    @property
    def transport(self) -> asyncio.Transport:
        return self._transport

    @property
    def pending(self) -> int:
        return self._framer.pending

    def secured(self, transport: asyncio.Transport) -> None:
        """From now on speak through `transport`, the TLS layer over the old one."""
        self._transport = transport
        self.name = "TLS"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio's."""
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """asyncio's."""
        if self._broken:
            return
        try:
            messages = self._framer.feed(data)
        except MalformedMessage as error:
            fault = error
            self._broken = True
            self._tell(lambda listener: listener.garbled(fault))
            return
        for message in messages:
            self._tell(lambda listener, message=message: listener.received(message))  # type: ignore[misc]

    def eof_received(self) -> bool:
        """asyncio's; the peer will not say more."""
        self._end(None)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio's."""
        self._end(exc)

    def _end(self, exc: Exception | None) -> None:
        if self._broken:
            return
        self._broken = True
        if isinstance(exc, OSError):
            failure = failure_of(exc)
        elif self._framer.pending:
            failure = MalformedMessage(f"connection closed inside a message of {self._framer.pending} bytes")
        else:
            failure = Refused("connection closed without a reply")
        self._tell(lambda listener: listener.lost(failure))

    def send(self, data: bytes) -> None:
        """Send one message."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        """Say goodbye, then drop the connection without waiting for the peer to agree."""
        self._broken = True
        with suppress(AttributeError):
            self._transport.close()
            self._transport.abort()


async def open_datagram(endpoint: Endpoint) -> DatagramWire:
    """A UDP socket connected to `endpoint`.

    Raises:
        LocalFault: our system has no socket or, NoRoute, no way for it.
    """
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in endpoint.ip else socket.AF_INET
    try:
        own = socket.socket(family, socket.SOCK_DGRAM)
    except OSError as error:
        raise not_opened(error, endpoint) from error
    try:
        own.setblocking(False)
        own.connect(endpoint)
        _, wire = await loop.create_datagram_endpoint(DatagramWire, sock=own)
    except OSError as error:
        own.close()
        raise not_opened(error, endpoint) from error
    return wire


async def open_stream(endpoint: Endpoint) -> StreamWire:
    """A TCP connection to `endpoint`.

    Raises:
        Refused: it was not accepted.
        LocalFault: our system has no socket or, NoRoute, no way for it.
    """
    loop = asyncio.get_running_loop()
    try:
        _, wire = await loop.create_connection(StreamWire, endpoint.ip, endpoint.port)
    except OSError as error:
        raise not_opened(error, endpoint) from error
    return wire
