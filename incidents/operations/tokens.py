"""Links that prove their reader: signed, good for one purpose only, and dead when the subscriber's nonce changes."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from django.core.signing import BadSignature, Signer
from django.utils.crypto import constant_time_compare

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
    return _signer(purpose).sign(f"{issued}{subscriber.code}.{subscriber.nonce}")


def read_token(token: str, purpose: Purpose, *, at: datetime) -> Subscriber:
    """The subscriber that the token was made for, with its page. Raises LostToken."""
    try:
        *issued, code, nonce = _signer(purpose).unsign(token[:LONGEST]).split(".")
    except BadSignature:
        raise LostToken("This link is not one of ours, or a part of it is missing.") from None
    if issued and at - datetime.fromtimestamp(int(issued[0]), UTC) > WITHIN[purpose]:
        raise LostToken(f"This link was good for {WITHIN[purpose].days} days. Ask for a new one.")
    subscriber = Subscriber.objects.select_related("page").filter(code=code).first()
    if subscriber is None or not constant_time_compare(subscriber.nonce, nonce):
        raise LostToken("This link was replaced by a newer one. Use the newest mail.")
    return subscriber


def _signer(purpose: Purpose) -> Signer:
    return Signer(salt=f"incidents.subscriptions.{purpose.value}", sep=".")
