"""What may be attached to an RFO: told by its bytes, never by its name alone (DESIGN 12)."""

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

SIZE_LIMIT = 20 * 1024 * 1024
COUNT_LIMIT = 10
_ZIP_ENTRIES = 2_000
_ZIP_EXPANDED = 200 * 1024 * 1024
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MAGIC = ((b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))
_EXTENSIONS = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    _DOCX: (".docx",),
}


class RefusedDocument(ValueError):
    """A document that we do not take; the message says why and what would do."""


@dataclass(frozen=True, slots=True)
class Document:
    """A checked document: a name safe in a header and in a path, and its true media type."""

    name: str
    media_type: str


def inspect(name: str, content: bytes) -> Document:
    """Check a document's size, its type by its first bytes, and that its name agrees.

    Raises RefusedDocument.
    """
    if not content:
        raise RefusedDocument(f"{name!r} is empty.")
    if len(content) > SIZE_LIMIT:
        raise RefusedDocument(f"{name!r} has {len(content):,} bytes; {SIZE_LIMIT:,} are allowed.")
    media_type = _sniffed(content)
    if media_type is None:
        raise RefusedDocument(f"{name!r} is neither PDF, DOCX, PNG nor JPEG by its content.")
    safe = re.sub(r"[^\w.() -]", "_", PurePosixPath(name.replace("\\", "/")).name).strip(". ")[-120:]
    if PurePosixPath(safe).suffix.lower() not in _EXTENSIONS[media_type]:
        wanted = " or ".join(_EXTENSIONS[media_type])
        raise RefusedDocument(f"{name!r} holds {media_type}, so its name must end in {wanted}.")
    return Document(safe, media_type)


def _sniffed(content: bytes) -> str | None:
    for magic, media_type in _MAGIC:
        if content.startswith(magic):
            return media_type
    return _DOCX if content.startswith(b"PK\x03\x04") and _is_docx(content) else None


def _is_docx(content: bytes) -> bool:
    """A Word document without macros, and not a bomb; only the archive's directory is read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return False
    names = {entry.filename for entry in entries}
    return (
        {"[Content_Types].xml", "word/document.xml"} <= names
        and not any("vbaproject" in name.lower() for name in names)
        and len(entries) <= _ZIP_ENTRIES
        and sum(entry.file_size for entry in entries) <= _ZIP_EXPANDED
    )
