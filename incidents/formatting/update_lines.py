"""An update's blocks as lines of text, for every place that has no elements of its own: mail, chat, calendar, v2."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from incidents.formatting.update_blocks import Block, CodeBlock, ListBlock, Piece, PieceKind


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a place writes what an update may hold. `link` gets the address and the label, which is written already."""

    text: Callable[[str], str]
    link: Callable[[str, str], str]
    label: Callable[[str], str] | None = None
    """Text inside a link, where that is written in another way."""
    bold: tuple[str, str] = ("", "")
    code: Callable[[str], str] = str
    code_block: Callable[[str], str] = str
    bullet: str = "- "
    bold_in_links: bool = True


def line_of(pieces: Sequence[Piece], dialect: Dialect, *, new_line: str = "\n") -> str:
    """The pieces of a paragraph."""
    done: list[str] = []
    before: list[str] = []
    address = ""
    for kind, words in pieces:
        if kind == PieceKind.LINK:
            before, done, address = done, [], words
        elif kind == PieceKind.LINK_END:
            done = [*before, dialect.link(address, "".join(done))]
            address = ""
        elif kind in (PieceKind.BOLD, PieceKind.BOLD_END):
            if dialect.bold_in_links or not address:
                done.append(dialect.bold[kind == PieceKind.BOLD_END])
        elif kind == PieceKind.CODE:
            done.append(dialect.code(words))
        elif kind == PieceKind.BREAK:
            done.append(new_line)
        else:
            done.append((dialect.label if address and dialect.label else dialect.text)(words))
    return "".join(done)


def lines_of(blocks: Sequence[Block], dialect: Dialect) -> Iterator[str]:
    """The lines of some blocks, with an empty one where the author left one."""
    for place, block in enumerate(blocks):
        if place and block.gap:
            yield ""
        if isinstance(block, ListBlock):
            yield from _items(block, dialect)
        elif isinstance(block, CodeBlock):
            yield from dialect.code_block(block.code).split("\n")
        else:
            yield from line_of(block.pieces, dialect).split("\n")


def _items(block: ListBlock, dialect: Dialect) -> Iterator[str]:
    """Each item behind its mark, its further lines below its first one."""
    is_loose = block.is_loose
    for place, (item, number) in enumerate(zip_longest(block.items, block.numbers)):
        if place and is_loose:
            yield ""
        mark = dialect.bullet if number is None else f"{number}. "
        first, *rest = list(lines_of(item, dialect)) or [""]
        yield f"{mark}{first}".rstrip()
        yield from (f"{' ' * len(mark)}{line}" if line else "" for line in rest)
