"""Bounces and complaints from a mail service, which django-anymail reads and checks (`EMAIL_SERVICE`)."""

from datetime import UTC, datetime
from typing import Any

from incidents.operations.bounces import Bounce, note_bounce

KINDS = {
    "bounced": Bounce.HARD,
    "rejected": Bounce.HARD,
    "deferred": Bounce.SOFT,
    "complained": Bounce.COMPLAINT,
    "unsubscribed": Bounce.UNSUBSCRIBED,
}
"""anymail's names; what it has others for (opened, clicked, delivered) is none of our business."""
OURS = frozenset({"spam", "timed_out", "other"})
"""Reasons that speak of our mail or of the moment, not of the mailbox."""


def listen() -> None:
    """Have `note_event` called for each event; done once, when the application is ready."""
    from anymail.signals import tracking  # noqa: PLC0415  (only where a mail service is set)

    tracking.connect(note_event, dispatch_uid="incidents.web.mail_events")


def note_event(event: Any, esp_name: str, **_: object) -> None:
    """Act on one event; what names no address or has no meaning for us is passed over."""
    kind = KINDS.get(event.event_type)
    if kind is None or not event.recipient:
        return
    if kind == Bounce.HARD and event.reject_reason in OURS:
        kind = Bounce.SOFT
    words = event.mta_response or event.description or event.reject_reason or event.event_type
    note_bounce(event.recipient, kind, why=f"{esp_name}: {words}", at=datetime.now(UTC))
