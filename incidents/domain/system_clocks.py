"""Whether the wall clock was set: what it shows, compared with the time that the machine has run since.

Monotonic time only runs. Where the wall clock moved by another amount between two readings, somebody set it, a
hypervisor stopped the machine, or a snapshot was restored. After a restart of the machine there is nothing to compare
with: then a time before the last reading is certainly wrong, and one after it is how long the machine was off, unless
that is more than a week and nothing synchronises the clock.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MAX_STEP = timedelta(hours=1)
"""A greater step holds whatever happens by time alone, until the clock is right again or a person says that it is."""
MIN_SET_BACK = timedelta(seconds=2)
"""A smaller one is a correction that no engine notices."""
MAX_SKEW = timedelta(seconds=15)
"""So far the clocks of two machines may differ. A time further ahead was written before the clock was set back."""
MAX_OFF = timedelta(days=7)
"""So long a machine without a synchronised clock may have been off before its time has to be confirmed."""


@dataclass(frozen=True, slots=True)
class ClockReading:
    """Both clocks of a machine at one instant; `boot` names its run, `running` are the seconds of it."""

    boot: str
    wall: datetime
    running: float
    is_synchronised: bool = False


@dataclass(frozen=True, slots=True)
class ClockRecord:
    """What is remembered between readings. `drift` is how far the clock shows another time than was expected.

    `is_estimate`: the expectation comes from an earlier run of the machine, so the clock may be ahead of it.
    """

    wall: datetime
    running: float
    drift: timedelta = timedelta()
    is_estimate: bool = False

    def step_to(self, reading: ClockReading) -> timedelta:
        """How far the clock was set since then; negative when it was set back."""
        return reading.wall - self.wall - timedelta(seconds=reading.running - self.running)

    def is_doubted(self, reading: ClockReading) -> bool:
        """Whether the clock is too far from what was expected to act upon."""
        drift = self.drift + self.step_to(reading)
        if drift < -MAX_STEP:
            return True
        if self.is_estimate and (reading.is_synchronised or drift <= MAX_OFF):
            return False
        return drift > MAX_STEP

    def expected(self, reading: ClockReading) -> datetime:
        """What the clock would show, had it not been set; after a restart the least that it could show."""
        return reading.wall - self.drift - self.step_to(reading)

    def after(self, reading: ClockReading) -> "ClockRecord":
        """What is remembered after one more reading: a clock within bounds is the one to compare with next."""
        if not self.is_doubted(reading):
            return ClockRecord(reading.wall, reading.running)
        drift = self.drift + self.step_to(reading)
        return replace(self, wall=reading.wall, running=reading.running, drift=drift)
