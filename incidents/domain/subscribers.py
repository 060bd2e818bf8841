"""The states of a subscription."""

from enum import StrEnum


class SubscriberState(StrEnum):
    """Pending until confirmed by POST; ended by its owner."""

    PENDING = "pending"
    ACTIVE = "active"
    ENDED = "ended"
