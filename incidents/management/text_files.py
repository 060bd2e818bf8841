"""Reading a text file that somebody gives to a command."""

import codecs
from pathlib import Path

from django.core.management.base import CommandError

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""How a file begins that says its own encoding."""


def read_text(file: Path, *, most: int, what: str, encoding: str = "") -> str:
    """The file's text: by its byte order mark, else in `encoding`, else in UTF-8; never guessed.

    Raises CommandError, also for more than `most` bytes; `what` it should have been.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(most + 1)
    except OSError as error:
        raise CommandError(f"{file}: cannot be read: {error}") from error
    if len(content) > most:
        raise CommandError(f"{file}: larger than {most:,} bytes; this is no {what}")
    marked = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "")
    try:
        return content.decode(marked or encoding or "utf-8")
    except UnicodeDecodeError as error:
        message = f"{file}: cannot be read as {marked or encoding or 'UTF-8'} text: {error}"
        if not encoding:
            message += ". A text saved on Windows may need --encoding cp1252"
        raise CommandError(message) from error
    except LookupError as error:
        raise CommandError(f"--encoding: {error}") from error
