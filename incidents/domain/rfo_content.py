"""What an RFO says beside its letter: sections, key times, windows, decisions, actions, timeline (DESIGN 12).

Every part bears the mark of those who may read it; `seen_by` is the one place where parts are left out. It is kept as
JSON, so that a published version stays what it was whatever becomes of the rows that it was drafted from.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from incidents.domain.audiences import Audience
from incidents.domain.frozen_json import from_json, to_json

MOST_SECTIONS = 40
MOST_ROWS = 100
"""Key times, windows, decisions and actions: so many of each."""
MOST_ENTRIES = 3_000
"""Rows of a timeline."""
LONGEST_LINE = 500
"""Characters of an owner, a source, a question."""
LONGEST_WORDS = 5_000
"""Characters of a decision's reasons or of one row of the timeline."""


class SectionKind(StrEnum):
    """The sections that an RFO may have, in the order in which they are printed."""

    SUMMARY = "summary"
    SERVICES = "services"
    IMPACT = "impact"
    ROOT_CAUSE = "root_cause"
    TRIGGER = "trigger"
    CONTRIBUTING = "contributing"
    DETECTION = "detection"
    WORKAROUNDS = "workarounds"
    KNOWN_ISSUES = "known_issues"
    CREDITS = "credits"
    CONTACTS = "contacts"
    NOTES = "notes"


class Moment(StrEnum):
    """The key times of an outage, in the order in which they come."""

    IMPACT_START = "impact_start"
    DETECTED = "detected"
    ACKNOWLEDGED = "acknowledged"
    FIRST_NOTICE = "first_notice"
    IDENTIFIED = "identified"
    RESTORED = "restored"
    RESOLVED = "resolved"


class Precision(StrEnum):
    """How well a time is known."""

    EXACT = "exact"
    APPROXIMATE = "approximate"
    UNKNOWN = "unknown"


class Emergency(StrEnum):
    """Whether calls to emergency services were hit."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class ActionState(StrEnum):
    """What became of a promise."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class ActionKind(StrEnum):
    """Corrective: mends what was broken. Preventive: keeps it from breaking again."""

    CORRECTIVE = "corrective"
    PREVENTIVE = "preventive"


@dataclass(frozen=True, slots=True)
class Section:
    """A part in Markdown."""

    kind: SectionKind
    body: str
    audience: Audience = Audience.PUBLIC


@dataclass(frozen=True, slots=True)
class KeyTime:
    """One of the moments that everybody asks for; `source` says where it is from."""

    what: Moment
    at: datetime | None = None
    precision: Precision = Precision.EXACT
    source: str = ""
    audience: Audience = Audience.PUBLIC


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time in which customers were hit; without an end it goes on."""

    begins: datetime
    ends: datetime | None = None
    what: str = ""
    source: str = ""
    audience: Audience = Audience.PUBLIC


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided while it lasted, by whom, between what, and why."""

    question: str
    decided: str
    by: str = ""
    options: str = ""
    why: str = ""
    audience: Audience = Audience.PUBLIC


@dataclass(frozen=True, slots=True)
class Action:
    """What is done so that it does not happen again."""

    what: str
    owner: str = ""
    due: date | None = None
    kind: ActionKind = ActionKind.PREVENTIVE
    state: ActionState = ActionState.OPEN
    audience: Audience = Audience.PUBLIC


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the timeline; `source` says which record it is from, empty for one that a person wrote."""

    at: datetime
    words: str
    source: str = ""
    audience: Audience = Audience.PUBLIC


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who was hit. `share` in words, such as "less than 1 % of registered users"; `count` people or lines."""

    share: str = ""
    count: int | None = None
    emergency: Emergency = Emergency.UNKNOWN
    audience: Audience = Audience.PUBLIC


@dataclass(frozen=True, slots=True)
class Content:
    """All of it. Nothing is needed: a letter alone is an RFO."""

    sections: tuple[Section, ...] = ()
    times: tuple[KeyTime, ...] = ()
    windows: tuple[Window, ...] = ()
    cohort: Cohort = field(default_factory=Cohort)
    decisions: tuple[Decision, ...] = ()
    actions: tuple[Action, ...] = ()
    timeline: tuple[Entry, ...] = ()

    def seen_by(self, reader: Audience) -> Self:
        """The same without what the reader may not see."""
        kept = {
            each.name: tuple(part for part in getattr(self, each.name) if reader.may_read(part.audience))
            for each in fields(self)
            if each.name != "cohort"
        }
        cohort = self.cohort if reader.may_read(self.cohort.audience) else Cohort()
        return replace(self, cohort=cohort, **kept)

    def only_for(self, audience: Audience) -> Self:
        """The parts that bear this very mark."""
        kept = {
            each.name: tuple(part for part in getattr(self, each.name) if part.audience == audience)
            for each in fields(self)
            if each.name != "cohort"
        }
        cohort = self.cohort if self.cohort.audience == audience else Cohort()
        return replace(self, cohort=cohort, **kept)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to print."""
        rest = (self.sections, self.times, self.windows, self.decisions, self.actions, self.timeline)
        return not any(rest) and not self.has_cohort

    @property
    def has_cohort(self) -> bool:
        """Whether anything is said of who was hit."""
        return replace(self.cohort, audience=Audience.PUBLIC) != Cohort()

    @property
    def lasted(self) -> timedelta:
        """How long customers were hit: all windows together, what overlaps counted once; open ones not at all."""
        total, reached = timedelta(), datetime.min.replace(tzinfo=UTC)
        for begins, ends in sorted((each.begins, each.ends) for each in self.windows if each.ends):
            total += max(timedelta(), ends - max(begins, reached))
            reached = max(reached, ends)
        return total

    def as_json(self) -> dict[str, Any]:
        """What is kept: only what is there, instants in UTC, so that the same content is the same bytes."""
        found: dict[str, Any] = to_json(self)
        if not self.has_cohort:
            del found["cohort"]
        return found

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Raises ValueError, naming the part, for anything that `as_json` would not have written."""
        made: Self = from_json(cls, found, "content")
        return made


def problems(content: Content) -> list[tuple[str, str]]:
    """What makes content unfit to be kept: (part, what to do) pairs."""
    found: list[tuple[str, str]] = []
    for name, most in (("sections", MOST_SECTIONS), ("timeline", MOST_ENTRIES)):
        if len(getattr(content, name)) > most:
            found.append((name, f"There may be {most:,} of them; attach the rest as a document."))
    for name in ("times", "windows", "decisions", "actions"):
        if len(getattr(content, name)) > MOST_ROWS:
            found.append((name, f"There may be {MOST_ROWS} of them."))
    named = [each.what for each in content.times]
    if len(set(named)) < len(named):
        found.append(("times", "Each key time is said once."))
    if any(each.ends and each.ends <= each.begins for each in content.windows):
        found.append(("windows", "A window ends after it begins. Check its day and its time."))
    return found
