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
from django.db.models import Q

from incidents.channels.messages import Kind
from incidents.domain.masking import SEPARATOR
from incidents.operations.credentials import credentials_keys, seal, unseal

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


def kept_addresses(kind: Kind, address: str) -> tuple[str, ...]:
    """What `address` may hold for it, in lower case: while CREDENTIALS_KEY is rotated, the name under the key before
    as well."""
    if not kind.is_machine:
        return (address.lower(),)
    return tuple(name_of(address, key=key) for key in credentials_keys())


def at_address(kind: Kind, address: str) -> Q:
    """Finds the subscriptions of an address in its normal form; of a mailbox in whatever case it was typed."""
    return Q(channel=kind.name, address__lower__in=kept_addresses(kind, address), merged_into=None)


def name_of(url: str, *, key: str | None = None) -> str:
    """`hooks.slack.com#3fa2c1…`: the host, and 64 digits that need the key (CREDENTIALS_KEY) to be computed."""
    secret = _key(settings.CREDENTIALS_KEY if key is None else key)
    digest = hmac.new(secret, url.encode(), hashlib.sha256).hexdigest()
    return f"{urlsplit(url).netloc}{SEPARATOR}{digest}"


def destination(endpoint: Endpoint) -> str:
    """Where to send to: a person's mailbox, or a machine's URL. Raises LostKey."""
    return unseal(endpoint.sealed_url) if endpoint.sealed_url else endpoint.address


@lru_cache(maxsize=4)
def _key(credentials_key: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"dialtone endpoint names")
    return derived.derive(credentials_key.encode())
