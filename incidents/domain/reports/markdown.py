"""Plain words as Markdown that prints exactly those words (Python-Markdown and CommonMark alike)."""

import re

_ANYWHERE = re.compile(r"[\\`*\[\]]|(?<![^\W_])_|_(?![^\W_])")
_ENTITY = re.compile(r"&(?=#|\w+;)")
_TAG = re.compile(r"<(?=[a-z/!?])", re.IGNORECASE)
_AT_START = re.compile(r"[#>+-]|!(?=!!)")
_NUMBER = re.compile(r"(?<=\d)[.)](?=\s|$)")
_RULE = re.compile(r"[~=]|[|:-][|:\s-]*$")
"""Fences, underlines and the rule below a table's head: their first sign becomes an entity."""
_BREAK = "  \n"


def as_markdown(text: str) -> str:
    """The text with every mark of Markdown escaped; its paragraphs and line breaks are kept.

    Space at the start of a line is dropped: four of them would make the line code.
    """
    paragraphs = re.split(r"\n{2,}", text.strip("\n"))
    return "\n\n".join(_BREAK.join(map(_line, each.split("\n"))) for each in paragraphs)


def _line(text: str) -> str:
    text = _TAG.sub("&lt;", _ENTITY.sub("&amp;", text.strip()))
    text = _ANYWHERE.sub(_escaped, text)
    if _RULE.match(text):
        return f"&#{ord(text[0])};{text[1:]}"
    if text[:1].isdigit() and text.split(maxsplit=1)[0][:-1].isdigit():
        return _NUMBER.sub(_escaped, text, count=1)
    return _escaped_start(text)


def _escaped_start(text: str) -> str:
    return f"\\{text}" if _AT_START.match(text) else text


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"
