"""When a probe's results become a verdict: one state machine with disjoint down and up rules (DESIGN 9).

Down after `threshold` consecutive failures; up again after `threshold` consecutive successes; degraded only after two
more, since a lost packet that was sent again is no outage. What could not be measured is inconclusive and never counts,
in either direction. What turns again and again is intermittent: it is neither up nor down until it has been well for a
quarter of an hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType

from incidents.domain.outcomes import Health

REPROBE = timedelta(seconds=5)
QUIET = timedelta(minutes=15)
"""Turns within it are counted, and so long it must be well before it is no longer intermittent."""
MOST_TURNS = 4
LOOKED_AT, MOST_FAILED, MOST_CHANGES = 20, 6, 6
RECENT = 60
"""So many results are remembered, a letter each."""
PATIENT = 2
"""So many results more make degraded, and so many times as many failures make down of what is intermittent."""

LETTERS = MappingProxyType(
    {
        Health.OK: "o",
        Health.WARNING: "w",
        Health.DEGRADED: "d",
        Health.FAILED: "f",
        Health.INCONCLUSIVE: "i",
    }
)


class Verdict(StrEnum):
    """What we believe of a probe's target."""

    UNKNOWN = "unknown"
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Track:
    """What is remembered between results; persisted whole, so that a restart forgets nothing.

    `failures`, `troubles`, `answers` and `successes` count consecutive results: failed; not ok; not failed; ok.
    `since` is of the verdict. `trouble_since` is the first of the results that were not ok, until it is up again,
    `quiet_since` the first of the present run of good ones. `turns` are the newest changes of the verdict, `recent` the
    last results as letters, oldest first.
    """

    verdict: Verdict = Verdict.UNKNOWN
    failures: int = 0
    troubles: int = 0
    answers: int = 0
    successes: int = 0
    since: datetime | None = None
    trouble_since: datetime | None = None
    quiet_since: datetime | None = None
    flapping_since: datetime | None = None
    turns: tuple[datetime, ...] = ()
    recent: str = ""

    @property
    def latest(self) -> Health | None:
        """What the newest conclusive result said; None before there was one."""
        if self.failures:
            return Health.FAILED
        if self.troubles:
            return Health.DEGRADED
        return Health.OK if self.answers else None

    @property
    def is_flapping(self) -> bool:
        """Whether it is intermittent."""
        return self.flapping_since is not None

    @property
    def is_uncertain(self) -> bool:
        """Whether the last results disagree with the verdict, so that the next probe should come early."""
        if self.verdict == Verdict.DOWN:
            return bool(self.answers)
        if self.is_flapping:
            return bool(self.failures)
        if self.verdict == Verdict.DEGRADED:
            return bool(self.failures or self.successes)
        return bool(self.troubles)


def step(track: Track, health: Health, *, at: datetime, threshold: int = 3) -> Track:
    """The track after one more result at `at`."""
    recent = (track.recent + LETTERS[health])[-RECENT:]
    if health == Health.INCONCLUSIVE:
        return replace(track, recent=recent)
    is_well = health in (Health.OK, Health.WARNING)
    counted = replace(
        track,
        failures=track.failures + 1 if health == Health.FAILED else 0,
        troubles=0 if is_well else track.troubles + 1,
        answers=track.answers + 1 if health != Health.FAILED else 0,
        successes=track.successes + 1 if is_well else 0,
        trouble_since=track.trouble_since if is_well else track.trouble_since or at,
        quiet_since=(track.quiet_since or at) if is_well else None,
        recent=recent,
    )
    counted = _flapping(counted, at=at)
    verdict = _verdict(counted, threshold)
    if verdict != track.verdict:
        turns = () if track.verdict == Verdict.UNKNOWN else (*track.turns, at)[-2 * MOST_TURNS :]
        counted = _flapping(replace(counted, verdict=verdict, since=at, turns=turns), at=at)
        counted = replace(counted, verdict=_verdict(counted, threshold))
    if verdict == Verdict.UP and is_well:
        counted = replace(counted, trouble_since=None)
    return counted


def _flapping(track: Track, *, at: datetime) -> Track:
    """Begin or end being intermittent."""
    if not track.is_flapping:
        newest = [turn for turn in track.turns if at - turn <= QUIET]
        if len(newest) >= MOST_TURNS or _alternates(track.recent):
            return replace(track, flapping_since=at)
        return track
    is_quiet = track.quiet_since is not None and at - track.quiet_since >= QUIET
    if is_quiet and not _alternates(track.recent):
        return replace(track, flapping_since=None, turns=())
    return track


def _alternates(recent: Sequence[str]) -> bool:
    """Whether of the last results many failed, but never in one piece: an outage and its end alternate but once."""
    seen = [letter == "f" for letter in recent if letter != "i"][-LOOKED_AT:]
    changes = sum(before != after for before, after in pairwise(seen))
    return sum(seen) >= MOST_FAILED and changes >= MOST_CHANGES


def _verdict(track: Track, threshold: int) -> Verdict:
    if track.is_flapping:
        return _intermittent(track, threshold)
    if track.failures >= threshold:
        return Verdict.DOWN
    if track.successes >= threshold or (track.successes and track.verdict == Verdict.UNKNOWN):
        return Verdict.UP
    if track.troubles >= threshold + PATIENT and (
        track.verdict != Verdict.DOWN or track.answers >= threshold
    ):
        return Verdict.DEGRADED
    return track.verdict


def _intermittent(track: Track, threshold: int) -> Verdict:
    """Degraded whatever single results say, and down only when it has stopped coming back."""
    if track.failures >= threshold * PATIENT * PATIENT:
        return Verdict.DOWN
    if track.verdict == Verdict.DOWN and track.answers < threshold:
        return Verdict.DOWN
    return Verdict.DEGRADED
