"""Webhooks: Statuspage's payload, signed as Standard Webhooks 1.0.0, to public addresses only (DESIGN 10)."""

import json
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from functools import lru_cache

from django.conf import settings
from standardwebhooks import Webhook

from incidents.channels.addresses import webhook_url
from incidents.channels.guard import networks
from incidents.channels.messages import Answer, Kind, Notice, Pack, Parcel, Recipient, Sender


def normalise(text: str) -> str:
    """The URL in the form that we keep. Raises ValueError in plain words."""
    return webhook_url(text, allowed=networks(tuple(settings.WEBHOOK_ALLOW_PRIVATE)))


def posts(pack: Pack, *, gone: Collection[str] = ()) -> Callable[[Callable[[Answer], None]], Sender]:
    """What a channel over HTTP opens: it posts to many receivers at once, to each what `pack` makes for it."""

    def open_sender(answer: Callable[[Answer], None]) -> Sender:
        from incidents.channels.posting import Poster  # noqa: PLC0415  (aiohttp is a quarter second that only senders need)

        allowed = networks(tuple(settings.WEBHOOK_ALLOW_PRIVATE))
        return Poster(answer, pack, allowed=allowed, gone=gone)

    return open_sender


def pack(notice: Notice, recipient: Recipient) -> Parcel:
    """The signed body; with two secrets, signed by both (Standard Webhooks 1.0.0). Raises ValueError for none."""
    if not recipient.secrets:
        raise ValueError("This webhook has no secret to sign with.")
    body, attempted = body_for(notice, recipient), datetime.now(UTC)
    signatures = [Webhook(secret).sign(recipient.key, attempted, body) for secret in recipient.secrets]
    headers = {
        "Content-Type": "application/json",
        "webhook-id": recipient.key,
        "webhook-timestamp": str(int(attempted.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    return Parcel(body.encode(), headers)


def body_for(notice: Notice, recipient: Recipient) -> str:
    """The words that are signed and sent: the payload, which is the same for all, led by the recipient's `meta`."""
    return f'{{"meta":{{"unsubscribe":{json.dumps(recipient.leave_url)},{_shared(notice)}'


@lru_cache(maxsize=16)
def _shared(notice: Notice) -> str:
    """All that follows the one link which is the recipient's own."""
    meta = {"documentation": f"{notice.page_url}/help/notifications/", "generated_at": notice.generated_at}
    ours, payload = (json.dumps(each, separators=(",", ":")) for each in (meta, notice.payload))
    return f"{ours[1:]},{payload[1:]}"


WEBHOOK = Kind(
    name="webhook",
    label="Webhook",
    normalise=normalise,
    open=posts(pack),
    hint="https://example.com/hooks/status",
    is_machine=True,
    signs=True,
    hears_components=True,
    room=2000,
)
