"""What one probe saw, and what that says about its target (DESIGN 9)."""

from enum import StrEnum


class Outcome(StrEnum):
    """The class of a probe's result; the reply code, if there is one, stands beside it."""

    OK = "ok"
    DEGRADED = "degraded"
    AUTH_FAILED = "auth_failed"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    STALLED = "stalled"
    TLS_HANDSHAKE = "tls_handshake"
    TLS_VERIFY = "tls_verify"
    MALFORMED_REPLY = "malformed_reply"
    WRONG_REPLY = "wrong_reply"
    DNS = "dns"
    ERROR_CODE = "error_code"
    INTERNAL = "internal"


class Health(StrEnum):
    """What a result says about the target; *inconclusive* says nothing and never opens an incident."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


# A refused password is an answer: the server is alive but not as configured, like any other 4xx.
_EXCEPTIONS = {
    Outcome.OK: Health.OK,
    Outcome.DEGRADED: Health.DEGRADED,
    Outcome.AUTH_FAILED: Health.DEGRADED,
    Outcome.INTERNAL: Health.INCONCLUSIVE,
}


def health_of(outcome: Outcome) -> Health:
    """The health an outcome stands for: failed, unless the table says better."""
    return _EXCEPTIONS.get(outcome, Health.FAILED)
