"""What a text may hold before it reaches a page, a mail or a feed (reliability.md 3.2)."""

import re
from enum import StrEnum

UNCLEAN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)
"""Characters that XML 1.0 cannot carry or that turn the reading direction unseen."""

HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff\ud800-\udfff]"
)
"""What a label or a name of a machine has no use for: controls, marks of direction, blanks of no width."""

UPDATE_LIMIT = 25_000
"""Characters of one update, as Statuspage's API allows."""
RFO_LIMIT = 65_536
"""Bytes of one RFO's Markdown in UTF-8."""
NAME_LIMIT = 255
"""Characters of a title or a name."""


class BodyFormat(StrEnum):
    """How the text of an update is written: shown exactly as it is, or in the small Markdown."""

    PLAIN = "plain"
    MARKDOWN = "markdown"


class UncleanText(ValueError):
    """A text that would break a feed or mislead a reader; the message says where and what."""


def clean(text: str, *, limit: int = UPDATE_LIMIT) -> str:
    """The text with Unix line ends and no space around it.

    Raises UncleanText for a control or direction-override character (XML 1.0 cannot carry the former and a reader
    cannot see the latter), and for more than `limit` characters.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    found = UNCLEAN.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise UncleanText(
            f"Line {line} holds the control character U+{ord(found.group()):04X}, which no feed or mail can carry. "
            "Delete it (it may be invisible) and try again."
        )
    if len(text) > limit:
        raise UncleanText(f"This text has {len(text):,} characters; {limit:,} are allowed.")
    return text


def shown(text: str, *, limit: int = UPDATE_LIMIT) -> str:
    """A stranger's word on one line as staff may read it: what is hidden or turns its direction becomes a space.

    Unlike `clean` it refuses nothing, because what a machine says has to be shown whatever it holds.
    """
    return " ".join(HIDDEN.sub(" ", text[: 4 * limit]).split())[:limit]
