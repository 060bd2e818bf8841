"""Markdown to sanitised HTML, in a process that can be killed (DESIGN 12, reliability.md 3.2).

Python-Markdown is quadratic on brackets (8 kB took 25 s) and recurses on deep lists. It therefore runs in a bounded
child. What is returned is always the rendering: a text that takes more than its CPU time is refused, and a machine that
gives no time is busy, because what comes back is stored, signed and printed.
"""

import html
import json
import logging
from collections.abc import Sequence
from dataclasses import replace

import markdown
import nh3

from incidents.formatting.bounded import (
    WORDS,
    ChildFailed,
    ContentRefused,
    LimitExceeded,
    Limits,
    bounded,
)

log = logging.getLogger(__name__)

LIMITS = Limits(cpu_seconds=4, memory_bytes=512 * 1024 * 1024, deadline_seconds=120.0, lane=WORDS, niceness=0)
"""The largest RFO takes 0.4 s of CPU time on an idle machine; a crowded core counts several times that."""
TOO_COMPLEX = (
    "This text is too complex to format, so nothing was saved. "
    "Shorten it, or simplify its lists, tables and brackets, and save again."
)
EXTENSIONS = ["tables", "fenced_code", "sane_lists", "nl2br"]
TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "strong", "em", "del", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a"),
}


def markdown_html(text: str, *, deadline: float = LIMITS.deadline_seconds) -> str:
    """Sanitised HTML of a Markdown text: no images, no scripts, links to http, https, mailto and tel only.

    `deadline` in seconds. Raises ContentRefused where the text is too complex, and ChildBusy where the machine gives it
    no time.
    """
    return markdown_htmls([text], deadline=deadline)[0]


def markdown_htmls(texts: Sequence[str], *, deadline: float = LIMITS.deadline_seconds) -> list[str]:
    """The same of several texts in one child; where they do not make it together, each gets a child of its own."""
    if not texts:
        return []
    limits = replace(LIMITS, deadline_seconds=deadline)
    try:
        found: list[str] = json.loads(bounded(__name__, json.dumps(list(texts)).encode(), limits))
    except (LimitExceeded, ChildFailed) as error:
        if len(texts) > 1:
            return [markdown_html(text, deadline=deadline) for text in texts]
        log.warning("a text could not be formatted", extra={"error": str(error), "length": len(texts[0])})
        raise ContentRefused(TOO_COMPLEX) from error
    return found


def plain_html(text: str) -> str:
    """The text as escaped paragraphs."""
    blocks = (html.escape(block).replace("\n", "<br>") for block in text.split("\n\n") if block.strip())
    return "".join(f"<p>{block}</p>" for block in blocks)


def render(text: str) -> str:
    """Markdown to sanitised HTML in this process; may take long on hostile input."""
    raw = markdown.markdown(text, extensions=EXTENSIONS, output_format="html")
    for level in (4, 3, 2, 1):
        raw = raw.replace(f"<h{level}>", f"<h{level + 1}>").replace(f"</h{level}>", f"</h{level + 1}>")
    return nh3.clean(
        raw,
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="nofollow noopener noreferrer",
        strip_comments=True,
    )


def work(content: bytes) -> bytes:
    """The child's part: a JSON list of texts becomes one of HTML."""
    return json.dumps([render(text) for text in json.loads(content)]).encode()
