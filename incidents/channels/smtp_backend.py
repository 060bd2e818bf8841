"""Django's SMTP backend, which also encrypts where nobody asked for it and the server offers it (RFC 3207, RFC 7435).

`smtp+tls://` and `smtp+ssl://` verify the server's certificate and send nothing without; that is Django's own part.
With `smtp://` a server that offers STARTTLS gets it, whatever its certificate: it is no worse than no encryption. Where
that handshake fails the mail goes in clear as before, but never a password.
"""

import logging
import ssl
from functools import cached_property, partial
from smtplib import SMTP, SMTP_SSL, SMTPException
from typing import Any

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

log = logging.getLogger(__name__)
NEVER_IN_CLEAR = (
    "The server offers STARTTLS and the handshake fails, so the password is not sent. Use smtp+tls:// with a "
    "certificate that can be verified, or add ?tls=never to EMAIL_URL."
)


class OpportunisticSMTP(SMTP):
    """A connection that is encrypted as soon as it is open, where the server can do that."""

    def __init__(self, host: str, port: int, *, may_be_clear: bool, **options: Any) -> None:
        super().__init__(host, port, **options)
        self.ehlo_or_helo_if_needed()
        if not self.has_extn("starttls"):
            return
        try:
            self.starttls(context=unverified())
            self.ehlo_or_helo_if_needed()
        except (OSError, SMTPException) as error:
            self.close()
            if not may_be_clear:
                raise SMTPException(f"{NEVER_IN_CLEAR} ({error})") from error
            log.warning("STARTTLS failed; mail goes in clear", extra={"host": host, "error": str(error)})
            self.helo_resp = self.ehlo_resp = None  # of the connection before
            super().__init__(host, port, **options)


class SmtpBackend(EmailBackend):
    """As EMAIL_URL asks; EMAIL_TLS tells whether it asked for no encryption at all."""

    @cached_property
    def connection_class(self) -> Any:
        """How a connection is made."""
        if self.use_ssl:
            return SMTP_SSL
        if self.use_tls or settings.EMAIL_TLS == "never":
            return SMTP
        return partial(OpportunisticSMTP, may_be_clear=not self.password)


def unverified() -> ssl.SSLContext:
    """Encryption against those who only listen."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
