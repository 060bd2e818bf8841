"""Text for XML 1.0, whatever it holds: one character that XML cannot carry would silence a feed for every reader."""

import re
from xml.sax.saxutils import escape

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_QUOTES = {'"': "&quot;", "'": "&apos;"}


def xml_text(text: str) -> str:
    """The text escaped for an element or an attribute, as Statuspage writes it."""
    return escape(text, _QUOTES)


def xml_document(text: str) -> bytes:
    """A finished document in UTF-8, without the characters that it must not hold."""
    return _NOT_XML.sub("", text).encode()
