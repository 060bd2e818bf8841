"""What staff are called for (DESIGN 9)."""

from enum import StrEnum


class Cause(StrEnum):
    """Why an alert is raised; each once a spell."""

    OPENED = "opened"
    """Probes have opened an incident, and nobody has spoken yet."""
    SUGGESTED = "suggested"
    """Probes have found what they may not say: of an incident that a person leads, or with a probe that announces
    nothing."""
    DUE = "due"
    """The promised next words are due in a few minutes."""
    BROKEN = "broken"
    """They are overdue."""
    WORK = "work"
    """A maintenance waits for a person to begin or to end it."""
    SILENT = "silent"
    """Nothing is measured any more."""
    CLOCK = "clock"
    """Half, or four fifths, of the time for something that is owed has gone."""
    BREACH = "breach"
    """Something that is owed was not done in time."""
    DIGEST = "digest"
    """Once a day: what is owed and open."""
    SWITCHED_OFF = "switched_off"
    """Something stored has failed twice in a sweep and was switched off there, or keeps failing."""
    CLOCK_SET = "clock_set"
    """The system clock was set by more than an hour, and what happens by time alone waits for a person."""
    UNSENT = "unsent"
    """What people are to be told has been waiting."""
