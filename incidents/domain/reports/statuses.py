"""Statuses that a report does not name, from the words of an update and the order of all (DESIGN 7, 8)."""

import re

from incidents.domain.incidents import OPEN_STATUSES, IncidentStatus
from incidents.domain.reports.lines import Line, joined

_A_FIX = r"(?:fix|solution|workaround|work-around|patch|change|remedy|repair)"
_ADVERBS = r"(?:now|also|since|fully|all|completely|successfully|already)"
_NOT = r"(?<!not )(?<!n't )(?<!n\u2019t )(?<!yet )(?<!not been )(?<!yet been )(?<!until )(?<!once )(?<!when )"
_ENDED = rf"(?:has|have|is|are|was|were)(?: {_ADVERBS}| been){{0,3}}"


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


_RESOLVED = _words(
    rf"\b(?:issues?|incident|problems?|outage|fault|this|it|these)(?: \w+){{0,4}} {_ENDED} resolved\b",
    r"\bwe(?: have|'ve|\u2019ve)(?: (?!not\b|yet\b)\w+){0,3} resolved\b",
)
_NOT_YET = _words(r"\b(?:until|once|when|after|if|whether|before)(?: (?:the|this|that|all|these|any))*\s*$")
_RESTORED = _words(
    rf"\b{_ENDED} (?:restored|fixed|cleared|closed)\b", r"\bback to normal\b", r"\bfully operational\b"
)
_NOT_ALL = _words(r"\bstill\b", r"\bremain(?:s|ing)?\b", r"\bpartial", r"\bhowever\b", r"\bbut\b")
_MONITORING = _words(
    rf"\b{_A_FIX}(?: \w+){{0,3}} (?:has|have|is|was)(?: {_ADVERBS}| been){{0,3}} "
    r"(?:implemented|applied|deployed|rolled out|put in place|in place|released)\b",
    rf"\bwe(?: have|'ve|\u2019ve)?(?: {_ADVERBS})? (?:implemented|applied|deployed|rolled out) "
    rf"(?:a|the|our) {_A_FIX}\b",
    r"\b(?:are|will|continue to|continuing to|be|now)(?: \w+){0,2} monitor(?:ing)?\b",
    r"^\W*monitoring\b",
)
_IDENTIFIED = _words(
    rf"{_NOT}\bidentified\b",
    rf"\bimplement(?:ing)? (?:a|the|our) {_A_FIX}\b",
    rf"\b{_A_FIX} is (?:now )?being\b",
    r"\b(?:cause|fault|problem|issue) (?:has been |was |is )?(?:found|located|isolated|traced|pinpointed)\b",
)
_WORKING = _words(r"\bwork(?:ing)? (?:to (?:resolve|fix|restore|repair|correct)|on (?:a|an|the) )")
_INVESTIGATING = _words(
    r"\binvestigat(?:e|ing|ion)\b",
    r"\blooking into\b",
    r"\baware of\b",
    r"\b(?:receiving|received|seeing) (?:\w+ )?reports\b",
)
_AGAIN = _words(r"\b(?:again|re-?open(?:ed|ing)?|recurr\w+|re-?occurr\w+|returned|re-?appeared)\b")


def infer_status(lines: list[Line], *, before: IncidentStatus | None, is_last: bool) -> IncidentStatus:
    """The status of an unlabelled update that follows one of status `before` (None for the oldest).

    `is_last` says that nothing, or only the postmortem, follows. The words decide; an update without telling words
    keeps the status before it, and the oldest is *investigating* then. An update takes the incident back only from
    *monitoring* (a fix that failed), or after its end if its words say that the fault came back.
    """
    text = " ".join(joined(lines).split())
    said = _said(text, is_last=is_last)
    if before is None:
        return said or IncidentStatus.INVESTIGATING
    if not before.is_open:
        return said if said in OPEN_STATUSES and _AGAIN.search(text) else IncidentStatus.RESOLVED
    if said is None or (said == IncidentStatus.INVESTIGATING and before == IncidentStatus.IDENTIFIED):
        return before
    return said


def _said(text: str, *, is_last: bool) -> IncidentStatus | None:
    """What the words say by themselves.

    While more follows, "resolved" is not the end if the same update is still monitoring or names what remains, and
    "restored" never is; as the last word both are.
    """
    monitoring, some_left = _MONITORING.search(text), _NOT_ALL.search(text)
    if _is_resolved(text) and (is_last or not (monitoring or some_left)):
        return IncidentStatus.RESOLVED
    if is_last and _RESTORED.search(text) and not (monitoring or some_left):
        return IncidentStatus.RESOLVED
    tests = (
        (IncidentStatus.MONITORING, monitoring),
        (IncidentStatus.IDENTIFIED, _IDENTIFIED.search(text)),
        (IncidentStatus.INVESTIGATING, _INVESTIGATING.search(text)),
        (IncidentStatus.IDENTIFIED, _WORKING.search(text)),
    )
    return next((status for status, found in tests if found), None)


def _is_resolved(text: str) -> bool:
    return any(
        not _NOT_YET.search(text[max(0, found.start() - 40) : found.start()])
        for found in _RESOLVED.finditer(text)
    )
