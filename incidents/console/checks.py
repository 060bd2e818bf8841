"""One probe as staff see it: what it says, whether that still holds, and what comes next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from django.utils.safestring import SafeString

from incidents.domain.hysteresis import Verdict
from incidents.domain.outcomes import Health, Outcome, health_of
from incidents.domain.system_clocks import MAX_SKEW
from incidents.domain.tree import CheckView
from incidents.formatting.sparklines import known, milliseconds, sparkline_svg
from incidents.formatting.strips import strip_svg
from incidents.formatting.times import duration
from incidents.formatting.words import CHECK
from incidents.models import Probe
from incidents.models.trees import GRACE, check_view


class Need(IntEnum):
    """How much a probe needs a person: the smaller, the more."""

    DOWN = 0
    DEGRADED = 1
    INTERMITTENT = 2
    UNCONFIRMED = 3
    WARNING = 4
    NOTHING = 5
    MUTED = 6
    OFF = 7

    @property
    def is_trouble(self) -> bool:
        """Whether somebody should look."""
        return self <= Need.WARNING


@dataclass(frozen=True, slots=True)
class Check:
    """One probe at the instant `at`."""

    probe: Probe
    view: CheckView
    at: datetime

    @property
    def is_fresh(self) -> bool:
        """Whether its last result still vouches for anything."""
        return self.view.vouches_for(self.at)

    @property
    def state(self) -> str:
        """The verdict as shown: one that nothing confirms any more is unknown."""
        return self.view.verdict.value if self.is_fresh else Verdict.UNKNOWN.value

    @property
    def shown(self) -> str:
        """The state whose mark it wears in the matrix: off is unknown, intermittent as bad as impaired."""
        if not self.probe.enabled:
            return Verdict.UNKNOWN.value
        return Verdict.DEGRADED.value if self.is_intermittent else self.state

    @property
    def words(self) -> str:
        """`working`, `not working`, `intermittent`, `off`."""
        if not self.probe.enabled:
            return "off"
        if self.is_intermittent:
            return "intermittent"
        return CHECK[Verdict(self.state)] if self.probe.last_at else "not run yet"

    @property
    def is_intermittent(self) -> bool:
        """Whether it goes up and down so often that what it says at the moment means little."""
        return self.probe.flapping_since is not None and self.state in (Verdict.UP, Verdict.DEGRADED)

    @property
    def is_muted(self) -> bool:
        """Whether it opens nothing just now."""
        return is_muted(self.probe, at=self.at)

    @property
    def is_troubled(self) -> bool:
        """Whether what it measures now is bad."""
        return self.is_fresh and self.view.verdict in (Verdict.DOWN, Verdict.DEGRADED)

    @property
    def since(self) -> datetime | None:
        """The first of the results that led to what it says now."""
        if not self.probe.enabled:
            return None
        if self.is_intermittent:
            return self.probe.flapping_since
        if self.is_troubled and self.probe.trouble_since:
            return self.probe.trouble_since
        return self.probe.since if self.is_fresh else self.view.last_at

    @property
    def found(self) -> str:
        """What the last run found, for staff: `tls handshake: alert 42`, or the bare detail of a good one."""
        last = self.probe.last_outcome
        words = self.probe.last_detail
        if last and last != Outcome.OK:
            return ": ".join(filter(None, [last.replace("_", " "), words]))
        return words or ("ok" if last else "")

    @property
    def next(self) -> str:
        """`next in 24 s`, `due now`, `running`, `overdue by 4 min`, or nothing for one that is off."""
        if not self.probe.enabled:
            return ""
        if self.probe.leased_until and self.probe.leased_until > self.at:
            return "running"
        left = self.probe.next_due - self.at
        if left > timedelta():
            return f"next in {duration(left)}"
        return f"overdue by {duration(-left)}" if self.is_overdue else "due now"

    @property
    def is_overdue(self) -> bool:
        """Whether it should have run long ago: no worker runs, or it is far behind."""
        return self.probe.enabled and self.at - self.probe.next_due > lasting(self.probe)

    @property
    def strip(self) -> SafeString:
        """The last results."""
        return strip_svg(self.probe.name, self.probe.recent)

    @property
    def sparkline(self) -> SafeString:
        """The last latencies."""
        return sparkline_svg(self.probe.name, self.probe.latencies)

    @property
    def newest_latency(self) -> str:
        """`12 ms`; empty where the last run brought none."""
        newest = known(self.probe.latencies[-1:])
        return milliseconds(newest[0]) if newest else ""


def check(probe: Probe, *, at: datetime) -> Check:
    """The probe as staff see it."""
    return Check(probe, check_view(probe), at)


def lasting(probe: Probe) -> timedelta:
    """How long a result holds: three intervals and a grace."""
    return timedelta(seconds=3 * probe.interval_seconds) + GRACE


def is_muted(probe: Probe, *, at: datetime) -> bool:
    """Whether it opens nothing just now."""
    return probe.muted_until is not None and probe.muted_until > at


def need_of(probe: Probe, *, at: datetime) -> Need:
    """How much it needs a person; what was muted is known to somebody already."""
    if not probe.enabled:
        return Need.OFF
    if is_muted(probe, at=at):
        return Need.MUTED
    if probe.confirmed_at is None or not at - lasting(probe) <= probe.confirmed_at <= at + MAX_SKEW:
        return Need.UNCONFIRMED
    if probe.verdict in (Verdict.DOWN, Verdict.DEGRADED):
        return Need.DOWN if probe.verdict == Verdict.DOWN else Need.DEGRADED
    if probe.flapping_since:
        return Need.INTERMITTENT
    warns = bool(probe.confirmed_outcome) and health_of(Outcome(probe.confirmed_outcome)) == Health.WARNING
    return Need.WARNING if warns else Need.NOTHING
