"""The small Markdown of updates as blocks: paragraphs, lists, code, bold and links. Everything else is text.

CommonMark's own parser with most of its rules switched off, so no heading, image, quote, entity or tag exists here.
Single `*` and `_` stay characters: `*21*0299#` is a star code of telephony and `sip_options` is a name.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

RULES = (
    *("fence", "list", "paragraph"),
    *("newline", "escape", "backticks", "emphasis", "link", "image", "autolink"),
)
LINKABLE = re.compile(r"https?://[^/\s]|mailto:[^\s]|tel:[^\s]", re.IGNORECASE)
"""Where a link may lead. An address without a scheme would mean another thing in a mail than on the page."""
MOST_MARKS = 1_500
"""Characters that mean something to the parser, of which some cost it time by their square. A text with more is shown
as it is, which also bounds the number of elements that one update adds to a page."""
DEEPEST_LEVEL = 17
"""The parser leaves out what lies deeper than 20 of its levels, two for each list; such a text is shown as it is."""
KEPT_TEXTS = 256
"""Of a text that is published every form is wanted within a moment."""
_MARKS = re.compile(r"[\[\]*_`<!\n]")


class PieceKind(Enum):
    """What a piece of a line is."""

    TEXT = auto()
    BREAK = auto()
    BOLD = auto()
    BOLD_END = auto()
    LINK = auto()
    LINK_END = auto()
    CODE = auto()


class Piece(NamedTuple):
    """A piece of a line: its characters, of a link its address, of other marks nothing."""

    kind: PieceKind
    words: str = ""


@dataclass(frozen=True, slots=True)
class ParagraphBlock:
    """Lines of text. `gap` is whether an empty line stands before it, here as in the other blocks."""

    pieces: tuple[Piece, ...]
    gap: bool
    is_tight: bool = False
    """In a list whose items follow each other without empty lines."""


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Lines between fences, as they are."""

    code: str
    gap: bool


@dataclass(frozen=True, slots=True)
class ListBlock:
    """Items with dots, or with the numbers that were written."""

    items: tuple[tuple["Block", ...], ...]
    numbers: tuple[int, ...]
    gap: bool

    @property
    def is_loose(self) -> bool:
        """Whether empty lines stand between the items."""
        paragraphs = [each for item in self.items for each in item if isinstance(each, ParagraphBlock)]
        return any(not each.is_tight for each in paragraphs)


Block = ParagraphBlock | CodeBlock | ListBlock


@lru_cache(KEPT_TEXTS)
def blocks_of(text: str) -> tuple[Block, ...] | None:
    """The text's blocks; None for one that is to be shown as it is, because it has too many marks or levels."""
    if len(_MARKS.findall(text)) > MOST_MARKS:
        return None
    tokens = _PARSER.parse(text)
    if any(token.level > DEEPEST_LEVEL for token in tokens):
        return None
    return tuple(_blocks(iter(tokens)))


def _parser() -> MarkdownIt:
    made = MarkdownIt("zero", {"maxNesting": 20}).enable(list(RULES))
    made.validateLink = lambda url: LINKABLE.match(url) is not None  # type: ignore[method-assign]
    # The parser's own would show `%E2%80%AE` decoded, which turns the reading direction.
    made.normalizeLinkText = lambda link: link  # type: ignore[method-assign]
    return made


_PARSER = _parser()


def _blocks(tokens: Iterator[Token]) -> Iterator[Block]:
    """The blocks up to the end of what holds them."""
    end = -1
    for token in tokens:
        if token.type.endswith("_close"):
            return
        start, stop = token.map or (0, 0)
        if token.type == "paragraph_open":
            yield ParagraphBlock(_pieces(next(tokens).children or ()), start != end, token.hidden)
            next(tokens)
        elif token.type == "fence":
            # One word is the name of a language; several were meant to be read.
            first = f"{token.info.strip()}\n" if len(token.info.split()) > 1 else ""
            yield CodeBlock(f"{first}{token.content}".removesuffix("\n"), start != end)
        else:
            yield _list(tokens, gap=start != end)
            stop = -1  # a list's lines end behind the empty ones that follow it
        end = stop


def _list(tokens: Iterator[Token], *, gap: bool) -> ListBlock:
    """Numbers that are all the same are counted, as CommonMark does; others may be dates, and stay as written."""
    items: list[tuple[Block, ...]] = []
    numbers: list[int] = []
    for token in tokens:
        if token.type != "list_item_open":
            break
        items.append(tuple(_blocks(tokens)))
        numbers += [int(token.info)] if token.info else []
    if len(set(numbers)) == 1:
        numbers = list(range(numbers[0], numbers[0] + len(numbers)))
    return ListBlock(tuple(items), tuple(numbers), gap)


def _pieces(children: Sequence[Token]) -> tuple[Piece, ...]:
    """The pieces of a paragraph; text that the parser took apart is one again, so that an address in it is whole."""
    found: list[Piece] = []
    ends: list[Piece] = []
    for token in children:
        if token.type == "link_open":
            piece, end = _link(token)
            ends.append(end)
        else:
            piece = ends.pop() if token.type == "link_close" else _PIECES[token.type](token)
        if found and piece.kind == found[-1].kind == PieceKind.TEXT:
            piece = Piece(PieceKind.TEXT, found.pop().words + piece.words)
        found.append(piece)
    return tuple(found)


def _link(token: Token) -> tuple[Piece, Piece]:
    """Its beginning and its end. One that leads nowhere, `[our guide]()`, would lead to the page itself: it is text."""
    href, title = str(token.attrs["href"]), token.attrs.get("title")
    if href:
        return Piece(PieceKind.LINK, href), Piece(PieceKind.LINK_END)
    rest = f'"{title}"' if title else ""
    return Piece(PieceKind.TEXT, "["), Piece(PieceKind.TEXT, f"]({rest})")


def _bold(kind: PieceKind) -> Callable[[Token], Piece]:
    """Two asterisks; two underscores are part of a name."""
    return lambda token: Piece(kind) if token.markup == "**" else Piece(PieceKind.TEXT, token.markup)


def _as_written(token: Token) -> Piece:
    return Piece(PieceKind.TEXT, token.markup)


_PIECES: Mapping[str, Callable[[Token], Piece]] = {
    "text": lambda token: Piece(PieceKind.TEXT, token.content),
    "softbreak": lambda _: Piece(PieceKind.BREAK),
    "hardbreak": lambda _: Piece(PieceKind.BREAK),
    "code_inline": lambda token: Piece(PieceKind.CODE, token.content),
    "strong_open": _bold(PieceKind.BOLD),
    "strong_close": _bold(PieceKind.BOLD_END),
    "em_open": _as_written,
    "em_close": _as_written,
    "image": lambda token: Piece(PieceKind.TEXT, f"![{token.content}]({token.attrs['src']})"),
}
