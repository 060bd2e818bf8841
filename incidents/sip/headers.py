"""The header fields of a message: ordered, repeated, in long or compact form (RFC 3261 section 7.3)."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from types import MappingProxyType

from incidents.sip.errors import MalformedMessage
from incidents.sip.grammar import TOKEN, split

MAX_HEADERS = 512

COMPACT_FORMS = MappingProxyType(
    {
        "a": "accept-contact",
        "b": "referred-by",
        "c": "content-type",
        "d": "request-disposition",
        "e": "content-encoding",
        "f": "from",
        "i": "call-id",
        "j": "reject-contact",
        "k": "supported",
        "l": "content-length",
        "m": "contact",
        "n": "identity-info",
        "o": "event",
        "r": "refer-to",
        "s": "subject",
        "t": "to",
        "u": "allow-events",
        "v": "via",
        "x": "session-expires",
        "y": "identity",
    }
)

_FOLD = re.compile(r"\r\n[ \t]+")


@lru_cache(maxsize=1024)
def _canonical(name: str) -> str:
    lower = name.lower()
    return COMPACT_FORMS.get(lower, lower)


class Headers:
    """Immutable header fields; names are compared without case, a compact form is the same name."""

    __slots__ = ("_by_name", "_fields")

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self._fields = tuple(fields)
        self._by_name: dict[str, list[str]] = {}
        for name, value in self._fields:
            self._by_name.setdefault(_canonical(name), []).append(value)

    @classmethod
    def parse(cls, block: str) -> "Headers":
        """The fields of `block`, the lines between start line and blank line; folded lines become one."""
        if not block:
            return cls(())
        if block[0] in " \t":
            raise MalformedMessage("the first header line is a continuation")
        lines = _FOLD.sub(" ", block).split("\r\n")
        if len(lines) > MAX_HEADERS:
            raise MalformedMessage(f"more than {MAX_HEADERS} header fields")
        return cls(_field(line) for line in lines)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._fields)

    def all(self, name: str) -> list[str]:
        """Each field called `name`, as it stands."""
        return list(self._by_name.get(_canonical(name), ()))

    def first(self, name: str) -> str:
        """The first field called `name`, or an empty string."""
        found = self._by_name.get(_canonical(name))
        return found[0] if found else ""

    def values(self, name: str) -> list[str]:
        """Each value of a comma separated header, over all its fields."""
        return [value for field in self.all(name) for value in split(field, ",")]

    def only(self, name: str) -> str:
        """The one field called `name`.

        Raises:
            MalformedMessage: there is none, or more than one, or it is empty.
        """
        found = self.all(name)
        if len(found) != 1:
            raise MalformedMessage(f"{'no' if not found else 'more than one'} {name} header")
        if not found[0]:
            raise MalformedMessage(f"empty {name} header")
        return found[0]


def _field(line: str) -> tuple[str, str]:
    if "\r" in line or "\n" in line:
        raise MalformedMessage("a bare carriage return or line feed in the headers")
    name, colon, value = line.partition(":")
    name = name.rstrip(" \t")
    if not colon or not TOKEN.fullmatch(name):
        raise MalformedMessage("a header line without a name")
    return name, value.strip(" \t")
