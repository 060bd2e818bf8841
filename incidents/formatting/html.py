"""Plain text as HTML: everything escaped, paragraphs and line breaks kept, http(s) addresses linked.

Nothing in it is ever markup. What an update's author may format is in `update_texts.py`, which uses this for all else.
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
    return mark_safe(break_.join(linked(line) for line in text.split("\n")))  # noqa: S308  (escaped line by line)


def linked(line: str, *, rel: str = "nofollow ugc noopener") -> str:
    """The line escaped, its addresses linked; punctuation that ends a sentence stays outside the link."""
    parts: list[str] = []
    done = 0
    for found in _ADDRESS.finditer(line):
        address = _without_tail(found.group())
        if len(address) <= len("https://"):
            continue
        end = found.start() + len(address)
        parts += [escape(line[done : found.start()]), _link(address, rel)]
        done = end
    return "".join([*parts, escape(line[done:])])


def _link(address: str, rel: str) -> str:
    return format_html('<a href="{}" rel="{}">{}</a>', address, rel, address)


def _without_tail(address: str) -> str:
    """Counted once, because an address may be ten thousand closing brackets."""
    end, counts = len(address), {each: address.count(each) for each in "()[]"}
    while end:
        last = address[end - 1]
        opening = _BRACKETS.get(last)
        if opening and counts[last] > counts[opening]:
            counts[last] -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return address[:end]
