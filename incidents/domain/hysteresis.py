"""When a probe's results become a verdict: one state machine with disjoint down and up rules (DESIGN 9).

Down after `threshold` consecutive failures; up again after `threshold` consecutive successes. What could not be
measured is inconclusive and never counts, in either direction.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from incidents.domain.outcomes import Health

REPROBE = timedelta(seconds=5)


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
    """

    verdict: Verdict = Verdict.UNKNOWN
    failures: int = 0
    troubles: int = 0
    answers: int = 0
    successes: int = 0
    since: datetime | None = None

    @property
    def latest(self) -> Health | None:
        """What the newest conclusive result said; None before there was one."""
        if self.failures:
            return Health.FAILED
        if self.troubles:
            return Health.DEGRADED
        return Health.OK if self.answers else None

    @property
    def is_uncertain(self) -> bool:
        """Whether the last results disagree with the verdict, so that the next probe should come early."""
        if self.verdict == Verdict.DOWN:
            return bool(self.answers)
        if self.verdict == Verdict.DEGRADED:
            return bool(self.failures or self.successes)
        return bool(self.troubles)


def step(track: Track, health: Health, *, at: datetime, threshold: int = 3) -> Track:
    """The track after one more result at `at`."""
    if health == Health.INCONCLUSIVE:
        return track
    is_well = health in (Health.OK, Health.WARNING)
    counted = replace(
        track,
        failures=track.failures + 1 if health == Health.FAILED else 0,
        troubles=0 if is_well else track.troubles + 1,
        answers=track.answers + 1 if health != Health.FAILED else 0,
        successes=track.successes + 1 if is_well else 0,
    )
    verdict = _verdict(counted, threshold)
    return counted if verdict == track.verdict else replace(counted, verdict=verdict, since=at)


def _verdict(track: Track, threshold: int) -> Verdict:
    if track.failures >= threshold:
        return Verdict.DOWN
    if track.successes >= threshold or (track.successes and track.verdict == Verdict.UNKNOWN):
        return Verdict.UP
    if track.troubles >= threshold and (track.verdict != Verdict.DOWN or track.answers >= threshold):
        return Verdict.DEGRADED
    return track.verdict
