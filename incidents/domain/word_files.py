"""What a Word document holds, counted as it is unpacked and read by an XML parser that expands nothing.

Runs in the bounded child. Each check is one pass: a file twice as long takes twice as long.
"""

import io
import re
import zipfile
import zlib
from xml.parsers import expat

MAX_PARTS = 2_000
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_RATIO = 200
"""Unpacked bytes for one packed byte, of all parts together. Words come to 20, a bomb to 1,000."""
FREE_BYTES = 10 * 1024 * 1024
"""So much is unpacked whatever its ratio: a short document of blanks is no bomb."""
MAX_XML_BYTES = 64 * 1024 * 1024
MAX_ATTRIBUTES = 100
_CHUNK = 256 * 1024
_PROGRAM = re.compile(r"vbaproject|activex|/embeddings/")
_PICTURE = re.compile(r"word/media/.")
_LINK_TO_A_FILE = re.compile(
    r"\s*(file|smb|javascript|vbscript|data|ms-[a-z]+):|\s*\\\\|\s*//", re.IGNORECASE
)


class RefusedDocument(ValueError):
    """A document that we do not take; the message says why and what would do."""


def is_docx(content: bytes) -> bool:
    """Whether the archive's directory is that of a Word document of a usual size; nothing is unpacked yet."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return False
    names = {entry.filename for entry in entries}
    return (
        {"[Content_Types].xml", "word/document.xml"} <= names
        and len(entries) <= MAX_PARTS
        and len(names) == len(entries)
        and sum(entry.file_size for entry in entries) <= MAX_UNPACKED_BYTES
    )


def pictures_in(content: bytes) -> int:
    """How many pictures a Word document holds: its words can be taken over, they cannot."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(1 for each in archive.namelist() if _PICTURE.match(each))
    except (zipfile.BadZipFile, ValueError, OSError):
        return 0


def refuse_active_docx(name: str, content: bytes) -> None:
    """Bombs, macros, embedded programs, and parts that are fetched from elsewhere when it is opened.

    Raises RefusedDocument.
    """
    unpacked = 0
    most = max(len(content) * MAX_RATIO, FREE_BYTES)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                _refuse_program(name, entry.filename)
                reader = _Part(name, entry.filename)
                with archive.open(entry) as opened:
                    while chunk := opened.read(_CHUNK):
                        unpacked += len(chunk)
                        if unpacked > min(most, MAX_UNPACKED_BYTES):
                            raise RefusedDocument(
                                f"{name!r} unpacks to far more than it holds. Save it again, or as PDF."
                            )
                        reader.feed(chunk)
                reader.end()
    except expat.ExpatError as error:
        raise RefusedDocument(f"{name!r} holds XML that cannot be read: {error}. Save it again.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise RefusedDocument(f"{name!r} cannot be unpacked: {error}. Save it again.") from error


def _refuse_program(name: str, part: str) -> None:
    if _PROGRAM.search(part.lower()):
        raise RefusedDocument(
            f"{name!r} holds a macro or an embedded object ({part}). Save it without, or as PDF."
        )


class _Part:
    """One part of the archive as it is unpacked; of what is no XML nothing is read."""

    def __init__(self, name: str, part: str) -> None:
        self._name = name
        self._whole = bytearray()
        low = part.lower()
        self._parser = expat.ParserCreate() if low.endswith((".xml", ".rels")) else None
        if self._parser:
            self._parser.StartDoctypeDeclHandler = self._doctype
            self._parser.ordered_attributes = True
            if low.endswith(".rels") or low == "[content_types].xml":
                self._parser.StartElementHandler = self._element

    def feed(self, chunk: bytes) -> None:
        """More of it. Raises RefusedDocument for more XML than a document has."""
        if self._parser:
            self._whole += chunk
            if len(self._whole) > MAX_XML_BYTES:
                raise RefusedDocument(f"{self._name!r} holds too much XML to be checked. Save it as PDF.")

    def end(self) -> None:
        """Parse it in one piece: expat begins a tag again with each piece that does not end it.

        Raises RefusedDocument and ExpatError.
        """
        if self._parser:
            self._parser.Parse(bytes(self._whole), True)

    def _doctype(self, *_: object) -> None:
        raise RefusedDocument(f"{self._name!r} defines entities, which no Word document does. Save it again.")

    def _element(self, tag: str, listed: list[str]) -> None:
        """`listed` are names and values in turn."""
        if len(listed) > 2 * MAX_ATTRIBUTES:
            raise RefusedDocument(f"{self._name!r} holds XML that no Word document has. Save it again.")
        attributes = dict(zip(listed[::2], listed[1::2], strict=True))
        if any("macroenabled" in value.lower() for value in attributes.values()):
            raise RefusedDocument(f"{self._name!r} is a document with macros. Save it without, or as PDF.")
        given = {key.lower(): value.strip() for key, value in attributes.items()}
        if (
            tag.rpartition(":")[2].lower() != "relationship"
            or given.get("targetmode", "").lower() != "external"
        ):
            return
        if not given.get("type", "").lower().endswith("/hyperlink"):
            raise RefusedDocument(
                f"{self._name!r} fetches a part of itself from elsewhere when it is opened. Save it as PDF."
            )
        if _LINK_TO_A_FILE.match(given.get("target", "")):
            raise RefusedDocument(
                f"{self._name!r} links to a file or a program ({given['target'][:80]}). Remove that link."
            )
