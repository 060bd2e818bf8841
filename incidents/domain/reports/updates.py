"""From blocks and their instants to the incident's updates, oldest first (DESIGN 7)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from incidents.domain.incidents import IncidentStatus
from incidents.domain.reports.labels import Label, take_label
from incidents.domain.reports.layout import Block
from incidents.domain.reports.letter import is_letter
from incidents.domain.reports.lines import Line, joined, quoted
from incidents.domain.reports.report import ReportError, ReportUpdate, ReportWarning, loss, reading
from incidents.domain.reports.statuses import infer_status
from incidents.domain.texts import RFO_LIMIT, UPDATE_LIMIT
from incidents.domain.zones import wall_clock

_LONGEST_SILENCE = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Entry:
    """A block whose instant is known and whose label has been taken off its lines."""

    at: datetime
    label: Label | None
    lines: list[Line]
    line: int

    @property
    def body(self) -> str:
        """Its words; those of the label where it has no other."""
        return joined(self.lines) or (self.label.name if self.label else "")


def read_entries(blocks: list[Block], instants: list[datetime], warnings: list[ReportWarning]) -> list[Entry]:
    """The blocks in the order of time, oldest first; what was out of order, empty or twice is warned of."""
    entries = []
    for block, at in zip(blocks, instants, strict=True):
        label, lines = take_label(block.lines)
        entry = Entry(at, label, lines, block.line)
        if not joined(lines):
            warnings.append(
                reading(entry.line, "the update has no words; the label was taken as its words")
                if label
                else loss(entry.line, "the update has no words; it was left out")
            )
        if entry.body:
            entries.append(entry)
    if not entries:
        raise ReportError("No update has any words.", line=blocks[0].line)
    return _without_repeats(_in_order(entries, warnings), warnings)


def read_updates(entries: list[Entry], warnings: list[ReportWarning]) -> list[ReportUpdate]:
    """The entries with their statuses: the label's, or inferred from the words and from what came before."""
    updates: list[ReportUpdate] = []
    letter: int | None = None
    before: IncidentStatus | None = None
    for index, entry in enumerate(entries):
        status = _status(entries, index, before)
        if status == IncidentStatus.POSTMORTEM:
            if letter is not None:
                updates[letter] = _demoted(updates[letter], entry, warnings)
            elif before is None or before.is_open:
                message = "this postmortem follows an incident that no update calls resolved"
                warnings.append(reading(entry.line, message))
            letter = index
        refuse_long(entry, status)
        updates.append(ReportUpdate(entry.at, status, entry.label is not None, entry.body, entry.line))
        before = status
    return updates


def _demoted(earlier: ReportUpdate, letter: Entry, warnings: list[ReportWarning]) -> ReportUpdate:
    """An incident has one postmortem; a letter before it is an update after the end."""
    message = f"the RFO is the later letter of line {letter.line}; this one was read as an update only"
    warnings.append(reading(earlier.line, message))
    return replace(earlier, status=IncidentStatus.RESOLVED)


def _status(entries: list[Entry], index: int, before: IncidentStatus | None) -> IncidentStatus:
    entry = entries[index]
    if entry.label and entry.label.incident_status:
        return entry.label.incident_status
    ended = before is not None and not before.is_open
    is_newest = index == len(entries) - 1
    if not entry.label and (ended or is_newest) and is_letter(entry.lines, after_the_end=ended):
        return IncidentStatus.POSTMORTEM
    if entry.label and before is not None:
        return before if before != IncidentStatus.POSTMORTEM else IncidentStatus.RESOLVED
    later = entries[index + 1 :]
    return infer_status(entry.lines, before=before, is_last=len(later) <= 1 and all(map(_is_rfo, later)))


def _is_rfo(entry: Entry) -> bool:
    if entry.label:
        return entry.label.status == IncidentStatus.POSTMORTEM
    return is_letter(entry.lines, after_the_end=True)


def _in_order(entries: list[Entry], warnings: list[ReportWarning]) -> list[Entry]:
    """Oldest first. The page is newest first; a report written the other way round is warned of once."""
    pairs = list(pairwise(entries))
    if pairs and all(above.at < below.at for above, below in pairs):
        warnings.append(reading(entries[0].line, "the report is oldest first; it was read so"))
        return entries
    for above, below in pairs:
        if below.at > above.at:
            message = f"this update is later ({_shown(below)}) than the one above it ({_shown(above)}); sorted by time"
            warnings.append(reading(below.line, message))
    from_below = entries[::-1]
    return sorted(from_below, key=lambda entry: entry.at)


def _without_repeats(entries: list[Entry], warnings: list[ReportWarning]) -> list[Entry]:
    kept = entries[:1]
    for entry in entries[1:]:
        last = kept[-1]
        if entry.at == last.at and entry.body == last.body:
            warnings.append(reading(entry.line, f"the update of line {last.line} again; left out"))
            continue
        if entry.at == last.at:
            message = f"the same time as the update of line {last.line}; both were kept"
            warnings.append(reading(entry.line, message))
        elif entry.at - last.at > _LONGEST_SILENCE:
            message = f"more than a year after the update of line {last.line}; is the date right?"
            warnings.append(reading(entry.line, message))
        kept.append(entry)
    return kept


def refuse_long(entry: Entry, status: IncidentStatus) -> None:
    """Raises ReportError for more words than an update, or an RFO, may hold."""
    size = len(entry.body.encode()) if status == IncidentStatus.POSTMORTEM else len(entry.body)
    limit = RFO_LIMIT if status == IncidentStatus.POSTMORTEM else UPDATE_LIMIT
    if size > limit:
        raise ReportError(
            f"The text {quoted(entry.body)} is {size:,} long; {limit:,} are allowed.", line=entry.line
        )


def _shown(entry: Entry) -> str:
    return f"{wall_clock(entry.at)} UTC"
