"""The states of a delivery and when a failed one is tried again (DESIGN 10)."""

from datetime import timedelta
from enum import StrEnum

BACKOFF_SECONDS = (10, 30, 120, 600, 1800, 7200, 18_000)
"""Waits after the first, second, ... failure; the last one repeats."""
GIVE_UP_AFTER = timedelta(days=3)
DISABLE_AFTER = timedelta(days=5)
"""An endpoint that has only failed for so long is told no more; its owner is mailed."""
TRIES_FIRST = 3
"""What was silent for weeks gets so many tries of one delivery before a failure counts against it."""
UNKNOWN = "Unknown whether it arrived: "
"""How the detail of a delivery begins that was handed over whole and never confirmed."""
UNKNOWN_WAIT = timedelta(minutes=30)
"""Until such a one is sent once more, under the same identifier (RFC 5321 section 4.5.4.1); a second one is the end."""
LEASE = timedelta(seconds=240)
"""Longer than any channel takes for what is handed to it, short enough that a dead host's rows come back soon."""
JITTER = 0.2
"""A wait is stretched by up to this share, so that a recovering endpoint is not stormed."""


class DeliveryState(StrEnum):
    """Due and failed rows will be tried; sent, dead and superseded ones are finished."""

    DUE = "due"
    FAILED = "failed"
    SENT = "sent"
    DEAD = "dead"
    SUPERSEDED = "superseded"


UNFINISHED = (DeliveryState.DUE, DeliveryState.FAILED)


def wait_after(attempts: int, *, chance: float) -> timedelta:
    """How long to wait after `attempts` failures (1 or more); `chance` in 0..1 spreads the waits."""
    base = BACKOFF_SECONDS[min(attempts, len(BACKOFF_SECONDS)) - 1]
    return timedelta(seconds=base * (1 + JITTER * chance))


def late_lease(confirm_seconds: float) -> timedelta:
    """How long a mail is kept from others while its reply is waited for, `confirm_seconds` at most."""
    return timedelta(seconds=confirm_seconds + 60)
