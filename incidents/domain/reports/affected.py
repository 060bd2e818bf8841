"""The footer line: `This incident affected: Group (Child, Child), Other, and Third.` (*affects*, while it goes on).

Statuspage joins two names with " and ", more with ", " and ", and ", the children of a group with ", ", and escapes
nothing; people leave the comma before "and" out. A name that holds "and", a comma or brackets therefore reads like
several names. What is done:

- A bracket ends a name, so "and" or a comma after it parts two names for certain.
- In a list with ", and " any other "and" belongs to a name.
- A lone "and" parts two names, "A, B and C" are three, and commas without any "and" belong to one name: the likely
  readings, each with a warning.
- The last brackets of a name hold its children; brackets within them belong to a child's name.
- A comma inside one of three or more names cannot be told from the list's own.
"""

import re

from incidents.domain.reports.lines import Line, quoted
from incidents.domain.reports.report import AffectedComponent, ReportError, ReportWarning, reading
from incidents.domain.texts import NAME_LIMIT

MOST_COMPONENTS = 500
FOOTER_WORDS = (
    r"this (?P<what>incident|(?:scheduled )?maintenance) (?:affected|affects|is affecting|will affect):"
)
"""How the line begins: in the past once it is over."""

_PREFIX = re.compile(rf"[*_\s]*{FOOTER_WORDS}[*_]*", re.IGNORECASE)
_LAST = ", and "
_AND = " and "


def says_maintenance(footer: Line) -> bool:
    """Whether the line speaks of maintenance."""
    found = _PREFIX.match(footer.text)
    return bool(found and found["what"].lower() != "incident")


def read_affected(footer: Line, warnings: list[ReportWarning]) -> tuple[AffectedComponent, ...]:
    """The components that the line names, in its order, each once."""
    text = " ".join(_PREFIX.sub("", footer.text, count=1).split()).removesuffix(".").strip()
    found: dict[AffectedComponent, None] = {}
    for item in _items(text, footer.number, warnings):
        for component in _components(item, footer.number, warnings):
            if component in found:
                warnings.append(reading(footer.number, f"{quoted(component.name)} is named twice"))
            found[component] = None
    if len(found) > MOST_COMPONENTS:
        raise ReportError(
            f"The line names {len(found)} components; {MOST_COMPONENTS} are the most.", line=footer.number
        )
    if not found:
        warnings.append(reading(footer.number, "the line names no component"))
    return tuple(found)


def _items(text: str, number: int, warnings: list[ReportWarning]) -> list[str]:
    """The names of the outer list, each with its brackets."""
    outer = _outer(text)
    if outer is None:
        warnings.append(reading(number, f"the brackets of {quoted(text)} do not match"))
        outer = text
    items, certain = _parted(text, outer)
    if not certain:
        names = ", ".join(quoted(item) for item in items)
        how_many = "one component" if len(items) == 1 else f"{len(items)} components"
        warnings.append(reading(number, f"read as {how_many}, {names}; correct it if it is not so"))
    return items


def _parted(text: str, outer: str) -> tuple[list[str], bool]:
    """The items and whether no other reading is likely."""
    if _LAST in outer:
        at = outer.rfind(_LAST)
        before = _split(text[:at], outer[:at], ", ")
        return [*before, text[at + len(_LAST) :]], len(before) > 1 and outer.count(_LAST) == 1
    parts = _split(text, outer, ", ")
    closed = all(part.endswith(")") for part in parts[:-1])
    if _AND not in outer:
        return (parts, True) if closed else ([text], False)
    *first, last = parts
    lasts, certain = _parted_by_and(last)
    if not first:
        return lasts, certain
    return [*first, *lasts], certain or any(part.endswith(")") for part in first)


def _parted_by_and(text: str) -> tuple[list[str], bool]:
    outer = _outer(text) or text
    if f"){_AND}" in outer:
        pieces = _split(text, outer, f"){_AND}")
        return [*(f"{piece})" for piece in pieces[:-1]), pieces[-1]], True
    at = outer.rfind(_AND)
    return ([text], True) if at < 0 else ([text[:at], text[at + len(_AND) :]], False)


def _components(item: str, number: int, warnings: list[ReportWarning]) -> list[AffectedComponent]:
    outer = _outer(item)
    group, children = item, [""]
    if outer is not None and item.endswith(")"):
        at = outer.rfind("(")
        group, inside = item[:at].strip(), item[at + 1 : -1]
        children = [child.strip() for child in _split(inside, _outer(inside) or inside, ", ")]
    for name in (group, *children):
        if len(name) > NAME_LIMIT:
            raise ReportError(f"{quoted(name)} is longer than {NAME_LIMIT} characters.", line=number)
    named = [AffectedComponent(group, child) for child in children if group and child]
    if not named:
        alone = group or ", ".join(filter(None, children))
        named = [AffectedComponent(None, alone)] if alone else []
        if item != alone and item:
            warnings.append(reading(number, f"{quoted(item)} was read as {quoted(alone)}"))
    return named


def _outer(text: str) -> str | None:
    """The text with what stands in brackets blotted out, so that positions stay; None if they do not match."""
    depth, shown = 0, []
    for each in text:
        depth -= each == ")"
        if depth < 0:
            return None
        shown.append("\0" if depth else each)
        depth += each == "("
    return None if depth else "".join(shown)


def _split(text: str, outer: str, separator: str) -> list[str]:
    """The text split where the separator stands outside brackets."""
    pieces, start = [], 0
    for part in outer.split(separator):
        pieces.append(text[start : start + len(part)])
        start += len(part) + len(separator)
    return pieces
