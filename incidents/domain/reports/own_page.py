"""What our own pages print around the updates of a report, so that a copy of such a page reads as the report."""

import re
from itertools import pairwise, takewhile

from incidents.domain.reports.labels import take_label
from incidents.domain.reports.lines import Line, quoted, span
from incidents.domain.reports.report import ReportWarning, furniture, loss

_FACT = re.compile(
    r"""
    (?: \s* (?:
        operational | degraded\ performance | partial\ outage | major\ outage | under\ maintenance | not\ confirmed
        | (?: investigating | identified | monitoring | resolved )
            (?: \ after\ (?: \d+\ (?:d|h|min|s)\b \s* )+ )?
        | scheduled | in\ progress | verifying | completed
        | next\ update\ by\ .{5,60}
        | .{0,40}\d{1,2}:\d{2}.{0,12}\ to\ .{0,40}\d{1,2}:\d{2}.{0,12}\ \([^()]{1,30}\)
    ) \s* )+
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""The lines below "Incident Report for …": how hard it hit, its state, the next promise, a window."""
_NUMBER = r"RFO-\d{4}-\d{3,}"
_LETTER = re.compile(rf"\s*reason for outage(?:\s+{_NUMBER})?\s*", re.IGNORECASE)
_LETTER_NUMBER = re.compile(rf"\s*(?:reason for outage\s+)?{_NUMBER}\s*", re.IGNORECASE)
_TAGS = re.compile(
    r"(?P<posted>\s*posted\b.*?\S)(?P<tags>(?:\s+(?:posted automatically|(?:added later,|edited)\s.{5,60}?))+)\s*",
    re.IGNORECASE,
)
_BEFORE = "What it said before"
_UNTIL = re.compile(r"\s*until\s.*\d:\d\d.*", re.IGNORECASE)


def without_own_marks(below: list[Line], warnings: list[ReportWarning]) -> list[Line]:
    """The lines below a report's head without what our page prints between head and updates, and within them.

    Any other page's report comes back as it is.
    """
    bare = _without_facts(below, warnings)
    return _without_earlier_words([_without_tags(line, warnings) for line in bare], warnings)


def _without_facts(lines: list[Line], warnings: list[ReportWarning]) -> list[Line]:
    """The RFO's heading becomes its label; the heading above the updates goes, as do the facts above both."""
    written = [index for index, line in enumerate(lines) if line.text]
    facts = list(takewhile(lambda index: _FACT.fullmatch(lines[index].text), written))
    rest = written[len(facts) :]
    letter = _heading_of_letter(lines, rest)
    left = [*(letter or []), *_heading_of_updates(lines, written if letter else rest[:2])]
    if not left:
        return lines
    gone = {*facts, *left}
    marks = [lines[index] for index in sorted(gone)]
    words = quoted(" ".join(line.text for line in marks), most=250)
    warnings.append(
        furniture(
            marks[0].number, f"what our page prints around the updates was left out ({span(marks)}): {words}"
        )
    )
    label = {letter[0]: Line(lines[letter[0]].number, "Reason for outage")} if letter else {}
    return [label.get(index, line) for index, line in enumerate(lines) if index not in gone or index in label]


def _heading_of_letter(lines: list[Line], rest: list[int]) -> list[int]:
    """Where "Reason for outage" and the RFO's number are, on one line or on two."""
    if not rest or not _LETTER.fullmatch(lines[rest[0]].text):
        return []
    return next((rest[: count + 1] for count in (0, 1) if _is_number(lines, rest[count : count + 1])), [])


def _is_number(lines: list[Line], at: list[int]) -> bool:
    return bool(at) and _LETTER_NUMBER.fullmatch(lines[at[0]].text) is not None


def _heading_of_updates(lines: list[Line], among: list[int]) -> list[int]:
    """The line "Updates" right above a state; the first one only."""
    for index, following in pairwise(among):
        if lines[index].text.strip() == "Updates" and take_label([lines[following]])[0]:
            return [index]
    return []


def _without_tags(line: Line, warnings: list[ReportWarning]) -> Line:
    found = _TAGS.fullmatch(line.text)
    if found is None:
        return line
    warnings.append(furniture(line.number, f"our page's note was left out: {quoted(found['tags'])}"))
    return Line(line.number, found["posted"])


def _without_earlier_words(lines: list[Line], warnings: list[ReportWarning]) -> list[Line]:
    """What an update said before follows its time where a reader opened it; else the heading of it alone."""
    kept: list[Line] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        if line.text.strip() != _BEFORE:
            kept.append(line)
            index += 1
            continue
        below = list(takewhile(lambda each: not each.text.lower().startswith("posted "), lines[index + 1 :]))
        last = max((place for place, each in enumerate(below, 1) if _UNTIL.fullmatch(each.text)), default=0)
        gone = lines[index : index + 1 + last]
        if last:
            words = quoted(" ".join(each.text for each in gone))
            warnings.append(
                loss(line.number, f"an update's earlier words were left out ({span(gone)}): {words}")
            )
        else:
            warnings.append(furniture(line.number, f"our page's note was left out: {quoted(_BEFORE)}"))
        index += len(gone)
    return kept
