"""The parts of a report's text: title, page, newest-first blocks that end in `Posted …`, footer line."""

import re
from dataclasses import dataclass, field

from incidents.domain.reports.affected import FOOTER_WORDS
from incidents.domain.reports.furniture import left_over, title_start
from incidents.domain.reports.lines import Line, quoted, span
from incidents.domain.reports.own_page import without_own_marks
from incidents.domain.reports.report import ReportError, ReportWarning, loss, reading
from incidents.domain.reports.stamps import Stamp, read_stamp, was_meant_as_stamp

MOST_UPDATES = 500
MAX_UNREAD_NAMED = 100
"""Times that cannot be read, each named by its line; more are counted."""

_REPORT_FOR = re.compile(
    r"[#*\s]*(?P<kind>incident|(?:scheduled\s+)?maintenance)\s+report\s+for\b(?P<page>.*)", re.IGNORECASE
)
_FOOTER = re.compile(rf"[*_\s]*{FOOTER_WORDS}", re.IGNORECASE)
_MARKS = re.compile(r"^#{1,6}\s+|[*_]{2}")


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one update and the time below them."""

    lines: list[Line]
    stamp: Stamp

    @property
    def line(self) -> int:
        """Where the block starts; the `Posted` line itself if nothing stands above it."""
        return next((line.number for line in self.lines if line.text), self.stamp.line)


@dataclass(slots=True)
class Layout:
    """What stands where, before anything is understood."""

    title: str = ""
    page_name: str | None = None
    blocks: list[Block] = field(default_factory=list)
    footer: Line | None = None
    is_markdown: bool = False
    """Whether the head is written with Markdown marks."""
    maintenance: int | None = None
    """The first line that says that this is maintenance."""


def lay_out(lines: list[Line], warnings: list[ReportWarning]) -> Layout:
    """Splits the text; every line that finds no place is named in a warning.

    Raises ReportError when no time can be read, or when the text holds two reports.
    """
    layout = Layout()
    body = _read_head(lines, layout, warnings)
    rest = _read_blocks(body, layout, warnings)
    _read_footer(rest, layout, warnings)
    return layout


def _read_head(lines: list[Line], layout: Layout, warnings: list[ReportWarning]) -> list[Line]:
    """Takes title and page; returns the lines below them."""
    first_time = next((index for index, line in enumerate(lines) if _ends_block(line)), len(lines))
    marks = [
        (index, found) for index, line in enumerate(lines) if (found := _REPORT_FOR.fullmatch(line.text))
    ]
    if not marks or marks[0][0] > first_time:
        return _read_bare_head(lines, layout, warnings)
    if marks[-1][0] > first_time:
        number = lines[marks[-1][0]].number
        raise ReportError("A second report starts here. Save each report in a file of its own.", line=number)
    index, found = marks[0]
    mark = lines[index]
    layout.page_name = _plain(found["page"]) or None
    layout.maintenance = None if found["kind"].lower() == "incident" else mark.number
    if not layout.page_name:
        warnings.append(reading(mark.number, "the line does not say for which page; it is unknown"))
    _read_title(lines[:index], mark, layout, warnings)
    return without_own_marks(lines[index + 1 :], warnings)


def _read_title(above: list[Line], mark: Line, layout: Layout, warnings: list[ReportWarning]) -> None:
    """The lines right above "Incident Report for …", however many; what a menu left above them is no title."""
    end = next((index + 1 for index in reversed(range(len(above))) if above[index].text), 0)
    start = title_start(above[:end], layout.page_name or "")
    layout.title = _plain(" ".join(line.text for line in above[start:end]))
    layout.is_markdown = any(_MARKS.match(line.text) for line in [*above[start:end], mark])
    if not layout.title:
        layout.title = f"Incident on {layout.page_name}" if layout.page_name else "Incident"
        message = f"no title stands above this line; it was called {quoted(layout.title)}"
        warnings.append(reading(mark.number, message))
    warnings += left_over(above[:start], layout.page_name or "", where="text above the title")


def _read_bare_head(lines: list[Line], layout: Layout, warnings: list[ReportWarning]) -> list[Line]:
    """A report without its "Incident Report for" line: the first line is the title, the page is unknown."""
    index = next(index for index, line in enumerate(lines) if line.text)
    if _ends_block(lines[index]):
        raise ReportError("The report has no title. Write one as the first line.", line=lines[index].number)
    layout.title = _plain(lines[index].text)
    message = (
        f'no line says "Incident Report for …"; the page is unknown and {quoted(layout.title)} is the title'
    )
    warnings.append(reading(lines[index].number, message))
    return lines[index + 1 :]


def _read_blocks(lines: list[Line], layout: Layout, warnings: list[ReportWarning]) -> list[Line]:
    """Takes the blocks; returns what stands below the last `Posted` line, and footers found between blocks."""
    current: list[Line] = []
    footers: list[Line] = []
    unread: list[Line] = []
    for line in lines:
        read = read_stamp(line.number, line.text)
        if read is not None:
            before, stamp = read
            layout.blocks.append(Block([*current, Line(line.number, before)], stamp))
            current = []
        elif was_meant_as_stamp(line.text):
            unread.append(line)
            if len(unread) <= MAX_UNREAD_NAMED:
                _warn_of_unread(line, current, warnings)
            current = []
        elif _FOOTER.match(line.text) and layout.blocks and not any(each.text for each in current):
            footers.append(line)
        else:
            current.append(line)
    if not layout.blocks:
        raise _no_times(lines, unread[0] if unread else None)
    if more := unread[MAX_UNREAD_NAMED:]:
        message = f"{len(more)} more times cannot be read, from here on; the updates above them were left out"
        warnings.append(loss(more[0].number, message))
    if len(layout.blocks) > MOST_UPDATES:
        raise ReportError(f"The report has {len(layout.blocks)} updates; {MOST_UPDATES} are the most.")
    return footers + current


def _read_footer(rest: list[Line], layout: Layout, warnings: list[ReportWarning]) -> None:
    start = next((index for index in reversed(range(len(rest))) if _FOOTER.match(rest[index].text)), None)
    left = rest
    if start is None:
        warnings.append(reading(layout.blocks[-1].stamp.line, 'no line says "This incident affected: …"'))
    else:
        end = _footer_end(rest, start)
        text = " ".join(line.text.strip() for line in rest[start:end])
        layout.footer = Line(rest[start].number, text)
        left = rest[:start] + rest[end:]
        if layout.footer.number < layout.blocks[-1].stamp.line:
            message = "updates stand below this line; they were read too"
            warnings.append(reading(layout.footer.number, message))
    warnings += left_over(left, layout.page_name or "", where="text that belongs to no update")


def _footer_end(rest: list[Line], start: int) -> int:
    """A long footer may have been wrapped: it goes on until a line ends in a full stop, or a blank line."""
    end = start + 1
    while end < len(rest) and rest[end].text and not rest[end - 1].text.endswith("."):
        end += 1
    return end


def _ends_block(line: Line) -> bool:
    return read_stamp(line.number, line.text) is not None or was_meant_as_stamp(line.text)


def _warn_of_unread(line: Line, above: list[Line], warnings: list[ReportWarning]) -> None:
    message = f"{quoted(line.text)} is no time that can be read (write Posted Oct 09, 2021 - 08:22 AEDT)"
    if any(each.text for each in above):
        words = quoted(" ".join(each.text for each in above))
        message += f"; the update above it was left out ({span(above)}): {words}"
    warnings.append(loss(line.number, message))


def _no_times(lines: list[Line], unread: Line | None) -> ReportError:
    how = 'Each update ends in a line such as "Posted Oct 09, 2021 - 08:22 AEDT".'
    if unread:
        return ReportError(f"{quoted(unread.text)} is no time that can be read. {how}", line=unread.number)
    last = lines[-1].number if lines else 1
    return ReportError(f'No "Posted" line was found down to here. {how}', line=last)


def _plain(text: str) -> str:
    """A heading without its Markdown marks."""
    return " ".join(_MARKS.sub("", text.strip()).split())
