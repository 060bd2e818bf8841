"""The flaws that a certificate can have, and which of them keep people out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LADDER = (30, 14, 7, 3, 1)
"""Days before the end of a certificate at which it is said again, louder each time."""


class Flaw(StrEnum):
    """One thing wrong with a certificate file, by a name that does not change."""

    UNREADABLE = "unreadable"
    EMPTY = "empty"
    BAD_BASE64 = "bad_base64"
    CUT_OFF = "cut_off"
    TOO_MANY = "too_many_certificates"
    JOINED = "joined_blocks"
    MALFORMED = "malformed"
    BAD_EXTENSION = "bad_extension"
    DUPLICATE_EXTENSION = "duplicate_extension"
    REFUSED = "refused_by_openssl"
    KEY_MISSING = "key_missing"
    KEY_UNREADABLE = "key_unreadable"
    KEY_DAMAGED = "key_damaged"
    KEY_ENCRYPTED = "key_encrypted"
    KEY_MISMATCH = "key_mismatch"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    BAD_SIGNATURE = "bad_signature"
    ISSUER_MISSING = "issuer_missing"
    UNKNOWN_CRITICAL = "unknown_critical_extension"
    WEAK_KEY = "weak_key"
    WEAK_SIGNATURE = "weak_signature"
    EXPLICIT_CURVE = "explicit_curve"
    WRONG_NAME = "wrong_name"
    SELF_SIGNED = "self_signed"
    NO_ALTERNATIVE = "no_alternative_name"
    ONLY_URI = "only_uri_names"
    ODD_TEXT = "byte_order_mark_or_crlf"
    EXPIRES_SOON = "expires_soon"
    OLD_PROTOCOL = "old_protocol"


_ODD = frozenset(
    {
        Flaw.TOO_MANY,
        Flaw.KEY_MISSING,
        Flaw.KEY_UNREADABLE,
        Flaw.ISSUER_MISSING,
        Flaw.SELF_SIGNED,
        Flaw.NO_ALTERNATIVE,
        Flaw.ONLY_URI,
        Flaw.ODD_TEXT,
        Flaw.EXPIRES_SOON,
        Flaw.OLD_PROTOCOL,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A flaw with its reason in words."""

    flaw: Flaw
    words: str

    @property
    def is_odd(self) -> bool:
        """Odd, but nobody is kept out by it yet."""
        return self.flaw in _ODD


def rung(left: timedelta, *, warn_days: int = LADDER[0]) -> int | None:
    """The lowest rung of the ladder that is reached when so much time is left; None while there is enough."""
    reached = [days for days in (warn_days, *LADDER) if days <= warn_days and left <= timedelta(days=days)]
    return min(reached, default=None)


def expiry(not_after: datetime, *, at: datetime, warn_days: int = LADDER[0]) -> Finding | None:
    """The finding of a certificate that has run out, or soon will."""
    left = not_after - at
    if left <= timedelta(0):
        return Finding(Flaw.EXPIRED, f"expired on {not_after:%b %d, %Y}")
    step = rung(left, warn_days=warn_days)
    if step is None:
        return None
    days = left.days
    when = "in less than a day" if days < 1 else "tomorrow" if days == 1 else f"in {days} days"
    return Finding(Flaw.EXPIRES_SOON, f"runs out {when}, on {not_after:%b %d, %Y} ({step}-day warning)")
