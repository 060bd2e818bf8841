"""Markdown to sanitised HTML, in a process that can be killed (DESIGN 12, reliability.md 3.2).

Python-Markdown is quadratic on brackets (8 kB took 25 s) and recurses on deep lists. It therefore runs in a child
with a deadline; a text that does not make it is shown as plain paragraphs, so that nothing a person wrote is lost.
Run as a module it reads Markdown from standard input and writes HTML to standard output.
"""

import html
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import markdown
import nh3

DEADLINE_SECONDS = 2.0
ROOT = Path(__file__).resolve().parents[2]
"""Where the child finds this module, wherever its parent was started."""
EXTENSIONS = ["tables", "fenced_code", "sane_lists", "nl2br"]
TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "strong", "em", "del", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a"),
}


def markdown_html(text: str) -> str:
    """Sanitised HTML of a Markdown text: no images, no scripts, links to http, https, mailto and tel only."""
    try:
        return _child("--one", text)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return plain_html(text)


def markdown_htmls(texts: Sequence[str]) -> list[str]:
    """The same of several texts in one child; where they do not make it together, each gets a child of its own."""
    if not texts:
        return []
    try:
        child = _child("--many", json.dumps(list(texts)))
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return [markdown_html(text) for text in texts]
    found: list[str] = json.loads(child)
    return found


def _child(mode: str, text: str) -> str:
    """What a child of this module makes of a text. Raises TimeoutExpired and CalledProcessError."""
    child = subprocess.run(  # noqa: S603  (ourselves, with a mode of our own)
        [sys.executable, "-m", "incidents.formatting.markdown", mode],
        input=text.encode(),
        capture_output=True,
        cwd=ROOT,
        timeout=DEADLINE_SECONDS,
        check=True,
    )
    return child.stdout.decode()


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


if __name__ == "__main__":
    given = sys.stdin.read()
    if "--many" in sys.argv:
        sys.stdout.write(json.dumps([render(text) for text in json.loads(given)]))
    else:
        sys.stdout.write(render(given))
