"""The letter of a postmortem: what makes one, and its closing and signature (DESIGN 12)."""

import re

from incidents.domain.reports.lines import Line, joined
from incidents.domain.reports.markdown import as_markdown

_LONG = 500
"""Characters; in the reports that were read no status update after the end came near it and no RFO was shorter."""
_SHORT = 200
"""Below this even a signed text is a note."""
_PARAGRAPHS = 3
_HEADED = re.compile(
    r"[#*\s]*(?:dear\b|reason for outage\b|rfo\b|post[- ]?mortem\b|root cause\b|incident (?:summary|report)\b)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:yours )?(?:sincerely|faithfully|truly|respectfully)(?: yours)?[,.]?"
    r"|(?:(?:with|my|our|kind|kindest|best|warm|warmest|many|sincere)\s+){0,3}(?:regards|wishes|thanks)[,.]?"
    r"|thank you[,.]?|cheers[,.]?|signed[,:]?",
    re.IGNORECASE,
)
_MOST_SIGNATURE_LINES = 4
_LONGEST_SIGNATURE_LINE = 80


def is_letter(lines: list[Line], *, after_the_end: bool) -> bool:
    """Whether an unlabelled block is the RFO's letter.

    After the incident has ended, a long text of several paragraphs is one, and a shorter one with a letter's
    heading or signature; before the end only a long text with either.
    """
    text = joined(lines)
    is_long = len(text) >= _LONG and text.count("\n\n") >= _PARAGRAPHS - 1
    has_form = bool(_HEADED.match(text)) or _closing_index(lines) is not None
    if after_the_end:
        return is_long or (has_form and len(text) >= _SHORT)
    return is_long and has_form


def read_letter(lines: list[Line], *, is_markdown: bool) -> tuple[str, str, str]:
    """The letter as Markdown up to its closing line, the signatory's name and title.

    Where no closing line is recognised both are empty and the body is the whole letter. A title of several lines
    joins with ", ".
    """
    index = _closing_index(lines)
    signature = [line.text.strip() for line in lines[index + 1 :] if line.text] if index is not None else []
    body = joined(lines if index is None else lines[: index + 1])
    name, title = (signature[0], ", ".join(signature[1:])) if signature else ("", "")
    if is_markdown:
        name, title = (text.strip("*_ ") for text in (name, title))
    return body if is_markdown else as_markdown(body), name, title


def _closing_index(lines: list[Line]) -> int | None:
    """The line of "Yours sincerely," if nothing but a short signature follows it."""
    for index in reversed(range(len(lines))):
        if _CLOSING.fullmatch(lines[index].text.strip()):
            below = [line.text for line in lines[index + 1 :] if line.text]
            short = all(len(text) <= _LONGEST_SIGNATURE_LINE for text in below)
            return index if 0 < len(below) <= _MOST_SIGNATURE_LINES and short else None
    return None
