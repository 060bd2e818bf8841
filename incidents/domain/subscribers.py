"""The states of a subscription."""

from enum import StrEnum


class SubscriberState(StrEnum):
    """Pending until confirmed by POST; disabled by us for what its endpoint answered; ended by its owner or staff."""

    PENDING = "pending"
    ACTIVE = "active"
    DISABLED = "disabled"
    ENDED = "ended"


class Topics(StrEnum):
    """What a subscription hears of: an incident as it goes, the reason for it afterwards, or both."""

    ALL = "all"
    INCIDENTS = "incidents"
    RFOS = "rfos"

    @property
    def columns(self) -> dict[str, bool]:
        """As a subscriber's row keeps it."""
        return {"wants_incidents": self != Topics.RFOS, "wants_rfos": self != Topics.INCIDENTS}
