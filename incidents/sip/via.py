"""The Via header: the way a message came and the branch that ties a reply to it (RFC 3261 section 20.42)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from incidents.sip.errors import MalformedMessage
from incidents.sip.grammar import HOST, TOKEN, number, parameters
from incidents.sip.uri import MAX_PORT

MAGIC_COOKIE = "z9hG4bK"

_SENT = re.compile(
    rf"SIP[ \t]*/[ \t]*2\.0[ \t]*/[ \t]*({TOKEN.pattern})[ \t]+({HOST.pattern})(?:[ \t]*:[ \t]*([0-9]+))?",
    re.IGNORECASE,
)
_ASKING = re.compile(r";[ \t]*rport(?=[ \t]*(?:;|$))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Via:
    """One hop. `branch` is empty for an RFC 2543 peer."""

    transport: str
    host: str
    port: int | None
    parameters: Mapping[str, str | None]

    @property
    def branch(self) -> str:
        """The transaction's name at this hop."""
        return self.parameters.get("branch") or ""


def parse_via(text: str) -> Via:
    """One Via value.

    Raises:
        MalformedMessage: the protocol is not SIP/2.0, or sent-by or a parameter is malformed.
    """
    head, semicolon, tail = text.partition(";")
    match = _SENT.fullmatch(head.strip(" \t"))
    if match is None:
        raise MalformedMessage("malformed Via")
    transport, host, port = match.groups()
    return Via(
        transport=transport.upper(),
        host=host,
        port=None if port is None else number(port, what="the port in Via", limit=MAX_PORT),
        parameters=parameters(tail) if semicolon else MappingProxyType({}),
    )


def stamp(text: str, ip: str, port: int) -> str:
    """The top Via of a request as its reply carries it: where the request really came from.

    That is `received` where sent-by says another address (RFC 3261 section 18.2.1), and both `received` and
    `rport` where the client asks for them (RFC 3581 section 4).
    """
    via = parse_via(text)
    if "rport" in via.parameters and not via.parameters["rport"]:
        return f"{_ASKING.sub(f';rport={port}', text, count=1)};received={ip}"
    return text if via.host.strip("[]") == ip else f"{text};received={ip}"
