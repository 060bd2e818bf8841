"""E-mail over Django's mail backends: a batch shares one connection, and one bad address harms nobody else.

What the server refuses for good (5xx to RCPT or to the message) is refused; what is our side's fault or may pass is
tried again (RFC 5321 section 4.2.1).
"""

import re
import time
from collections.abc import Sequence
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.core.mail import get_connection

from incidents.channels.addresses import email_address
from incidents.channels.letters import Letter
from incidents.channels.messages import Answer, Kind, Notice, Recipient, Verdict

BATCH_SECONDS = 45.0
"""A batch ends after this long, and whoever is left waits for a later one; a lease must outlast it."""
LOST_IN_A_ROW = 3
"""So many lost connections one after another mean that the server is down, not that an address is bad."""
CLOSING = 421
PERMANENT = 500
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def send(notice: Notice, recipients: Sequence[Recipient]) -> list[Answer]:
    """Send the notice to each recipient over one connection; one answer for each."""
    letter, post = Letter(notice), _PostOffice()
    ends = time.monotonic() + BATCH_SECONDS
    try:
        return [
            post.send(letter, recipient)
            if post.lost < LOST_IN_A_ROW and time.monotonic() < ends
            else Answer(recipient.key, Verdict.RETRY, "The mail server was down or too slow; not tried.")
            for recipient in recipients
        ]
    finally:
        post.close()


class _PostOffice:
    """The connection of a batch: opened when needed, replaced when lost."""

    def __init__(self) -> None:
        self._connection: Any = get_connection()
        self._used = False
        self.lost = 0

    def send(self, letter: Letter, recipient: Recipient) -> Answer:
        """Send one message. A server that ends a long conversation with 421 gets it again over a new one."""
        try:
            return self._try(letter, recipient)
        except SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            return self._answered(letter, recipient, code, words, final=True)
        except SMTPResponseException as error:
            final = isinstance(error, SMTPDataError)
            return self._answered(letter, recipient, error.smtp_code, error.smtp_error, final=final)
        except (SMTPException, OSError) as error:
            return self._lost(recipient, f"{type(error).__name__}: {error}")
        except Exception as error:  # noqa: BLE001  (a mail service's own backend fails in its own way)
            return Answer(recipient.key, Verdict.RETRY, _plain(f"{type(error).__name__}: {error}"))

    def close(self) -> None:
        """Say goodbye; a server that does not answer to that has what it accepted all the same."""
        self._used = False
        try:
            self._connection.close()
        except (SMTPException, OSError):
            return

    def _try(self, letter: Letter, recipient: Recipient) -> Answer:
        self._connection.open()
        self._connection.send_messages([letter.to(recipient)])
        self._used, self.lost = True, 0
        return Answer(recipient.key, Verdict.SENT, "accepted by the mail server")

    def _answered(
        self, letter: Letter, recipient: Recipient, code: int, words: bytes | str, *, final: bool
    ) -> Answer:
        """The server spoke: about this recipient or message when `final`, else about us or itself."""
        said = f"{code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"
        if code == CLOSING and self._used:
            self.close()
            return self.send(letter, recipient)
        if code == CLOSING or not final:
            return self._lost(recipient, said)
        self._used, self.lost = True, 0
        return Answer(recipient.key, Verdict.REFUSED if code >= PERMANENT else Verdict.RETRY, _plain(said))

    def _lost(self, recipient: Recipient, words: str) -> Answer:
        self.close()
        self.lost += 1
        return Answer(recipient.key, Verdict.RETRY, _plain(words))


def _plain(text: str) -> str:
    return _CONTROL.sub(" ", text)[:1000]


EMAIL = Kind(name="email", label="E-mail", normalise=email_address, send=send, batch=100)
