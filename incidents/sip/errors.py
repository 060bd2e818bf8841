"""What can go wrong between a request and its reply; each class is one thing an operator would act upon."""


class SipFailure(Exception):
    """Base of every failure this package raises; its text is short and fit to show."""


class MalformedMessage(SipFailure):
    """The bytes are not a SIP message (RFC 3261 section 7)."""


class NotResolved(SipFailure):
    """The name has no usable address."""


class Refused(SipFailure):
    """The peer, or a router before it, said no: ICMP unreachable, RST, or closed without a reply."""


class NoReply(SipFailure):
    """Nothing usable came back in time."""


class Stalled(SipFailure):
    """The connection was accepted, then nothing complete came back in time."""


class WrongReply(SipFailure):
    """Replies came, none of them to our request (RFC 3261 section 17.1.3)."""


class HandshakeFailed(SipFailure):
    """TLS was not agreed on; certificates were not the reason."""


class CertificateRejected(SipFailure):
    """The peer's certificate does not prove its identity; `code` is OpenSSL's verify code."""

    def __init__(self, words: str, code: int) -> None:
        super().__init__(f"{words} (verify code {code})")
        self.code = code


class LocalFault(SipFailure):
    """Our own side could not even try: no sockets left, a trust file that cannot be read."""


class NoRoute(LocalFault):
    """Our own system knows no way to this address; another address, of the other family perhaps, may do."""
