"""A Word document to Markdown, in a process that can be killed (DESIGN 12).

mammoth reads the document, nh3 leaves of it what a letter may hold, markdownify writes it down. mammoth sanitises
nothing and unpacks whatever it is given, so it runs in a bounded child. Pictures are left out.
"""

import io
import json
import re
import zipfile
from dataclasses import replace

from incidents.domain.documents import DOCX, check_size, inspect
from incidents.domain.texts import RFO_LIMIT
from incidents.domain.word_files import RefusedDocument
from incidents.formatting.bounded import (
    ChildFailed,
    ContentRefused,
    LimitExceeded,
    Limits,
    bounded,
)

LIMITS = Limits(cpu_seconds=15, memory_bytes=768 * 1024 * 1024, deadline_seconds=150.0)
MAX_PARAGRAPHS = RFO_LIMIT // 2
"""More than these cannot be a letter: each takes two bytes of Markdown at least."""
STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => h2:fresh"
TAGS = {
    *("p", "br", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "blockquote"),
    *("ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a"),
}
_BLANK = re.compile(r"\n{3,}")
_PARAGRAPH = re.compile(rb"<(?:\w+:)?p[ />]")
UNREADABLE = "It cannot be read as a Word document. Save it again, or paste its words."
TOO_LONG = "It takes too long to be read. Paste its words instead."


def letter_markdown(name: str, content: bytes) -> str:
    """The words of a Word document that somebody sent under this name, checked first, as Markdown.

    Raises RefusedDocument in plain words, and ChildBusy.
    """
    check_size(name, content)
    try:
        return _child(content, LIMITS, name=name)
    except ContentRefused as error:
        raise RefusedDocument(str(error)) from error
    except LimitExceeded as error:
        raise RefusedDocument(f"{name!r}: {TOO_LONG}") from error
    except ChildFailed as error:
        raise RefusedDocument(f"{name!r}: {UNREADABLE}") from error


def docx_markdown(content: bytes, *, deadline: float = LIMITS.deadline_seconds) -> str:
    """The document's words as Markdown, unchecked otherwise. `deadline` in seconds.

    Raises ValueError saying why, and ChildBusy.
    """
    try:
        return _child(content, replace(LIMITS, deadline_seconds=deadline))
    except ContentRefused:
        raise
    except LimitExceeded as error:
        raise ValueError(TOO_LONG) from error
    except ChildFailed as error:
        raise ValueError(UNREADABLE) from error


def _child(content: bytes, limits: Limits, *, name: str | None = None) -> str:
    return bounded(__name__, json.dumps(name).encode() + b"\n" + content, limits).decode()


def work(content: bytes) -> bytes:
    """The child's part: a line with the name, or null where nothing but reading is asked for, then the file."""
    line, _, given = content.partition(b"\n")
    name = json.loads(line)
    if name is not None:
        try:
            document = inspect(name, given)
        except RefusedDocument as error:
            raise ContentRefused(str(error)) from error
        if document.media_type != DOCX:
            raise ContentRefused(f"{name!r} is no Word document (.docx).")
    _refuse_many_paragraphs(given)
    return convert(given).encode()


def _refuse_many_paragraphs(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            words = archive.read("word/document.xml")
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, ValueError) as error:
        raise ContentRefused(UNREADABLE) from error
    if sum(1 for _ in _PARAGRAPH.finditer(words)) > MAX_PARAGRAPHS:
        raise ContentRefused(
            f"It has more than {MAX_PARAGRAPHS:,} paragraphs, which no letter has. Paste its words instead."
        )


def convert(content: bytes) -> str:
    """The document's words as Markdown, in this process."""
    import mammoth  # type: ignore[import-untyped]  # noqa: PLC0415  (heavy, and of the child only)
    import nh3  # noqa: PLC0415
    from markdownify import markdownify  # noqa: PLC0415

    ignored = mammoth.images.img_element(lambda _: {"src": ""})
    found = mammoth.convert_to_html(io.BytesIO(content), style_map=STYLES, convert_image=ignored).value
    safe = nh3.clean(
        found,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    )
    text = markdownify(safe, heading_style="ATX", bullets="-", table_infer_header=True)
    return _BLANK.sub("\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip() + "\n"
