"""SIP and SIPS URIs (RFC 3261 section 19.1), as far as a probe addresses or answers them."""

import re
from dataclasses import dataclass

from incidents.sip.errors import MalformedMessage
from incidents.sip.grammar import HOST, number

MAX_PORT = 65535

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*")
_FORBIDDEN = re.compile(r"[\s<>\"\x00-\x20\x7f]")
_PORT = re.compile(r"(.*?):([0-9]+)")


@dataclass(frozen=True, slots=True)
class SipUri:
    """The parts of a sip: or sips: URI, still escaped; `port` is None where the URI names none."""

    scheme: str
    user: str
    host: str
    port: int | None
    parameters: str
    headers: str


def check_uri(text: str) -> str:
    """`text` if it can be a URI of any scheme: a scheme, a colon, no blanks, quotes or angle brackets."""
    scheme, colon, rest = text.partition(":")
    if not colon or not rest or not _SCHEME.fullmatch(scheme) or _FORBIDDEN.search(text):
        raise MalformedMessage("malformed URI")
    if scheme.lower() in ("sip", "sips"):
        parse_sip_uri(text)
    return text


def parse_sip_uri(text: str) -> SipUri:
    """The parts of a sip: or sips: URI.

    Raises:
        MalformedMessage: another scheme, a malformed host or port, or more than one @.
    """
    scheme, _, rest = text.partition(":")
    if scheme.lower() not in ("sip", "sips") or _FORBIDDEN.search(text):
        raise MalformedMessage("no sip: or sips: URI")
    user, at, place = rest.rpartition("@")
    if "@" in user or (at and not user):
        raise MalformedMessage("malformed user part in the URI")
    place, _, headers = place.partition("?")
    place, _, parameters = place.partition(";")
    host, port = split_port(place)
    return SipUri(scheme.lower(), user, host, port, parameters, headers)


def split_port(place: str) -> tuple[str, int | None]:
    """`host` or `host:port` in two; an IPv6 address stands in brackets."""
    match = _PORT.fullmatch(place)
    host, port = match.groups() if match else (place, None)
    if not HOST.fullmatch(host):
        raise MalformedMessage("malformed host")
    if port is None:
        return host, None
    value = number(port, what="the port", limit=MAX_PORT)
    if not value:
        raise MalformedMessage("the port is 0")
    return host, value
