"""The times that engines set for themselves: brought back with a wall clock that was set back.

What people have planned (maintenance, deadlines, publication) keeps its time: that is a time of the calendar.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Model, Q

from incidents.domain.deliveries import BACKOFF_SECONDS, JITTER, LEASE, UNFINISHED, DeliveryState, late_lease
from incidents.domain.system_clocks import MAX_SKEW
from incidents.models import (
    AccountMail,
    AutomaticHold,
    Delivery,
    Event,
    HeadMail,
    Presence,
    Probe,
    Pulse,
    Subscriber,
    SweepFailure,
)

_UNFINISHED = Q(state__in=UNFINISHED)
_HELD_BACK = Q(notifies=True, expanded_at__isnull=True)
OWN_TIMES: tuple[tuple[type[Model], Q, tuple[str, ...]], ...] = (
    (Probe, Q(), ("next_due", "leased_until", "last_at", "confirmed_at", "beaten_at")),
    (Probe, Q(), ("since", "trouble_since", "quiet_since", "flapping_since")),
    (Delivery, _UNFINISHED, ("due_at", "leased_until", "created_at")),
    (AccountMail, _UNFINISHED, ("due_at", "leased_until", "created_at")),
    (HeadMail, _UNFINISHED, ("due_at", "leased_until")),
    (Event, _HELD_BACK, ("hold_until",)),
    (AutomaticHold, Q(released_at__isnull=True), ("held_at", "recovered_at")),
    (Subscriber, Q(), ("failing_since",)),
    (SweepFailure, Q(), ("failed_at",)),
    (Pulse, Q(), ("at",)),
    (Presence, Q(), ("seen_at",)),
)
"""Table, which of its rows, and the columns that only engines set, from the clock of that moment."""


DUE, FAILED = Q(state=DeliveryState.DUE), Q(state=DeliveryState.FAILED)
MAX_WAIT = timedelta(seconds=BACKOFF_SECONDS[-1]) * (1 + JITTER)
"""Until the next attempt at anything that failed."""
MAX_HOLD = timedelta(hours=1)
"""Longer than any notice waits before it goes out, the delay in which it can be cancelled included."""
FURTHEST: tuple[tuple[type[Model], Q, str, timedelta], ...] = (
    (Delivery, DUE, "due_at", timedelta(minutes=1)),
    (Delivery, FAILED, "due_at", MAX_WAIT),
    (AccountMail, _UNFINISHED, "due_at", MAX_WAIT),
    (HeadMail, _UNFINISHED, "due_at", MAX_WAIT),
    (Event, _HELD_BACK, "hold_until", MAX_HOLD),
)
"""How far ahead such a time may lie at most: further was never meant, whatever has happened to the clock."""
LEASED: tuple[type[Model], ...] = (AccountMail, HeadMail)
"""Whose leases are brought in as well. Deliveries need no hand: `ready` sees through theirs."""


def bound_own_times(*, at: datetime) -> int:
    """Bring in what lies further ahead than any engine sets it, after a step that nobody saw; how many rows."""
    longest = LEASE + late_lease(
        settings.EMAIL_CONFIRM_SECONDS
    )  # a mail whose reply is waited for is held so long
    leases = [(table, _UNFINISHED, "leased_until", longest) for table in LEASED]
    moved = 0
    for table, rows, column, furthest in (*FURTHEST, *leases):
        ahead = table._default_manager.filter(rows, **{f"{column}__gt": at + furthest + MAX_SKEW})
        moved += ahead.update(**{column: at})
    return moved


def pull_back(by: timedelta, *, at: datetime) -> int:
    """Bring back what lies ahead of a clock that was set back by so much; how many rows. In the caller's transaction.

    What was already due stays due. A wait that began between the step and this call becomes shorter by a few seconds.
    """
    moved = 0
    for table, rows, columns in OWN_TIMES:
        for column in columns:
            ahead = table._default_manager.filter(rows, **{f"{column}__gt": at})
            moved += ahead.update(**{column: F(column) - by})
    return moved
