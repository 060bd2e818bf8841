"""Plain words as HTML: everything escaped, paragraphs and line breaks kept, http(s) addresses linked.

An update's body is plain text; nothing a writer types is ever markup.
"""

import re

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

_ADDRESS = re.compile(r"https?://[^\s<>\"'`{}|\\^]+", re.IGNORECASE)
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
_TRAILING = ".,;:!?…。、"
_BRACKETS = {")": "(", "]": "["}


def text_html(body: str) -> SafeString:
    """Paragraphs with `dir="auto"`, so that right-to-left text keeps its full stop at its own end."""
    paragraphs = [text for text in _PARAGRAPHS.split(body.strip()) if text]
    return mark_safe("".join(f'<p dir="auto">{_lines(text, "<br>")}</p>' for text in paragraphs))  # noqa: S308


def feed_html(body: str) -> SafeString:
    """One run of HTML for a feed entry, where Statuspage writes each line break twice."""
    return _lines(body.strip(), "<br /><br />")


def v2_text(body: str) -> str:
    """The body of an update in `/api/v2`: text with `<br />` for line breaks, safe to insert into a page."""
    text = body.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\n", "<br />")


def v2_markdown(body: str) -> str:
    """An RFO's Markdown in `/api/v2`: as written, but no tag can begin in it."""
    return body.replace("<", "&lt;")


def _lines(text: str, break_: str) -> SafeString:
    return mark_safe(break_.join(_linked(line) for line in text.split("\n")))  # noqa: S308  (escaped line by line)


def _linked(line: str) -> str:
    """The line escaped, its addresses linked; punctuation that ends a sentence stays outside the link."""
    parts: list[str] = []
    done = 0
    for found in _ADDRESS.finditer(line):
        address = _without_tail(found.group())
        if len(address) <= len("https://"):
            continue
        end = found.start() + len(address)
        parts += [escape(line[done : found.start()]), _link(address)]
        done = end
    return "".join([*parts, escape(line[done:])])


def _link(address: str) -> str:
    return format_html('<a href="{}" rel="nofollow ugc noopener">{}</a>', address, address)


def _without_tail(address: str) -> str:
    while address:
        last = address[-1]
        opening = _BRACKETS.get(last)
        if last not in _TRAILING and not (opening and address.count(last) > address.count(opening)):
            return address
        address = address[:-1]
    return address
