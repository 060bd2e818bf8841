"""Webhooks: Statuspage's payload, signed as Standard Webhooks 1.0.0, to public addresses only (DESIGN 10)."""

from collections.abc import Sequence

from django.conf import settings

from incidents.channels.addresses import webhook_url
from incidents.channels.guard import networks
from incidents.channels.messages import Answer, Kind, Notice, Recipient


def normalise(text: str) -> str:
    """The URL in the form that we keep. Raises ValueError in plain words."""
    return webhook_url(text, allowed=networks(tuple(settings.WEBHOOK_ALLOW_PRIVATE)))


def send(notice: Notice, recipients: Sequence[Recipient]) -> list[Answer]:
    """Post the notice to each recipient at once; one answer for each."""
    from incidents.channels.posting import post_all  # noqa: PLC0415  (aiohttp is a quarter second that only senders need)

    return post_all(notice, recipients, allowed=networks(tuple(settings.WEBHOOK_ALLOW_PRIVATE)))


WEBHOOK = Kind(name="webhook", label="Webhook", normalise=normalise, send=send, is_machine=True)
