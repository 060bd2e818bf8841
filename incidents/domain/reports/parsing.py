"""Reads a whole report: the one function that the doors call."""

from incidents.domain import zones
from incidents.domain.incidents import IncidentStatus
from incidents.domain.reports.affected import read_affected, says_maintenance
from incidents.domain.reports.instants import place
from incidents.domain.reports.layout import Layout, lay_out
from incidents.domain.reports.letter import read_letter
from incidents.domain.reports.lines import read_lines
from incidents.domain.reports.report import Report, ReportError, ReportRfo, ReportUpdate, ReportWarning
from incidents.domain.reports.updates import Entry, read_entries, read_updates
from incidents.domain.texts import NAME_LIMIT


def parse_report(text: str, *, zone: str | None = None) -> Report:
    """The incident that a saved Statuspage report tells.

    `zone` is the page's IANA zone; without it the abbreviations of the report's times decide. Raises ReportError
    for a text that is no report and zones.UnknownZone for a `zone` that is none; whatever else was guessed,
    corrected or left out is a warning of the report.
    """
    named = None if zone is None else zones.zone(zone)
    warnings: list[ReportWarning] = []
    layout = lay_out(read_lines(text, warnings), warnings)
    if len(layout.title) > NAME_LIMIT:
        raise ReportError(f"The title is longer than {NAME_LIMIT} characters: {layout.title[:40]}…")
    place_of_times, instants = place([block.stamp for block in layout.blocks], named, warnings)
    entries = read_entries(layout.blocks, instants, warnings)
    updates = read_updates(entries, warnings)
    _warn_of_maintenance(layout, entries, warnings)
    return Report(
        title=layout.title,
        page_name=layout.page_name,
        zone=place_of_times.key,
        updates=tuple(updates),
        affected=read_affected(layout.footer, warnings) if layout.footer else (),
        rfo=_rfo(entries, updates, layout),
        warnings=tuple(sorted(warnings)),
    )


def _rfo(entries: list[Entry], updates: list[ReportUpdate], layout: Layout) -> ReportRfo | None:
    statuses = [update.status for update in updates]
    if IncidentStatus.POSTMORTEM not in statuses:
        return None
    letter = entries[statuses.index(IncidentStatus.POSTMORTEM)]
    is_markdown = layout.is_markdown or any(entry.label and entry.label.markdown for entry in entries)
    body, name, title = read_letter(letter.lines, is_markdown=is_markdown)
    return ReportRfo(letter.at, body or letter.body, name, title)


def _warn_of_maintenance(layout: Layout, entries: list[Entry], warnings: list[ReportWarning]) -> None:
    """Names the first line that says so; the parser knows incidents only."""
    lines = [entry.line for entry in entries if entry.label and entry.label.of_maintenance]
    if layout.maintenance is not None:
        lines.append(layout.maintenance)
    if layout.footer and says_maintenance(layout.footer):
        lines.append(layout.footer.number)
    if lines:
        message = (
            "this is a maintenance; it was read as an incident (scheduled as investigating, in progress as"
        )
        warnings.append(
            ReportWarning(
                min(lines), f"{message} identified, verifying as monitoring, completed as resolved)"
            )
        )
