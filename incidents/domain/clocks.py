"""Communication clocks: what is owed to whom, from which moment on, by when (DESIGN 12, `rfo-practice.md` 3).

A preset is a set of obligations with its source. Rules of regulators are data that age: each preset says when it was
checked and how certain it is, and nothing here claims that following it is compliance.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from incidents.domain.workdays import add_workdays


class Anchor(StrEnum):
    """The moment from which a time runs."""

    STARTED = "started"
    DETECTED = "detected"
    CARRIER_NOTICE = "carrier_notice"
    REPORTABLE = "reportable"
    FIRST_CONTACT = "first_contact"
    NOTIFIED = "notified"
    RESTORED = "restored"
    RESOLVED = "resolved"
    FINAL_RFO = "final_rfo"


class Duty(StrEnum):
    """What has to be done. The first five are seen to be done; the others a person ticks off."""

    FIRST_NOTICE = "first_notice"
    UPDATES = "updates"
    RESOLVED_NOTICE = "resolved_notice"
    PRELIMINARY_RFO = "preliminary_rfo"
    FINAL_RFO = "final_rfo"
    ACTION_REVIEW = "action_review"
    RESPONSE = "response"
    AUTHORITY = "authority"
    PARTNERS = "partners"
    EMERGENCY = "emergency"


SEEN = frozenset(
    {
        Duty.FIRST_NOTICE,
        Duty.UPDATES,
        Duty.RESOLVED_NOTICE,
        Duty.PRELIMINARY_RFO,
        Duty.FINAL_RFO,
        Duty.RESPONSE,
    }
)
"""Duties whose fulfilment the record itself shows."""


class Certainty(StrEnum):
    """How sure we are of a rule."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    PRACTICE = "practice"
    """No rule at all: what good carriers do."""


@dataclass(frozen=True, slots=True)
class Obligation:
    """One thing owed. `minutes` after the anchor, or so many `workdays`; `every` minutes as long as it lasts."""

    key: str
    duty: Duty
    anchor: Anchor
    title: str
    minutes: int | None = None
    workdays: int | None = None
    every: int | None = None
    after_minutes: int | None = None
    """Of a cadence: from so long after the anchor on it is `then_every`."""
    then_every: int | None = None
    every_minor: int | None = None
    """Of a cadence: as long as the impact is minor or none."""
    channel: str = ""
    content: tuple[str, ...] = ()
    """What the words must hold."""
    is_ours: bool = False
    """The rule says "as soon as practicable"; the figure is a house target."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A named set of obligations, as a page keeps and edits it."""

    key: str
    title: str
    source: str
    checked_on: date
    certainty: Certainty
    applies: str
    obligations: tuple[Obligation, ...]


def due_at(
    obligation: Obligation,
    anchor: datetime,
    *,
    zone: ZoneInfo,
    holidays: Collection[date] = (),
) -> datetime | None:
    """When an obligation that is met once has to be met; None where its time is unknown."""
    if obligation.minutes is not None:
        return anchor + timedelta(minutes=obligation.minutes)
    if obligation.workdays is not None:
        return add_workdays(anchor, obligation.workdays, zone, holidays)
    return None


def cadence(obligation: Obligation, anchor: datetime, spoken: datetime, *, is_minor: bool) -> datetime | None:
    """When the next of regular words is due, after words at `spoken`."""
    if obligation.every is None:
        return None
    minutes = obligation.every
    if is_minor and obligation.every_minor is not None:
        minutes = obligation.every_minor
    late = timedelta(minutes=obligation.after_minutes) if obligation.after_minutes is not None else None
    if late is not None and obligation.then_every is not None and spoken - anchor >= late:
        minutes = obligation.then_every
    return spoken + timedelta(minutes=minutes)


WARNINGS = (50, 80, 100)
"""Per cent of the time, at each of which staff are warned once; the last is the breach itself."""


def used(anchor: datetime, due: datetime, *, at: datetime) -> int:
    """How much of the time has gone, in whole per cent; more than 100 once it is over."""
    whole = due - anchor
    if whole <= timedelta():
        return 100 if at >= due else 0
    return max(0, int((at - anchor) / whole * 100))


def warning(anchor: datetime, due: datetime, *, at: datetime) -> int:
    """The highest of WARNINGS that is reached; 0 before the first."""
    gone = used(anchor, due, at=at)
    return max((each for each in WARNINGS if gone >= each), default=0)
