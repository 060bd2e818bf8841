"""Requests and responses (RFC 3261 section 7), and the identifiers that tie one to the other."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from incidents.sip.addresses import NameAddress, parse_address
from incidents.sip.errors import MalformedMessage
from incidents.sip.grammar import TOKEN, number
from incidents.sip.headers import Headers
from incidents.sip.resolution import Endpoint
from incidents.sip.via import Via, parse_via, stamp

VERSION = "SIP/2.0"
MAX_SEQUENCE = 2**31 - 1
MAX_RETRY_AFTER = 2**32 - 1

_LENGTH = ("content-length", "l")


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The headers every message must have (RFC 3261 section 8.1.1), read."""

    vias: tuple[Via, ...]
    call_id: str
    sequence: int
    method: str
    sender: NameAddress
    recipient: NameAddress


@dataclass(frozen=True)
class Message(ABC):
    """What requests and responses share."""

    headers: Headers
    body: bytes

    @cached_property
    def identifiers(self) -> Identifiers:
        """The mandatory headers, read once.

        Raises:
            MalformedMessage: one is missing, repeated or malformed.
        """
        vias = tuple(parse_via(value) for value in self.headers.values("Via"))
        if not vias:
            raise MalformedMessage("no Via header")
        sequence, method = _sequence(self.headers.only("CSeq"))
        return Identifiers(
            vias=vias,
            call_id=self.headers.only("Call-ID"),
            sequence=sequence,
            method=method,
            sender=parse_address(self.headers.only("From")),
            recipient=parse_address(self.headers.only("To")),
        )

    @property
    @abstractmethod
    def start_line(self) -> str:
        """The first line, without its line end."""

    def encode(self) -> bytes:
        """The message as it goes on the wire; Content-Length is written here and nowhere else."""
        lines = [self.start_line]
        lines += [f"{name}: {value}" for name, value in self.headers if name.lower() not in _LENGTH]
        lines.append(f"Content-Length: {len(self.body)}")
        if any("\r" in line or "\n" in line for line in lines):
            raise MalformedMessage("a line break inside a header")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(frozen=True)
class Request(Message):
    """A request; `uri` is its Request-URI."""

    method: str
    uri: str

    @property
    def start_line(self) -> str:
        return f"{self.method} {self.uri} {VERSION}"

    def answer(
        self, code: int, reason: str, *, source: Endpoint, tag: str, extra: Iterable[tuple[str, str]] = ()
    ) -> "Response":
        """A response (RFC 3261 section 8.2.6) to `source`: Via, From, Call-ID, CSeq as they came, To tagged."""
        recipient = self.headers.only("To")
        top, *below = self.headers.values("Via")
        copied = [("Via", value) for value in (stamp(top, source.ip, source.port), *below)]
        copied += [
            ("From", self.headers.only("From")),
            ("To", recipient if self.identifiers.recipient.tag else f"{recipient};tag={tag}"),
            ("Call-ID", self.headers.only("Call-ID")),
            ("CSeq", self.headers.only("CSeq")),
        ]
        return Response(headers=Headers([*copied, *extra]), body=b"", code=code, reason=reason)


@dataclass(frozen=True)
class Response(Message):
    """A response."""

    code: int
    reason: str

    @property
    def start_line(self) -> str:
        return f"{VERSION} {self.code} {self.reason}"

    @property
    def server(self) -> str:
        """What the peer calls itself, in Server or, from some, User-Agent."""
        return self.headers.first("Server") or self.headers.first("User-Agent")

    @property
    def retry_after(self) -> int | None:
        """Seconds of Retry-After (RFC 3261 section 20.33); None where it is missing or makes no sense."""
        text = self.headers.first("Retry-After")
        seconds = text.partition(";")[0].partition("(")[0]
        try:
            return number(seconds, what="Retry-After", limit=MAX_RETRY_AFTER)
        except MalformedMessage:
            return None


def _sequence(text: str) -> tuple[int, str]:
    parts = text.split()
    if len(parts) != 2 or not TOKEN.fullmatch(parts[1]):  # noqa: PLR2004  (a number and a method)
        raise MalformedMessage("malformed CSeq")
    return number(parts[0], what="CSeq", limit=MAX_SEQUENCE), parts[1]
