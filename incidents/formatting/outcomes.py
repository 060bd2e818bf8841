"""What a probe found, in plain public words of our own (DESIGN 9).

A result's detail is for staff: it quotes what the probed server said, and that may be anything. Here only the
outcome's class, a number and a name from our own set-up come through.
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
    Outcome.TLS_VERIFY: "the server presents a certificate that is not valid",
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
    9: "the server presents a certificate that is not valid yet",
    10: "the server presents an expired certificate",
    18: "the server presents a self-signed certificate",
    20: "the server presents a certificate of an unknown issuer",
    62: "the server presents a certificate for another name",
}
_OTHER_NAME = 62
_SUCCESSES, _STATUSES = range(200, 300), range(100, 700)


def public_words(outcome: Outcome, code: int | None, subject: str = "") -> str:
    """`connection refused`, `answers with error 503`, `the server presents an expired certificate for blf.example`.

    `code` is the result's own, if it has one; `subject` is whose trouble it is, a name that we have set up.
    """
    if outcome == Outcome.TLS_VERIFY:
        words = _CERTIFICATE.get(code or 0, _WORDS[outcome])
        link = " than" if code == _OTHER_NAME else " for"
        return f"{words}{link} {subject}" if subject else words
    if outcome == Outcome.DEGRADED and subject:
        return f"the certificate for {subject} is refused"
    if code in _STATUSES:
        if outcome == Outcome.ERROR_CODE:
            return f"answers with error {code}"
        if outcome == Outcome.DEGRADED and code not in _SUCCESSES:
            return f"answers with code {code}"
    return _WORDS[outcome]
