"""What one probe saw, and what that says about its target (DESIGN 9)."""

from enum import StrEnum


class Outcome(StrEnum):
    """The class of a probe's result; the reply code, if there is one, stands beside it."""

    OK = "ok"
    WARNING = "warning"
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
    ONE_WAY_AUDIO = "one_way_audio"
    BAD_CERTIFICATE = "bad_certificate"
    OPEN_DOOR = "open_door"
    INTERNAL = "internal"


class Health(StrEnum):
    """What a result says about the target; *inconclusive* says nothing and never opens an incident.

    A *warning* is for staff: customers feel nothing yet, so for every verdict it is as good as ok.
    """

    OK = "ok"
    WARNING = "warning"
    DEGRADED = "degraded"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


# A refused password is an answer: the server is alive but not as configured, like any other 4xx.
_EXCEPTIONS = {
    Outcome.OK: Health.OK,
    Outcome.WARNING: Health.WARNING,
    Outcome.BAD_CERTIFICATE: Health.WARNING,  # on disk; once it is served, tls_verify or tls_handshake says so
    Outcome.OPEN_DOOR: Health.WARNING,  # whoever answers to a wrong password is not told to the public
    Outcome.DEGRADED: Health.DEGRADED,
    Outcome.AUTH_FAILED: Health.DEGRADED,
    Outcome.INTERNAL: Health.INCONCLUSIVE,
}


def health_of(outcome: Outcome) -> Health:
    """The health an outcome stands for: failed, unless the table says better."""
    return _EXCEPTIONS.get(outcome, Health.FAILED)
