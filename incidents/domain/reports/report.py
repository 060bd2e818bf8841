"""What a saved incident report says, once read."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from incidents.domain.incidents import IncidentStatus


class ReportError(ValueError):
    """A text that is no report; the message names the line, where there is one, and what to do."""

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(message if line is None else f"Line {line}: {message}")
        self.line = line


class WarningKind(StrEnum):
    """What a warning means for what is written."""

    READING = "reading"
    """Nothing is missing: it says how something was read."""
    FURNITURE = "furniture"
    """Menus and buttons of the page around the report; they are left out."""
    LOSS = "loss"
    """Text of the report itself, which is left out only where somebody accepts that."""


@dataclass(frozen=True, slots=True, order=True)
class ReportWarning:
    """Something that was left out, guessed or corrected, at a line of the file (counted from 1).

    It is made by `reading`, `furniture` or `loss`, so that each says which of them it is.
    """

    line: int
    message: str
    kind: WarningKind

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


def reading(line: int, message: str) -> ReportWarning:
    """How something was read; nothing is missing."""
    return ReportWarning(line, message, WarningKind.READING)


def furniture(line: int, message: str) -> ReportWarning:
    """What the page around the report left in the file."""
    return ReportWarning(line, message, WarningKind.FURNITURE)


def loss(line: int, message: str) -> ReportWarning:
    """Text of the report that finds no place."""
    return ReportWarning(line, message, WarningKind.LOSS)


class AffectedComponent(NamedTuple):
    """A component of the footer line; `group` is None for one that stands alone."""

    group: str | None
    name: str


@dataclass(frozen=True, slots=True)
class ReportUpdate:
    """One update. `body` is plain text with its line breaks; of a postmortem it is the whole letter."""

    at: datetime
    """UTC."""
    status: IncidentStatus
    label_given: bool
    """Whether the report itself named the status; otherwise it was inferred."""
    body: str
    line: int
    """Where its block starts in the file."""


@dataclass(frozen=True, slots=True)
class ReportRfo:
    """The letter of the postmortem block: `body` and, below it, the two signature texts.

    `body` is Markdown that prints the letter's own words, salutation and closing ("Yours sincerely,") included;
    the signature lines are not in it. Both signature texts are empty where no signature was recognised.
    """

    at: datetime
    body: str
    signature_name: str
    signature_title: str


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report; `updates` are oldest first, the postmortem among them."""

    title: str
    page_name: str | None
    zone: str
    """IANA name."""
    updates: tuple[ReportUpdate, ...]
    affected: tuple[AffectedComponent, ...]
    rfo: ReportRfo | None
    warnings: tuple[ReportWarning, ...]
    window: tuple[datetime, datetime] | None = None
    """Of a maintenance: when the work began and ended, or is to; UTC."""

    @property
    def losses(self) -> tuple[ReportWarning, ...]:
        """What an import of this report would leave out."""
        return tuple(each for each in self.warnings if each.kind == WarningKind.LOSS)
