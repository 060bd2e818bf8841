"""What a probe found, in plain public words of our own (DESIGN 9).

A result's detail is for staff: it quotes what the probed server said, and that may be anything. Here only the
outcome's class and a number come through.
"""

from incidents.domain.outcomes import Outcome

_WORDS = {
    Outcome.OK: "answers",
    Outcome.WARNING: "answers",
    Outcome.DEGRADED: "answers, but slowly or only when asked again",
    Outcome.AUTH_FAILED: "refuses our sign-in",
    Outcome.REFUSED: "connection refused",
    Outcome.TIMEOUT: "no answer",
    Outcome.STALLED: "accepts connections but does not answer",
    Outcome.TLS_HANDSHAKE: "TLS handshake fails",
    Outcome.TLS_VERIFY: "certificate not valid",
    Outcome.MALFORMED_REPLY: "answers with something that is not valid",
    Outcome.WRONG_REPLY: "answers something that was not asked",
    Outcome.DNS: "name does not resolve",
    Outcome.ERROR_CODE: "answers with an error",
    Outcome.ONE_WAY_AUDIO: "calls connect, but no audio comes back",
    Outcome.BAD_CERTIFICATE: "answers",
    Outcome.OPEN_DOOR: "answers",
    Outcome.INTERNAL: "our own check could not run",
}
# OpenSSL's verify codes that a reader can do something with.
_CERTIFICATE = {
    9: "certificate not valid yet",
    10: "certificate expired",
    62: "certificate is for another name",
}
_SUCCESSES, _STATUSES = range(200, 300), range(100, 700)


def public_words(outcome: Outcome, code: int | None) -> str:
    """`connection refused`, `answers with error 503`; `code` is the result's own, if it has one."""
    if outcome == Outcome.TLS_VERIFY and code in _CERTIFICATE:
        return _CERTIFICATE[code]
    if code in _STATUSES:
        if outcome == Outcome.ERROR_CODE:
            return f"answers with error {code}"
        if outcome == Outcome.DEGRADED and code not in _SUCCESSES:
            return f"answers with code {code}"
    return _WORDS[outcome]
