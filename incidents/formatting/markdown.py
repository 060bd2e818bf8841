"""Markdown to sanitised HTML, in a process that can be killed (DESIGN 12, reliability.md 3.2).

Python-Markdown is quadratic on brackets (8 kB took 25 s) and recurses on deep lists. It therefore runs in a bounded
child; a text that needs more than its CPU time is shown as plain paragraphs, so that nothing a person wrote is lost.
The verdict is CPU time alone: the same text gives the same HTML on a busy machine.
"""

import html
import json
from collections.abc import Sequence

import markdown
import nh3

from incidents.formatting.bounded import WORDS, ChildFailed, LimitExceeded, Limits, bounded

LIMITS = Limits(cpu_seconds=2, memory_bytes=512 * 1024 * 1024, deadline_seconds=120.0, lane=WORDS, niceness=0)
EXTENSIONS = ["tables", "fenced_code", "sane_lists", "nl2br"]
TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "strong", "em", "del", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a"),
}


def markdown_html(text: str) -> str:
    """Sanitised HTML of a Markdown text: no images, no scripts, links to http, https, mailto and tel only.

    Raises ChildBusy where the machine gives it no time.
    """
    try:
        return _child([text])[0]
    except (LimitExceeded, ChildFailed):
        return plain_html(text)


def markdown_htmls(texts: Sequence[str]) -> list[str]:
    """The same of several texts in one child; where they do not make it together, each gets a child of its own."""
    if not texts:
        return []
    try:
        return _child(texts)
    except (LimitExceeded, ChildFailed):
        return [markdown_html(text) for text in texts]


def _child(texts: Sequence[str]) -> list[str]:
    found: list[str] = json.loads(bounded(__name__, json.dumps(list(texts)).encode(), LIMITS))
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
