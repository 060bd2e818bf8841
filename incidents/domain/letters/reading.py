"""A letter-style RFO as a draft's words: the letter as it is, its signature, and how its dates and times were read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from incidents.domain import zones
from incidents.domain.letters.dates import DateOrder, NumericDate, numeric_dates, order_of
from incidents.domain.letters.stated_zone import StatedZone, stated_zone
from incidents.domain.reports.affected import FOOTER_WORDS
from incidents.domain.reports.letter import read_letter
from incidents.domain.reports.lines import Line, quoted, read_lines, span
from incidents.domain.reports.report import ReportError, ReportWarning, WarningKind, furniture, loss, reading
from incidents.domain.reports.stamps import read_stamp

BEFORE = timedelta(days=60)
AFTER = timedelta(days=120)
"""Dates of a letter about an incident lie in this time before its beginning and after its end."""
_HEAD = re.compile(r"[#*\s]*incident\s+report\s+for\b.*", re.IGNORECASE)
_FOOTER = re.compile(rf"[*_\s]*{FOOTER_WORDS}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LetterContext:
    """What is known of the incident that a letter is about; instants in UTC."""

    title: str
    zone: ZoneInfo
    """The page's."""
    began: datetime
    ended: datetime

    @property
    def days(self) -> tuple[date, date]:
        """Between which days the dates of the letter are expected."""
        return (self.began - BEFORE).date(), (self.ended + AFTER).date()


@dataclass(frozen=True, slots=True)
class RfoLetter:
    """A letter that was read."""

    body: str
    """Markdown that prints the letter's own words; nothing in them is changed."""
    signature_name: str
    signature_title: str
    notes: tuple[str, ...]
    """How dates and times were read, one sentence each; empty where the letter has none in figures."""
    beside: tuple[str, ...]
    """The same without the letter's own words, which an internal text may not repeat: that would hold the RFO back."""
    warnings: tuple[ReportWarning, ...]

    @property
    def losses(self) -> tuple[ReportWarning, ...]:
        """What would be left out."""
        return tuple(each for each in self.warnings if each.kind == WarningKind.LOSS)


def read_rfo_letter(
    text: str,
    about: LetterContext,
    *,
    is_markdown: bool = False,
    order: DateOrder | None = None,
    zone: ZoneInfo | None = None,
) -> RfoLetter:
    """The RFO that a text holds. Raises ReportError for what is no letter, and for dates or a zone that stay open."""
    warnings: list[ReportWarning] = []
    lines = _without_frame(read_lines(text, warnings), about, warnings)
    body, name, title = read_letter(lines, is_markdown=is_markdown)
    if not body.strip():
        raise ReportError("The letter has no words.")
    dates = numeric_dates(lines)
    stated = stated_zone(lines, named=zone, page_zone=about.zone, at=about.began)
    found = order_of(dates, chosen=order, around=about.days, zone=about.zone)
    notes = list(_notes(dates, found, stated, about, warnings))
    printed, beside = tuple(each for each, _ in notes), tuple(each for _, each in notes)
    return RfoLetter(body, name, title, printed, beside, tuple(sorted(warnings)))


def _without_frame(lines: list[Line], about: LetterContext, warnings: list[ReportWarning]) -> list[Line]:
    """The letter alone: without the head of a saved page and the `Posted` line below, if that is all there is."""
    stamps = [line for line in lines if read_stamp(line.number, line.text)]
    last = next(line for line in reversed(lines) if line.text)
    footer = next((line for line in lines if _FOOTER.match(line.text)), None)
    if footer or len(stamps) > 1 or (stamps and stamps[0] != last):
        number = (footer or stamps[0]).number
        raise ReportError("This is a report with updates. Import it with import_incident.", line=number)
    if stamps:
        warnings.append(
            reading(last.number, f"{quoted(last.text)} says when the letter was posted; it is no part of it")
        )
        lines = lines[: lines.index(last)]
    return _without_head(lines, about, warnings)


def _without_head(lines: list[Line], about: LetterContext, warnings: list[ReportWarning]) -> list[Line]:
    head = next((index for index, line in enumerate(lines) if _HEAD.fullmatch(line.text)), None)
    if head is None:
        return lines
    above = [line for line in lines[: head + 1] if line.text]
    title = " ".join(" ".join(line.text.strip("#* ") for line in above[:-1]).split())
    known = title.lower() in {"", " ".join(about.title.lower().split())}
    make = furniture if known else loss
    message = f"the head of the page was left out ({span(above)}): {quoted(title or above[-1].text)}"
    warnings.append(make(above[0].number, message))
    return lines[head + 1 :]


def _notes(
    dates: list[NumericDate],
    order: DateOrder | None,
    stated: StatedZone,
    about: LetterContext,
    warnings: list[ReportWarning],
) -> Iterable[tuple[str, str]]:
    """Sentences for staff, since the letter's own words stay as they are: as printed, and as kept beside the letter."""
    if not dates:
        return
    zone = (
        f"{stated.name} ({_offset_words(stated)})"
        if stated.name
        else f"{stated.zone.key}, the zone of the page"
    )
    how = f"Dates in figures were read as {(order or DateOrder.DAY_FIRST).words}, times in {zone}."
    yield how, how
    is_near = False
    for each in dates:
        day = _nearest(each.read(order or DateOrder.DAY_FIRST, _years(about)), about)
        if day is None:
            warnings.append(reading(each.line, f"{quoted(each.text)} is no date that exists"))
            continue
        is_near = is_near or about.days[0] <= day <= about.days[1]
        shown = _shown(each, day, stated, warnings)
        in_utc = shown.rpartition(", ")[2] if shown.endswith(" UTC") else shown
        yield f"Line {each.line}: {each.text} is {shown}.", f"Line {each.line}: {in_utc}."
    if not is_near:
        began = f"{about.began:%Y-%m-%d}"
        message = f"no date of the letter lies near the incident of {began}; is it the right one?"
        warnings.append(reading(dates[0].line, message))


def _shown(each: NumericDate, day: date, stated: StatedZone, warnings: list[ReportWarning]) -> str:
    if each.at is None:
        return f"{day:%Y-%m-%d}"
    try:
        at = stated.instant(datetime.combine(day, each.at))
    except zones.LocalTimeError as error:
        warnings.append(reading(each.line, f"{error}"))
        return f"{day:%Y-%m-%d} {each.at:%H:%M}, which the clocks there do not show once"
    return f"{day:%Y-%m-%d} {each.at:%H:%M}, {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _nearest(days: list[date], about: LetterContext) -> date | None:
    return min(days, key=lambda day: abs(day - about.began.date()), default=None)


def _years(about: LetterContext) -> range:
    return range(about.days[0].year, about.days[1].year + 1)


def _offset_words(stated: StatedZone) -> str:
    if stated.offset is None:
        return stated.zone.key
    minutes = round(stated.offset.total_seconds() / 60)
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
