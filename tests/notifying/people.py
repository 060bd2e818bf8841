"""Subscribers as they are once they have confirmed."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from incidents.channels.kinds import KINDS
from incidents.domain.subscribers import SubscriberState
from incidents.models import Component, Page, Subscriber
from incidents.operations.credentials import seal
from incidents.operations.endpoint_urls import columns
from tests.factories import BEGAN

SECRET = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="


def mail_reader(
    page: Page,
    address: str = "ada@example.com",
    *,
    components: Iterable[Component] = (),
    since: datetime = BEGAN - timedelta(days=1),
) -> Subscriber:
    """Somebody who reads mail."""
    return _subscriber(page, address, channel="email", contact="", components=components, since=since)


def hook_reader(
    page: Page,
    url: str,
    *,
    components: Iterable[Component] = (),
    since: datetime = BEGAN - timedelta(days=1),
) -> Subscriber:
    """A machine with the secret `SECRET`."""
    return _subscriber(
        page, url, channel="webhook", contact="ops@example.com", components=components, since=since
    )


def _subscriber(
    page: Page, address: str, *, channel: str, contact: str, components: Iterable[Component], since: datetime
) -> Subscriber:
    subscriber = Subscriber.objects.create(
        page=page,
        channel=channel,
        **columns(KINDS[channel], address),
        contact_email=contact,
        secret=seal(SECRET) if contact else "",
        state=SubscriberState.ACTIVE,
        nonce="0123456789abcdef",
        created_at=since,
        confirmed_at=since,
    )
    subscriber.components.set(components)
    return subscriber
