"""Links that prove their reader: signed, good for one purpose only, and dead when the subscriber's nonce changes."""

import hmac
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.core.signing import BadSignature, Signer, b64_encode
from django.utils.crypto import constant_time_compare, salted_hmac

from incidents.models import Subscriber

LONGEST = 200


class Bearer(Protocol):
    """Whom a link is for: a subscriber, or what the relay knows of one."""

    @property
    def code(self) -> str:
        """The subscriber's public code."""

    @property
    def nonce(self) -> str:
        """What a new one of revokes all links."""


class Purpose(StrEnum):
    """What a token opens. A link out of an old mail must still end a subscription, so that kind never expires."""

    CONFIRM = "confirm"
    MANAGE = "manage"
    LEAVE = "leave"


WITHIN = {Purpose.CONFIRM: timedelta(days=7), Purpose.MANAGE: timedelta(days=90)}


class LostToken(LookupError):
    """A token that opens nothing (any more); the message tells a reader what to do."""


def make_token(subscriber: Bearer, purpose: Purpose, *, at: datetime) -> str:
    """A token for a URL: letters, digits, `-`, `_` and `.` only."""
    issued = f"{int(at.timestamp())}." if purpose in WITHIN else ""
    words = f"{issued}{subscriber.code}.{subscriber.nonce}"
    seal = _begun(purpose, settings.SECRET_KEY).copy()
    seal.update(words.encode())
    return f"{words}.{b64_encode(seal.digest()).decode('ascii')}"


def read_token(token: str, purpose: Purpose, *, at: datetime) -> Subscriber:
    """The subscriber that the token was made for, with its page. Raises LostToken."""
    try:
        *issued, code, nonce = Signer(salt=_salt(purpose), sep=".").unsign(token[:LONGEST]).split(".")
    except BadSignature:
        raise LostToken("This link is not one of ours, or a part of it is missing.") from None
    if issued and at - datetime.fromtimestamp(int(issued[0]), UTC) > WITHIN[purpose]:
        raise LostToken(f"This link was good for {WITHIN[purpose].days} days. Ask for a new one.")
    subscriber = Subscriber.objects.select_related("page", "merged_into__page").filter(code=code).first()
    if subscriber is None or not constant_time_compare(subscriber.nonce, nonce):
        raise LostToken("This link was replaced by a newer one. Use the newest mail.")
    return subscriber.merged_into or subscriber


def _salt(purpose: Purpose) -> str:
    return f"incidents.subscriptions.{purpose.value}"


@lru_cache(maxsize=8)
def _begun(purpose: Purpose, key: str) -> hmac.HMAC:
    """What `Signer` computes, up to where links differ: a fan-out makes two for each reader."""
    return salted_hmac(f"{_salt(purpose)}signer", "", secret=key, algorithm="sha256")
