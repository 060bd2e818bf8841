"""Two texts side by side, for people: which paragraphs came, went and changed, and which words in them."""

import difflib
import re
from dataclasses import dataclass
from enum import StrEnum

MOST_PARAGRAPHS = 2_000
"""Of either text; what is beyond is compared as one piece."""
MOST_WORDS = 1_500
"""Of a paragraph that is compared word by word."""
LIKE = 0.4
"""From so much likeness on, two paragraphs are one that changed."""
_WORDS = re.compile(r"\s+|[^\s]+")


class Change(StrEnum):
    """What became of a piece."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words with one fate."""

    change: Change
    words: str


Paragraph = tuple[Piece, ...]


def compare(old: str, new: str) -> list[Paragraph]:
    """The new text's paragraphs in their order, with what went between them."""
    before, after = _paragraphs(old), _paragraphs(new)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    found: list[Paragraph] = []
    for what, start, end, start_new, end_new in matcher.get_opcodes():
        if what == "equal":
            found += [(Piece(Change.SAME, each),) for each in before[start:end]]
        else:
            found += _replaced(before[start:end], after[start_new:end_new])
    return found


def is_same(paragraph: Paragraph) -> bool:
    """Whether nothing in it changed."""
    return all(piece.change == Change.SAME for piece in paragraph)


def _paragraphs(text: str) -> list[str]:
    found = [each for each in text.split("\n") if each.strip()]
    if len(found) > MOST_PARAGRAPHS:
        return [*found[:MOST_PARAGRAPHS], "\n".join(found[MOST_PARAGRAPHS:])]
    return found


def _replaced(before: list[str], after: list[str]) -> list[Paragraph]:
    """Paragraphs at the same place are compared word by word where they are alike."""
    found: list[Paragraph] = []
    for old, new in zip(before, after, strict=False):
        pieces = _words(old, new)
        same = sum(len(piece.words) for piece in pieces if piece.change == Change.SAME)
        if same >= LIKE * min(len(old), len(new)):
            found.append(pieces)
        else:
            found += [(Piece(Change.GONE, old),), (Piece(Change.NEW, new),)]
    shared = min(len(before), len(after))
    found += [(Piece(Change.GONE, each),) for each in before[shared:]]
    found += [(Piece(Change.NEW, each),) for each in after[shared:]]
    return found


def _words(old: str, new: str) -> Paragraph:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if max(len(before), len(after)) > MOST_WORDS:
        return Piece(Change.GONE, old), Piece(Change.NEW, new)
    pieces: list[Piece] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for what, start, end, start_new, end_new in matcher.get_opcodes():
        if what == "equal":
            pieces.append(Piece(Change.SAME, "".join(before[start:end])))
            continue
        if start < end:
            pieces.append(Piece(Change.GONE, "".join(before[start:end])))
        if start_new < end_new:
            pieces.append(Piece(Change.NEW, "".join(after[start_new:end_new])))
    return tuple(pieces)
