"""From what SIP said to an outcome class: one table for failures, one rule for replies (DESIGN 9)."""

import re

from incidents.domain.outcomes import Outcome
from incidents.probes.config import ConfigError
from incidents.probes.evidence import Evidence
from incidents.probes.results import Result
from incidents.probes.sip_exchange import Answer
from incidents.sip import errors
from incidents.sip.message import Response

# In order: the first class that fits counts.
_OUTCOMES: tuple[tuple[type[errors.SipFailure], Outcome], ...] = (
    (errors.NotResolved, Outcome.DNS),
    (errors.Refused, Outcome.REFUSED),
    (errors.NoReply, Outcome.TIMEOUT),
    (errors.Stalled, Outcome.STALLED),
    (errors.HandshakeFailed, Outcome.TLS_HANDSHAKE),
    (errors.CertificateRejected, Outcome.TLS_VERIFY),
    (errors.MalformedMessage, Outcome.MALFORMED_REPLY),
    (errors.WrongReply, Outcome.WRONG_REPLY),
)

_CODES = re.compile(r"[1-6](?:xx|[0-9]{2})", re.IGNORECASE)
_REQUEST_TIMEOUT = 408
_UNAVAILABLE = 503
_CLIENT_ERROR, _SERVER_ERROR = 400, 500

# What a reader of the trace wants to see of a reply besides its first line.
_SHOWN = ("Server", "User-Agent", "Allow", "Retry-After", "Warning", "Reason", "WWW-Authenticate")


def read_codes(field: str, text: str) -> tuple[str, ...]:
    """Codes and classes as a person writes them: `2xx, 404`.

    Raises:
        ConfigError: for `field`, if there is none or one is neither.
    """
    codes = tuple(text.replace(",", " ").lower().split())
    if not codes or not all(_CODES.fullmatch(code) for code in codes):
        raise ConfigError(field, "must be status codes or classes, such as 2xx or 200, 404")
    return codes


def is_expected(code: int, expected: tuple[str, ...]) -> bool:
    """Whether `code` is one of `expected` or of one of its classes."""
    return str(code) in expected or f"{code // 100}xx" in expected


def failure(
    evidence: Evidence, error: errors.SipFailure, *, retransmissions: int = 0, subject: str = ""
) -> Result:
    """The result of a run that ended without a reply of its own; `subject` is the name that TLS was to prove."""
    outcome = next((found for kind, found in _OUTCOMES if isinstance(error, kind)), Outcome.INTERNAL)
    code = error.code if isinstance(error, errors.CertificateRejected) else None
    whose = subject if outcome == Outcome.TLS_VERIFY else ""
    return evidence.result(outcome, str(error), code=code, retransmissions=retransmissions, subject=whose)


def verdict(evidence: Evidence, answer: Answer, expected: tuple[str, ...]) -> Result:
    """The result of a run that was answered.

    What was expected is ok, or degraded if it took a retransmission or a second address. 408, 5xx and 6xx are
    down; anything else is alive, but not as configured.
    """
    response = answer.response
    for name in _SHOWN:
        for value in response.headers.all(name)[:2]:
            evidence.note(f"{name}: {value}")
    outcome, detail = _judge(response, expected)
    if outcome == Outcome.OK and answer.retransmissions:
        times = f"{answer.retransmissions} retransmission" + ("s" if answer.retransmissions > 1 else "")
        outcome, detail = Outcome.DEGRADED, f"{detail}, only after {times}"
    if outcome == Outcome.OK and answer.refused:
        outcome, detail = Outcome.DEGRADED, f"{detail}, but {'; '.join(answer.refused)}"
    return evidence.result(
        outcome,
        detail,
        code=response.code,
        server=response.server,
        retransmissions=answer.retransmissions,
    )


def _judge(response: Response, expected: tuple[str, ...]) -> tuple[Outcome, str]:
    code = response.code
    said = f"{code} {response.reason}".strip()
    if is_expected(code, expected):
        return Outcome.OK, said
    if code == _UNAVAILABLE and response.headers.first("Retry-After"):
        wait = response.retry_after
        return Outcome.ERROR_CODE, f"{said}: overload" + (
            f", retry after {wait} s" if wait is not None else ""
        )
    if code == _REQUEST_TIMEOUT or code >= _SERVER_ERROR:
        return Outcome.ERROR_CODE, said
    if code < _CLIENT_ERROR:
        return Outcome.DEGRADED, f"{said}, expected {', '.join(expected)}"
    return Outcome.DEGRADED, f"{said}: alive, but not as configured"
