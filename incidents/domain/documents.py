"""What may be attached to an RFO: told by its bytes, never by its name alone (DESIGN 12)."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from incidents.domain.texts import UncleanText, clean
from incidents.domain.word_files import RefusedDocument, is_docx, refuse_active_docx

SIZE_LIMIT = 20 * 1024 * 1024
COUNT_LIMIT = 10
SIDE_LIMIT = 10_000
"""Pixels of a side of a picture."""
TEXT_LIMIT = 1024 * 1024
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF, PNG, JPEG, TXT = "application/pdf", "image/png", "image/jpeg", "text/plain"
PICTURES = (PNG, JPEG)
_MAGIC = ((b"%PDF-", PDF), (b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG))
_EXTENSIONS = {
    PDF: (".pdf",),
    PNG: (".png",),
    JPEG: (".jpg", ".jpeg"),
    DOCX: (".docx",),
    TXT: (".txt",),
}
NAME_LETTERS, NAME_BYTES = 100, 150
"""Of a name without its ending; a letter beyond ASCII takes nine bytes of a header and of an address."""
SAFE_LINK = re.compile(r"\s*(https?|mailto|tel):", re.IGNORECASE)
"""What a document may link to. Others make a reader's program open a file, a share or a program."""


@dataclass(frozen=True, slots=True)
class Document:
    """A checked document: a name safe in a header and in a path, and its true media type."""

    name: str
    media_type: str


def inspect(name: str, content: bytes) -> Document:
    """Check a document's size, its type by its first bytes, that its name agrees, and what a Word document holds.

    Of PDF and pictures only the first bytes are read here: `formatting.documents` parses and rewrites them. Runs in
    the bounded child. Raises RefusedDocument.
    """
    check_size(name, content)
    safe = _safe_name(name)
    media_type = _sniffed(safe, content)
    if media_type is None:
        raise RefusedDocument(f"{name!r} is neither PDF, DOCX, PNG, JPEG nor plain text by its content.")
    if PurePosixPath(safe).suffix.lower() not in _EXTENSIONS[media_type]:
        wanted = " or ".join(_EXTENSIONS[media_type])
        raise RefusedDocument(f"{name!r} holds {media_type}, so its name must end in {wanted}.")
    if media_type == DOCX:
        refuse_active_docx(name, content)
    return Document(safe, media_type)


def check_size(name: str, content: bytes) -> None:
    """Raises RefusedDocument for an empty and for an oversized document."""
    if not content:
        raise RefusedDocument(f"{name!r} is empty.")
    if len(content) > SIZE_LIMIT:
        raise RefusedDocument(f"{name!r} has {len(content):,} bytes; {SIZE_LIMIT:,} are allowed.")


def _safe_name(name: str) -> str:
    """Letters, digits and a few signs; nothing that turns the reading direction or hides."""
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(each if unicodedata.category(each)[0] in "LMNPZ" else "_" for each in last)
    safe = re.sub(r"[^\w.() -]", "_", shown).strip(". ")
    stem, dot, ending = safe.rpartition(".")
    return f"{_cut(stem)}{dot}{ending[-20:]}" if dot else _cut(safe)


def _cut(stem: str) -> str:
    """Its last letters that fit, none of them cut in two."""
    return stem[-NAME_LETTERS:].encode()[-NAME_BYTES:].decode(errors="ignore")


def _sniffed(name: str, content: bytes) -> str | None:
    for magic, media_type in _MAGIC:
        if content.startswith(magic):
            return media_type
    if content.startswith(b"PK\x03\x04"):
        return DOCX if is_docx(content) else None
    return TXT if name.lower().endswith(".txt") and _is_text(content) else None


def _is_text(content: bytes) -> bool:
    if len(content) > TEXT_LIMIT:
        return False
    try:
        clean(content.decode("utf-8-sig"), limit=TEXT_LIMIT)
    except (UnicodeDecodeError, UncleanText):
        return False
    return True
