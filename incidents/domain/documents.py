"""What may be attached to an RFO: told by its bytes, never by its name alone (DESIGN 12)."""

import io
import re
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from incidents.domain.texts import UncleanText, clean

SIZE_LIMIT = 20 * 1024 * 1024
COUNT_LIMIT = 10
SIDE_LIMIT = 10_000
"""Pixels of a side of a picture."""
TEXT_LIMIT = 1024 * 1024
_ZIP_ENTRIES = 2_000
_ZIP_EXPANDED = 200 * 1024 * 1024
_ZIP_PART = 4 * 1024 * 1024
"""Bytes that are unpacked of one part in search of what it refers to."""
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
_PDF_DANGERS = (
    (b"JavaScript", "a script"),
    (b"JS", "a script"),
    (b"OpenAction", "something that runs when it is opened"),
    (b"AA", "something that runs by itself"),
    (b"Launch", "a command"),
    (b"EmbeddedFile", "another file"),
    (b"RichMedia", "a film or a program"),
    (b"XFA", "a form with scripts"),
    (b"SubmitForm", "a form that sends itself"),
    (b"Encrypt", "a password"),
)
_PDF_NAME = re.compile(rb"/((?:[^\s/<>\[\](){}%#]|#[0-9A-Fa-f]{2})+)")
_PDF_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_MOST_STREAMS = 5_000
_UNPACKED = 64 * 1024 * 1024


class RefusedDocument(ValueError):
    """A document that we do not take; the message says why and what would do."""


@dataclass(frozen=True, slots=True)
class Document:
    """A checked document: a name safe in a header and in a path, and its true media type."""

    name: str
    media_type: str


def inspect(name: str, content: bytes) -> Document:
    """Check a document's size, its type by its first bytes, that its name agrees, and what it holds.

    Raises RefusedDocument.
    """
    if not content:
        raise RefusedDocument(f"{name!r} is empty.")
    if len(content) > SIZE_LIMIT:
        raise RefusedDocument(f"{name!r} has {len(content):,} bytes; {SIZE_LIMIT:,} are allowed.")
    safe = _safe_name(name)
    media_type = _sniffed(safe, content)
    if media_type is None:
        raise RefusedDocument(f"{name!r} is neither PDF, DOCX, PNG, JPEG nor plain text by its content.")
    if PurePosixPath(safe).suffix.lower() not in _EXTENSIONS[media_type]:
        wanted = " or ".join(_EXTENSIONS[media_type])
        raise RefusedDocument(f"{name!r} holds {media_type}, so its name must end in {wanted}.")
    if media_type == PDF:
        _refuse_active_pdf(name, content)
    if media_type == DOCX:
        _refuse_active_docx(name, content)
    return Document(safe, media_type)


def _safe_name(name: str) -> str:
    """Letters, digits and a few signs; nothing that turns the reading direction or hides."""
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(each if unicodedata.category(each)[0] in "LMNPZ" else "_" for each in last)
    safe = re.sub(r"[^\w.() -]", "_", shown).strip(". ")
    stem, dot, ending = safe.rpartition(".")
    return f"{stem[-100:]}{dot}{ending[-20:]}" if dot else safe[-120:]


def _sniffed(name: str, content: bytes) -> str | None:
    for magic, media_type in _MAGIC:
        if content.startswith(magic):
            return media_type
    if content.startswith(b"PK\x03\x04"):
        return DOCX if _is_docx(content) else None
    return TXT if name.lower().endswith(".txt") and _is_text(content) else None


def _is_text(content: bytes) -> bool:
    if len(content) > TEXT_LIMIT:
        return False
    try:
        clean(content.decode("utf-8-sig"), limit=TEXT_LIMIT)
    except (UnicodeDecodeError, UncleanText):
        return False
    return True


def _refuse_active_pdf(name: str, content: bytes) -> None:
    """Whatever a reader's program would do by itself, in the open or inside compressed objects."""
    names = _pdf_names(content)
    left = _UNPACKED
    for number, found in enumerate(_PDF_STREAM.finditer(content)):
        if number >= _MOST_STREAMS or left <= 0:
            raise RefusedDocument(
                f"{name!r} is too large when unpacked. Print it to a new PDF and attach that."
            )
        unpacker = zlib.decompressobj()
        try:
            unpacked = unpacker.decompress(found[1], left)
        except zlib.error:
            continue
        left -= len(unpacked)
        if b"/Type" in unpacked or b"/S" in unpacked[:65536]:
            names |= _pdf_names(unpacked)
    for danger, what in _PDF_DANGERS:
        if danger in names:
            raise RefusedDocument(
                f"{name!r} holds {what} (/{danger.decode()}). Print it to a new PDF and attach that."
            )


def _pdf_names(content: bytes) -> set[bytes]:
    """The names in it, with `#4a` read as the letter that it stands for."""
    return {
        re.sub(rb"#([0-9A-Fa-f]{2})", lambda code: bytes([int(code[1], 16)]), found[1])
        for found in _PDF_NAME.finditer(content)
    }


def _is_docx(content: bytes) -> bool:
    """A Word document that is no bomb; only the archive's directory is read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return False
    names = {entry.filename for entry in entries}
    return (
        {"[Content_Types].xml", "word/document.xml"} <= names
        and len(entries) <= _ZIP_ENTRIES
        and len(names) == len(entries)
        and sum(entry.file_size for entry in entries) <= _ZIP_EXPANDED
    )


def _refuse_active_docx(name: str, content: bytes) -> None:
    """Macros, embedded programs, and parts that are fetched from elsewhere when it is opened."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                part = entry.filename.lower()
                if "vbaproject" in part or "activex" in part or "/embeddings/" in part:
                    raise RefusedDocument(
                        f"{name!r} holds a macro or an embedded object ({entry.filename}). Save it without, or as PDF."
                    )
                if part.endswith(".rels") or part == "[content_types].xml":
                    with archive.open(entry) as opened:
                        _refuse_reference(name, opened.read(_ZIP_PART))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise RefusedDocument(f"{name!r} cannot be unpacked: {error}. Save it anew.") from error


def _refuse_reference(name: str, part: bytes) -> None:
    text = part.lower()
    if b"macroenabled" in text:
        raise RefusedDocument(f"{name!r} is a document with macros. Save it without, or as PDF.")
    for found in re.finditer(rb"<relationship\b[^>]*>", text):
        if b'targetmode="external"' in found[0] and b"/hyperlink" not in found[0]:
            raise RefusedDocument(
                f"{name!r} fetches a part of itself from elsewhere when it is opened. Save it as PDF."
            )
