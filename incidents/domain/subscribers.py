"""The states of a subscription."""

from enum import StrEnum


class SubscriberState(StrEnum):
    """Pending until confirmed by POST; disabled by us for what its endpoint answered; ended by its owner or staff."""

    PENDING = "pending"
    ACTIVE = "active"
    DISABLED = "disabled"
    ENDED = "ended"
