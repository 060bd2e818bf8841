"""When a probe runs next: slots of a fixed cadence, each probe at its own place within them (DESIGN 9).

A slot depends on the clock and the probe alone, not on how long the last run took: a run that was late does not push
the next, a prober that slept has nothing to catch up, and a clock that jumps finds its slots again.
"""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

LEASE = timedelta(seconds=60)
"""Longer than any batch lasts: after it, a claim of a dead process is void."""
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_STEPS = 1 << 32


def share(code: str) -> float:
    """Where in its interval a probe runs, 0 to below 1, from its code: thousands that were made at once spread."""
    return int.from_bytes(blake2b(code.encode(), digest_size=4).digest()) / _STEPS


def next_slot(code: str, interval: timedelta, *, after: datetime) -> datetime:
    """The first slot of the probe called `code` that leaves a sixth of the interval after `after` at least."""
    place = EPOCH + interval * share(code)
    passed = (after + interval / 6 - place) // interval
    return place + interval * (passed + 1)


def is_lost(next_due: datetime, interval: timedelta, *, at: datetime) -> bool:
    """Whether a run lies farther ahead than any slot: the clock has been set back since it was planned."""
    return next_due > at + 2 * interval
