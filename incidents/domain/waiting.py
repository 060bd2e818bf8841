"""How long customers have been without words: calm, then amber, then red."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SOON = timedelta(minutes=5)
"""This long before the promised instant the card turns amber."""
SILENCE = timedelta(minutes=30)
"""Without a promise an open incident is amber after this long and red after twice that."""
ROUND = timedelta(minutes=5)


def promised(at: datetime, *, minutes: int) -> datetime:
    """So many minutes from `at`, up to the next five: nobody promises 19:43."""
    then = at + timedelta(minutes=minutes)
    past = timedelta(minutes=then.minute % 5, seconds=then.second, microseconds=then.microsecond)
    return then + (ROUND - past if past else timedelta())


class Tone(StrEnum):
    """The colour's meaning, not the colour."""

    CALM = "calm"
    DUE = "due"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Since when customers have read nothing new, and what they were promised."""

    since: datetime
    promised: datetime | None
    at: datetime

    @property
    def tone(self) -> Tone:
        """Red once a promise is broken."""
        late = self.promised or self.since + 2 * SILENCE
        due = late - (SOON if self.promised else SILENCE)
        if self.at >= late:
            return Tone.LATE
        return Tone.DUE if self.at >= due else Tone.CALM

    @property
    def silent_for(self) -> timedelta:
        """Since the last public words."""
        return max(self.at - self.since, timedelta())

    @property
    def left(self) -> timedelta:
        """Until the promise falls due; how far it is overdue once `tone` says late."""
        return abs((self.promised or self.at) - self.at)
