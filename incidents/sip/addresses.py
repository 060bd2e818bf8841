"""From, To and Contact: a name and a URI with parameters (RFC 3261 section 20.10)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from incidents.sip.errors import MalformedMessage
from incidents.sip.grammar import QUOTED, TOKEN, parameters, unquote
from incidents.sip.uri import check_uri

_NONE: Mapping[str, str | None] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class NameAddress:
    """A name-addr or addr-spec with its header parameters."""

    name: str
    uri: str
    parameters: Mapping[str, str | None]

    @property
    def tag(self) -> str:
        """The tag, or an empty string."""
        return self.parameters.get("tag") or ""


def parse_address(text: str) -> NameAddress:
    """One From, To or Contact value.

    Raises:
        MalformedMessage: quotes or brackets do not match, the name is no name, the URI is none.
    """
    name, rest = _split_name(text)
    if rest.startswith("<"):
        uri, closed, tail = rest[1:].partition(">")
        if not closed:
            raise MalformedMessage("unclosed angle bracket")
        tail = tail.strip(" \t")
        if tail and not tail.startswith(";"):
            raise MalformedMessage("text after the address")
        return NameAddress(name, check_uri(uri), parameters(tail[1:]) if tail else _NONE)
    # Without brackets a semicolon starts header parameters; a comma or question mark may not stand at all.
    uri, semicolon, tail = rest.partition(";")
    if "," in uri or "?" in uri:
        raise MalformedMessage("a URI with a comma or question mark needs angle brackets")
    return NameAddress(name, check_uri(uri.rstrip(" \t")), parameters(tail) if semicolon else _NONE)


def _split_name(text: str) -> tuple[str, str]:
    if text.startswith('"'):
        quoted = QUOTED.match(text)
        rest = text[quoted.end() :].lstrip(" \t") if quoted else ""
        if quoted is None or not rest.startswith("<"):
            raise MalformedMessage("unbalanced quotes around the name")
        return unquote(quoted.group()), rest
    name, bracket, rest = text.partition("<")
    if not bracket:
        return "", text
    words = name.split()
    if not all(TOKEN.fullmatch(word) for word in words):
        raise MalformedMessage("a name with special characters needs quotes")
    return " ".join(words), "<" + rest
