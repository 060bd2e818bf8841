"""Reads a whole report: the one function that the doors call."""

from datetime import datetime

from incidents.domain import zones
from incidents.domain.incidents import IncidentStatus
from incidents.domain.reports.affected import read_affected
from incidents.domain.reports.instants import place
from incidents.domain.reports.layout import Layout, lay_out
from incidents.domain.reports.letter import read_letter
from incidents.domain.reports.lines import read_lines
from incidents.domain.reports.planned import is_maintenance, read_planned, window_of
from incidents.domain.reports.report import (
    Report,
    ReportError,
    ReportRfo,
    ReportUpdate,
    ReportWarning,
)
from incidents.domain.reports.updates import Entry, read_entries, read_updates
from incidents.domain.texts import NAME_LIMIT


def parse_report(
    text: str,
    *,
    zone: str | None = None,
    begins: datetime | None = None,
    ends: datetime | None = None,
) -> Report:
    """The incident or the maintenance that a saved Statuspage report tells.

    `zone` is the page's IANA zone; without it the abbreviations of the report's times decide. `begins` and `ends` are
    the window of a maintenance whose report does not tell it. Raises ReportError for a text that is no report and
    zones.UnknownZone for a `zone` that is none; whatever else was guessed, corrected or left out is a warning of the
    report.
    """
    named = None if zone is None else zones.zone(zone)
    warnings: list[ReportWarning] = []
    layout = lay_out(read_lines(text, warnings), warnings)
    if len(layout.title) > NAME_LIMIT:
        raise ReportError(f"The title is longer than {NAME_LIMIT} characters: {layout.title[:40]}…")
    place_of_times, instants = place([block.stamp for block in layout.blocks], named, warnings)
    entries = read_entries(layout.blocks, instants, warnings)
    planned = is_maintenance(layout, entries, warnings)
    updates = read_planned(entries, warnings) if planned else read_updates(entries, warnings)
    if all(update.status == IncidentStatus.POSTMORTEM for update in updates):
        message = "The report holds an RFO and no update, so the beginning of its incident is not known. Attach it to"
        raise ReportError(f"{message} that incident: import_rfo FILE --incident CODE.", line=updates[0].line)
    return Report(
        title=layout.title,
        page_name=layout.page_name,
        zone=place_of_times.key,
        updates=tuple(updates),
        affected=read_affected(layout.footer, warnings) if layout.footer else (),
        rfo=_rfo(entries, updates, layout),
        warnings=tuple(sorted(warnings)),
        window=window_of(updates, begins, ends) if planned else None,
    )


def _rfo(entries: list[Entry], updates: list[ReportUpdate], layout: Layout) -> ReportRfo | None:
    statuses = [update.status for update in updates]
    if IncidentStatus.POSTMORTEM not in statuses:
        return None
    letter = entries[statuses.index(IncidentStatus.POSTMORTEM)]
    is_markdown = layout.is_markdown or any(entry.label and entry.label.markdown for entry in entries)
    body, name, title = read_letter(letter.lines, is_markdown=is_markdown)
    return ReportRfo(letter.at, body or letter.body, name, title)
