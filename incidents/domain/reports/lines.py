"""From the text of a file to clean, numbered lines."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from incidents.domain.reports.report import ReportError, ReportWarning, reading
from incidents.domain.texts import UNCLEAN

LARGEST = 1_000_000
"""Bytes in UTF-8; a report of a whole year of updates is far below."""

_NEWLINE = re.compile("\r\n|[\r\u2028\u2029]")
_SPACE = re.compile("[\u00a0\u2007\u202f]")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
_MARKUP = re.compile(r"<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_FEED = re.compile(r"<(?:\?xml|rss|feed)\b", re.IGNORECASE)
_JSON = re.compile(r'\{\s*"|\[\s*\{')
_QUOTED_STAMP = re.compile(r"^(?:>[ \t]?)+[*_]{0,2}posted\b", re.IGNORECASE | re.MULTILINE)
_QUOTE = re.compile(r"^(?:>[ \t]?)+", re.MULTILINE)
_MOST_CONTROLS = 0.02
_SHOWN = 60


class Line(NamedTuple):
    """One line of the file, without space at its end; `number` counts from 1."""

    number: int
    text: str


def read_lines(text: str, warnings: list[ReportWarning]) -> list[Line]:
    """The lines of a text: Unix line ends, plain spaces, stray control characters removed with a warning.

    Raises ReportError for a text that is empty, too large, binary or a web page.
    """
    if len(text) > LARGEST or len(text.encode(errors="surrogatepass")) > LARGEST:
        raise ReportError("The file is larger than 1 MB; a saved incident report is a few kB of text.")
    _refuse_binary(text)
    _refuse_other_forms(text.lstrip("\ufeff \t\r\n"))
    text = _INVISIBLE.sub("", _SPACE.sub(" ", _NEWLINE.sub("\n", text)))
    if _QUOTED_STAMP.search(text):
        text = _QUOTE.sub("", text)
        warnings.append(reading(1, 'the report is quoted in a mail; the ">" before its lines were taken off'))
    lines = [Line(number, _clean(number, raw, warnings)) for number, raw in enumerate(text.split("\n"), 1)]
    if not any(line.text for line in lines):
        raise ReportError("The file is empty.")
    return lines


def quoted(text: str, *, most: int = _SHOWN) -> str:
    """The text for a message: in quotes, one line, shortened to `most` characters."""
    flat = " ".join(text.split())
    return f'"{flat}"' if len(flat) <= most else f'"{flat[:most].rstrip()}…"'


def joined(lines: Iterable[Line]) -> str:
    """The lines as text: line breaks kept, one blank line between paragraphs, none around."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.text for line in lines)).strip("\n")


def span(lines: list[Line]) -> str:
    """`line 4` or `lines 4 to 7`, of lines that are not blank."""
    numbers = [line.number for line in lines if line.text]
    return f"line {numbers[0]}" if len(numbers) == 1 else f"lines {numbers[0]} to {numbers[-1]}"


def _refuse_other_forms(text: str) -> None:
    if _MARKUP.match(text):
        raise ReportError("This is a web page. Save or copy the page as plain text and import that.", line=1)
    if _FEED.match(text):
        message = "This is a feed. Open the incident that it links to, and save that page as plain text."
        raise ReportError(message, line=1)
    if _JSON.match(text):
        raise ReportError("This is JSON. import_statuspage reads saved documents of Statuspage.", line=1)


def _refuse_binary(text: str) -> None:
    controls = len(UNCLEAN.findall(text))
    nul = text.find("\0")
    if nul >= 0 or controls > max(8, _MOST_CONTROLS * len(text)):
        line = text.count("\n", 0, max(nul, 0)) + 1
        raise ReportError("This is not a text file. Save the report as plain text in UTF-8.", line=line)


def _clean(number: int, raw: str, warnings: list[ReportWarning]) -> str:
    found = UNCLEAN.findall(raw)
    if found:
        codes = ", ".join(sorted({f"U+{ord(each):04X}" for each in found}))
        warnings.append(reading(number, f"control characters were removed ({codes})"))
    if "\ufffd" in raw:
        warnings.append(reading(number, "a character could not be read; is the file in UTF-8?"))
    return UNCLEAN.sub("", raw).rstrip()
