"""Plain text as small Markdown that shows the same: for what a machine found and a person goes on writing."""

import re

_ADDRESS = r"<(?=[A-Za-z][A-Za-z0-9+.\-]{1,31}:[^<>\x00-\x20]*>|[^\s<>@]+@[^\s<>]+>)"
_MARKS = re.compile(
    rf"""
    (?P<before>\\(?=[!-/:-@\[-`{{-~]|\n|\Z) | ` | \*(?=\*) | (?<=\*)\* | \](?=\() | {_ADDRESS})
    | ^(?P<indent>[ \t]*(?:\d{{1,9}}(?=[.)](?:[ \t]|$)))?)(?P<mark>[-+*](?=[ \t]|$)|(?<=\d)[.)]|~(?=~~))
    """,
    re.MULTILINE | re.VERBOSE,
)


def as_markdown(text: str) -> str:
    r"""The text with a `\` before each mark that would mean something: `**x**` becomes `\*\*x\*\*`."""
    return _MARKS.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    mark = found["before"] or found["mark"]
    return f"{found['indent'] or ''}\\{mark}"
