"""A report of planned work: its own states, and the window that it tells by them or leaves open."""

import re
from datetime import datetime

from incidents.domain.incidents import IncidentStatus
from incidents.domain.reports.affected import says_maintenance
from incidents.domain.reports.layout import Layout
from incidents.domain.reports.lines import quoted
from incidents.domain.reports.report import ReportError, ReportUpdate, ReportWarning, reading
from incidents.domain.reports.updates import Entry, refuse_long

_BEGUN = re.compile(
    r"\b(?:maintenance|work)(?: \w+){0,3} (?:currently |now )?(?:in progress|under ?way|begun|started)\b",
    re.I,
)
_VERIFYING = re.compile(r"\bverif(?:ication is|ying)\b", re.IGNORECASE)
_DONE = re.compile(
    r"\b(?:maintenance|work)(?: \w+){0,3} (?:has been|is|was) (?:now |successfully )?(?:completed?|finished)\b",
    re.I,
)


def is_maintenance(layout: Layout, entries: list[Entry], warnings: list[ReportWarning]) -> bool:
    """Whether the report tells of planned work: its head or its footer says so, or none but a maintenance's states.

    An incident's report with single states of maintenance stays an incident, with a warning.
    """
    labels = [entry.label for entry in entries if entry.label]
    planned = [entry for entry in entries if entry.label and entry.label.of_maintenance]
    if layout.maintenance is not None or (layout.footer and says_maintenance(layout.footer)):
        return True
    if planned and not any(label.of_incident for label in labels):
        return True
    for entry in planned:
        name = quoted(entry.label.name if entry.label else "")
        message = (
            f"{name} is a state of maintenance, and this report is of an incident; read as its counterpart"
        )
        warnings.append(reading(entry.line, message))
    return False


def read_planned(entries: list[Entry], warnings: list[ReportWarning]) -> list[ReportUpdate]:
    """The entries with the states of a maintenance. Raises ReportError for one that only an incident has."""
    updates: list[ReportUpdate] = []
    before = IncidentStatus.SCHEDULED
    for entry in entries:
        before = _state(entry, before, warnings)
        refuse_long(entry, before)
        updates.append(ReportUpdate(entry.at, before, entry.label is not None, entry.body, entry.line))
    return updates


def window_of(
    updates: list[ReportUpdate], begins: datetime | None, ends: datetime | None
) -> tuple[datetime, datetime]:
    """When the work began and ended, by its own states where nothing else is known. Raises ReportError.

    Work that no update calls in progress, or completed, has a beginning or an end that only a person knows.
    """
    working = [index for index, update in enumerate(updates) if update.status.is_in_force]
    over = [each.at for each in updates[working[-1] + 1 :] if each.status.is_over] if working else []
    begins = begins or (updates[working[0]].at if working else None)
    ends = ends or (over[0] if over else None)
    if begins is None:
        message = "No update says that the work is in progress, so its beginning is not known. Give it with --begins"
        raise ReportError(f"{message} and its end with --ends.", line=updates[0].line)
    if ends is None:
        message = "No update says that the work is completed, so its end is not known. Give it with --ends."
        raise ReportError(message, line=updates[-1].line)
    if begins >= ends:
        raise ReportError("The work would end before it begins. Check --begins and --ends.")
    return begins, ends


def _state(entry: Entry, before: IncidentStatus, warnings: list[ReportWarning]) -> IncidentStatus:
    label = entry.label
    if label is None:
        return _said(entry, before)
    if label.of_incident:
        message = f"{quoted(label.name)} is no state of maintenance, and the report says that it is one."
        raise ReportError(message, line=entry.line)
    if label.status == IncidentStatus.POSTMORTEM:
        warnings.append(reading(entry.line, "a maintenance has no RFO; its words were read as an update"))
        return before
    return label.status or before


def _said(entry: Entry, before: IncidentStatus) -> IncidentStatus:
    """The state by the words that Statuspage puts ready; other words keep the state before them."""
    text = " ".join(entry.body.split())
    if _DONE.search(text):
        return IncidentStatus.COMPLETED
    if _VERIFYING.search(text):
        return IncidentStatus.VERIFYING
    return IncidentStatus.IN_PROGRESS if _BEGUN.search(text) else before
