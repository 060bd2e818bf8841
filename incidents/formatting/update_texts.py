"""The text of an update as each place shows it: page, mail, feed, v2 and plain text; `update_chats.py` has the chats.

Every function takes the text and how it is written. A plain one is shown exactly as it is; so are all that were written
before there was Markdown, and what machines write, whose names and paths must not be read as marks.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from incidents.domain.texts import BodyFormat
from incidents.formatting.excerpts import excerpt
from incidents.formatting.html import feed_html, linked, text_html, v2_text
from incidents.formatting.update_blocks import Block, CodeBlock, ListBlock, ParagraphBlock, blocks_of
from incidents.formatting.update_lines import Dialect, line_of, lines_of

REL = "nofollow noopener noreferrer"
KEPT_TEXTS = 1_024
"""Rendered texts that a process keeps: an update is shown in a dozen documents, most of them at each publication."""


@lru_cache(KEPT_TEXTS)
def update_html(text: str, written: BodyFormat) -> SafeString:
    """Paragraphs, lists and code for a page, a mail or a feed entry of one update."""
    blocks = _read(text, written)
    return text_html(text) if blocks is None else mark_safe(_blocks_html(blocks))  # noqa: S308  (escaped piece by piece)


@lru_cache(KEPT_TEXTS)
def update_feed(text: str, written: BodyFormat) -> SafeString:
    """What follows the state inside the `<p>` of a feed's entry, with its end tag; Statuspage writes breaks twice."""
    blocks = _read(text, written)
    if blocks is None:
        return mark_safe(f"{feed_html(text)}</p>")  # noqa: S308  (escaped by feed_html)
    parts: list[str] = []
    for place, block in enumerate(blocks):
        if isinstance(block, ParagraphBlock):
            is_after_text = place and isinstance(blocks[place - 1], ParagraphBlock)
            parts += [
                2 * _FEED_BREAK if is_after_text else "",
                line_of(block.pieces, _HTML, new_line=_FEED_BREAK),
            ]
        else:
            parts += ["</p>", _block_html(block), "<p>"]
    return mark_safe(f"{''.join(parts)}</p>".replace("<p></p>", ""))  # noqa: S308  (escaped piece by piece)


@lru_cache(KEPT_TEXTS)
def update_v2(text: str, written: BodyFormat) -> str:
    """The body in `/api/v2` and webhooks: lines with `<br />` between them, links and bold as HTML.

    Source: shared statuspage-api.md, section 1; of Statuspage's bodies no list or block is known, so these are lines.
    """
    blocks = _read(text, written)
    return v2_text(text) if blocks is None else "<br />".join(lines_of(blocks, _V2))


@lru_cache(KEPT_TEXTS)
def update_plain(text: str, written: BodyFormat) -> str:
    """Text without marks, for plain mails and calendars; a link is its label with the address behind it."""
    blocks = _read(text, written)
    return text if blocks is None else "\n".join(lines_of(blocks, _PLAIN))


def update_brief(text: str, written: BodyFormat) -> str:
    """Text without marks and without the addresses of links, for lists and descriptions."""
    blocks = _read(text, written)
    return text if blocks is None else "\n".join(lines_of(blocks, _BRIEF))


def update_excerpt(text: str, written: BodyFormat) -> str:
    """The beginning of that in one line."""
    return excerpt(update_brief(text, written))


def _read(text: str, written: BodyFormat) -> Sequence[Block] | None:
    """A NUL, which only an old row can hold, is left out: Markdown would print a sign of its own in its place."""
    return blocks_of(text.replace("\0", "")) if written == BodyFormat.MARKDOWN else None


def _blocks_html(blocks: Sequence[Block]) -> str:
    return "".join(_block_html(block) for block in blocks)


def _block_html(block: Block) -> str:
    """`dir="auto"`, so that right-to-left text keeps its full stop at its own end."""
    if isinstance(block, CodeBlock):
        return f"<pre><code>{escape(block.code)}</code></pre>"
    if isinstance(block, ParagraphBlock):
        words = line_of(block.pieces, _HTML, new_line="<br>")
        return words if block.is_tight else f'<p dir="auto">{words}</p>'
    items = "".join(_items_html(block))
    if not block.numbers:
        return f"<ul>{items}</ul>"
    start = block.numbers[0]
    return f"<ol>{items}</ol>" if start == 1 else f'<ol start="{start}">{items}</ol>'


def _items_html(block: ListBlock) -> list[str]:
    """The items; a number that does not follow the one before is said."""
    found = []
    for place, item in enumerate(block.items):
        jumps = place and block.numbers and block.numbers[place] != block.numbers[place - 1] + 1
        value = f' value="{block.numbers[place]}"' if jumps else ""
        found.append(f'<li dir="auto"{value}>{_blocks_html(item)}</li>')
    return found


def _without_scheme(address: str) -> str:
    return address.removeprefix("mailto:").removeprefix("tel:")


def _with_address(address: str, label: str) -> str:
    return label if label in (address, _without_scheme(address)) else f"{label} ({address})"


def _tag(name: str, write: Callable[[str], str]) -> Callable[[str], str]:
    return lambda words: f"<{name}>{write(words)}</{name}>"


_FEED_BREAK = "<br /><br />"
_BOLD = ("<strong>", "</strong>")
_HTML = Dialect(
    text=lambda words: linked(words, rel=REL),
    link=lambda address, label: f'<a href="{escape(address)}" rel="{REL}">{label}</a>',
    label=escape,
    bold=_BOLD,
    code=_tag("code", escape),
)
_V2 = Dialect(
    text=v2_text,
    link=lambda address, label: f'<a href="{escape(address)}">{label}</a>',
    bold=_BOLD,
    code=_tag("code", v2_text),
    code_block=lambda code: "\n".join(v2_text(line) for line in code.split("\n")),
)
_PLAIN = Dialect(text=str, link=_with_address)
_BRIEF = replace(_PLAIN, link=lambda _, label: label)
