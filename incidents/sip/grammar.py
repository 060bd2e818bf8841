"""The parts of RFC 3261 section 25 that every header shares: tokens, quoted strings, lists and parameters."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from incidents.sip.errors import MalformedMessage

TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
QUOTED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
HOST = re.compile(r"\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._\-]+")

_PIECE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|<[^<>]*>|[^"<,;]+|[,;]', re.DOTALL)
# The address in Via's received stands without brackets (RFC 3261 section 25.1, via-received).
_BARE_IPV6 = re.compile(r"[0-9A-Fa-f:.]+")
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_WHITESPACE = " \t"
_NUMBER = re.compile(r"0*([0-9]{1,10})")


def split(text: str, separator: str) -> list[str]:
    """`text` cut at each comma or semicolon that stands outside quotes and angle brackets, pieces trimmed."""
    if '"' not in text and "<" not in text:
        return [piece.strip(_WHITESPACE) for piece in text.split(separator)]
    pieces: list[list[str]] = [[]]
    position = 0
    while position < len(text):
        match = _PIECE.match(text, position)
        if match is None:
            raise MalformedMessage("unbalanced quote or angle bracket")
        if match.group() == separator:
            pieces.append([])
        else:
            pieces[-1].append(match.group())
        position = match.end()
    return ["".join(piece).strip(_WHITESPACE) for piece in pieces]


def unquote(text: str) -> str:
    """The content of a quoted string; any other text as it is."""
    return _QUOTED_PAIR.sub(r"\1", text[1:-1]) if text.startswith('"') else text


def parameters(text: str) -> Mapping[str, str | None]:
    """The `;name=value` part of a header without its first semicolon; names in lower case."""
    found: dict[str, str | None] = {}
    for piece in split(text, ";"):
        name, equals, value = (part.strip(_WHITESPACE) for part in piece.partition("="))
        if not TOKEN.fullmatch(name):
            raise MalformedMessage("empty or malformed parameter")
        if equals and not (TOKEN.fullmatch(value) or _is_value(value)):
            raise MalformedMessage(f"malformed value of parameter {name.lower()[:40]}")
        found.setdefault(name.lower(), unquote(value) if equals else None)
    return MappingProxyType(found)


def _is_value(value: str) -> bool:
    """Whether it may be a value although it is no token."""
    return any(pattern.fullmatch(value) for pattern in (QUOTED, HOST, _BARE_IPV6))


def number(text: str, *, what: str, limit: int) -> int:
    """A decimal number from 0 to `limit`; leading zeros are legal."""
    match = _NUMBER.fullmatch(text.strip(_WHITESPACE))
    if match is None or int(match.group(1)) > limit:
        raise MalformedMessage(f"{what} is no number from 0 to {limit}")
    return int(match.group(1))
