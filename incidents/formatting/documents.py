"""A document that somebody attaches: checked and rewritten in one bounded child.

What comes back is what is stored and handed out: PDFs are written by qpdf and pictures are redrawn, so that nothing but
what was parsed is left of the file.
"""

import json
from dataclasses import asdict

from incidents.domain.documents import PDF, PICTURES, Document, check_size, inspect
from incidents.domain.word_files import RefusedDocument
from incidents.formatting.bounded import ChildFailed, ContentRefused, LimitExceeded, Limits, bounded

LIMITS = Limits(cpu_seconds=10, memory_bytes=1024 * 1024 * 1024, deadline_seconds=150.0)


def checked_document(name: str, content: bytes) -> tuple[Document, bytes]:
    """The document and its rewritten bytes. Raises RefusedDocument in plain words, and ChildBusy."""
    check_size(name, content)
    try:
        made = bounded(__name__, json.dumps(name).encode() + b"\n" + content, LIMITS)
    except ContentRefused as error:
        raise RefusedDocument(str(error)) from error
    except LimitExceeded as error:
        raise RefusedDocument(
            f"{name!r} takes too long to be checked. Print it to a new PDF, or make it smaller, and attach that."
        ) from error
    except ChildFailed as error:
        raise RefusedDocument(f"{name!r} cannot be read. Save it again and attach that.") from error
    facts, _, rewritten = made.partition(b"\n")
    return Document(**json.loads(facts)), rewritten


def work(content: bytes) -> bytes:
    """The child's part: a line with the name, then the file; back come a line of facts and the file."""
    line, _, given = content.partition(b"\n")
    name = json.loads(line)
    try:
        document = inspect(name, given)
    except RefusedDocument as error:
        raise ContentRefused(str(error)) from error
    return json.dumps(asdict(document)).encode() + b"\n" + _rewritten(name, document, given)


def _rewritten(name: str, document: Document, content: bytes) -> bytes:
    """Raises ContentRefused."""
    try:
        if document.media_type == PDF:
            from incidents.formatting.pdf_rewriting import rewritten_pdf  # noqa: PLC0415  (loads qpdf)

            return rewritten_pdf(content)
        if document.media_type in PICTURES:
            from incidents.formatting.pictures import redraw  # noqa: PLC0415  (only where there is a picture)

            return redraw(content)
    except ContentRefused as error:
        raise ContentRefused(f"{name!r}: {error}") from error
    return content
