"""URLs of webhooks and chats at rest: whoever knows one can post into somebody's channel, so each is a secret.

The row keeps the URL sealed, and under `address` a name for it: its host and a keyed digest. Equal URLs have equal
names, so uniqueness and look-ups need no URL; without CREDENTIALS_KEY a name says nothing but the host.
"""

import hashlib
import hmac
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from incidents.channels.messages import Kind
from incidents.domain.masking import SEPARATOR
from incidents.models import Probe, Reply, SignalSource, Subscriber
from incidents.operations.credentials import seal, unseal

SEALED_COLUMNS = (
    (Subscriber, "sealed_url"),
    (Subscriber, "secret"),
    (Subscriber, "old_secret"),
    (Probe, "sealed"),
    (SignalSource, "secret"),
    (Reply, "body"),
)
"""Every text column of ours that `seal` writes; an empty text is no secret. A second factor's secret is sealed inside
the JSON of allauth's `Authenticator.data`. Whoever gives `sealed_url` another key must call `rename` as well."""
UNREADABLE = "cannot be read: CREDENTIALS_KEY is not the one it was encrypted with"


class Endpoint(Protocol):
    """A subscriber, or what the relay knows of one."""

    @property
    def address(self) -> str:
        """An e-mail address, or the name of a URL."""

    @property
    def sealed_url(self) -> str:
        """The URL, encrypted; empty for a person."""


def columns(kind: Kind, address: str) -> dict[str, str]:
    """An address in its normal form, as the columns of a subscriber keep it."""
    if not kind.is_machine:
        return {"address": address, "sealed_url": ""}
    return {"address": name_of(address), "sealed_url": seal(address)}


def kept_address(kind: Kind, address: str) -> str:
    """What `address` holds for it: by this a subscription is looked up."""
    return name_of(address) if kind.is_machine else address


def name_of(url: str) -> str:
    """`hooks.slack.com#3fa2c1…`: the host, and 64 digits that need CREDENTIALS_KEY to be computed."""
    digest = hmac.new(_key(settings.CREDENTIALS_KEY), url.encode(), hashlib.sha256).hexdigest()
    return f"{urlsplit(url).netloc}{SEPARATOR}{digest}"


def destination(endpoint: Endpoint) -> str:
    """Where to send to: a person's mailbox, or a machine's URL. Raises LostKey."""
    return unseal(endpoint.sealed_url) if endpoint.sealed_url else endpoint.address


def rename(subscriber: Subscriber) -> None:
    """Compute the name of a machine's URL under today's CREDENTIALS_KEY, in memory. Raises LostKey."""
    if subscriber.sealed_url:
        subscriber.address = name_of(unseal(subscriber.sealed_url))


@lru_cache(maxsize=4)
def _key(credentials_key: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"dialtone endpoint names")
    return derived.derive(credentials_key.encode())
