"""The nouns of checking: a text with its place, the rules of its page, a fault and its mends."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from incidents.domain.audiences import Audience
from incidents.domain.rfo_content import Action, Content

LETTER = "letter"
"""The place of an RFO's letter; a section's is `section 3`."""


@dataclass(frozen=True, slots=True)
class Text:
    """Words that will be published, and for whom."""

    place: str
    body: str
    audience: Audience = Audience.PUBLIC

    def lines(self) -> Iterator[tuple[int, str]]:
        """Lines with their numbers, from one."""
        yield from enumerate(self.body.split("\n"), start=1)


@dataclass(frozen=True, slots=True)
class Term:
    """A name as its owners write it, and spellings of it that are wrong; others near to it are found."""

    name: str
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What a page's RFOs are held to, and what the incident's own record says."""

    zone: ZoneInfo
    windows: tuple[tuple[datetime, datetime], ...] = ()
    """When customers were hit, in UTC."""
    lasted: timedelta | None = None
    terms: tuple[Term, ...] = ()
    internal_words: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    """Texts that the public may not read: none of their sentences may stand in a public one."""


@dataclass(frozen=True, slots=True)
class Mend:
    """A replacement on the fault's line, that a person may choose."""

    old: str
    new: str

    def applied(self, line: str) -> str:
        """The line with it, where what was wrong stands as words of its own; unchanged where it does so no longer."""
        whole = rf"(?<!\w){re.escape(self.old)}(?!\w)"
        return re.sub(whole, lambda _: self.new, line, count=1)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that a reader would stumble over. One that blocks must be mended before publication."""

    code: str
    place: str
    line: int
    """From one; 0 where it is about no line."""
    excerpt: str
    message: str
    mends: tuple[Mend, ...] = ()
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What is checked."""

    texts: tuple[Text, ...]
    content: Content

    @property
    def actions(self) -> tuple[Action, ...]:
        """Promises to customers."""
        return self.content.actions

    def match(self, pattern: re.Pattern[str]) -> Iterator[tuple[Text, int, re.Match[str]]]:
        """Every match of a pattern in every line."""
        for text in self.texts:
            for number, line in text.lines():
                for found in pattern.finditer(line):
                    yield text, number, found


def excerpt(line: str, start: int, end: int) -> str:
    """The words around what was found, so that a person knows the sentence again."""
    before = line[max(0, start - 40) : start]
    after = line[end : end + 40]
    head = "…" + before.partition(" ")[2] if start > 40 else before  # noqa: PLR2004  (as long as it is cut)
    tail = after.rpartition(" ")[0] + "…" if end + 40 < len(line) else after
    return f"{head}{line[start:end]}{tail}"
