"""What a saved incident report says, once read."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from incidents.domain.incidents import IncidentStatus


class ReportError(ValueError):
    """A text that is no report; the message names the line, where there is one, and what to do."""

    def __init__(self, message: str, *, line: int | None = None) -> None:
        super().__init__(message if line is None else f"Line {line}: {message}")
        self.line = line


@dataclass(frozen=True, slots=True, order=True)
class ReportWarning:
    """Something that was left out, guessed or corrected, at a line of the file (counted from 1)."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


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
