"""One connection to the mail server, and what becomes of mails that it is slow to confirm."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import parseaddr
from typing import Any
from weakref import WeakSet

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

from incidents.channels.messages import Answer, Verdict
from incidents.channels.smtp import Envelope, LateReply, Outcome, Stage, Unconfirmed, converse
from incidents.channels.wire import on_the_wire
from incidents.domain.deliveries import UNKNOWN

PATIENCE_SECONDS = 5.0
"""How long a connection waits for the reply to a mail before that is waited for elsewhere."""
SLOW_PATIENCE_SECONDS, SLOW_SECONDS = 1.0, 600.0
"""The same, and for how long, after a reply was late: such a server is mostly slow with all of them."""
MAX_LATE = 16
"""No new mail is handed over while so many are waited for: a server has a limit of connections."""
PENDING = "Handed over; the mail server has not confirmed it yet."
HOLDS_BACK = "The mail server is slow to confirm other mails; not tried yet."
PERMANENT = 500
_GONE = re.compile(r"5\.(1\.[12369]|1\.10|2\.1)\b")
_ENHANCED = re.compile(r"\b[45]\.\d{1,3}\.\d{1,3}\b")
_GONE_CODES = frozenset({550, 551, 553})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class _LateReplies:
    """Those of this process that are waited for; one that nobody waits for any more goes by itself."""

    def __init__(self) -> None:
        self._waited_for: WeakSet[LateReply] = WeakSet()
        self._lock = threading.Lock()
        self._slow_until = 0.0

    def add(self, late: LateReply) -> None:
        with self._lock:
            self._waited_for.add(late)
            self._slow_until = time.monotonic() + SLOW_SECONDS

    def discard(self, late: LateReply) -> None:
        with self._lock:
            self._waited_for.discard(late)

    @property
    def count(self) -> int:
        with self._lock:
            return len(self._waited_for)

    @property
    def patience(self) -> float:
        """Seconds that a connection waits for a reply now."""
        is_slow = time.monotonic() < self._slow_until
        return min(SLOW_PATIENCE_SECONDS if is_slow else PATIENCE_SECONDS, settings.EMAIL_CONFIRM_SECONDS)


_late_replies = _LateReplies()


def _is_read_timeout(error: BaseException | None) -> bool:
    """Whether the library that asks mail services waited for an answer in vain; it wraps its errors in others."""
    while error is not None:
        if type(error).__name__ == "ReadTimeout" and type(error).__module__.startswith("requests"):
            return True
        error = error.__cause__ or error.__context__
    return False


def count_late() -> int:
    """How many mails of this process are not confirmed yet."""
    return _late_replies.count


class MailLine:
    """Opened when needed, closed when lost. `served` counts what it has carried since it was opened."""

    def __init__(self) -> None:
        self._backend: Any = get_connection()
        self.served = 0
        self.complaint = ""

    def open(self) -> bool:
        """Whether it is open; if not, `complaint` says why."""
        try:
            if self._backend.open():
                self.served = 0
            if self._speaks_smtp:
                self._backend.connection.ehlo_or_helo_if_needed()
        except Exception as error:  # noqa: BLE001  (a mail service's own backend fails in its own way)
            self.close()
            self.complaint = plain(f"The mail server cannot be reached: {type(error).__name__}: {error}")
            return False
        self.complaint = ""
        return True

    @property
    def _speaks_smtp(self) -> bool:
        return isinstance(self._backend, EmailBackend) and self._backend.connection is not None

    def takes(self, address: str) -> bool:
        """Whether the address can be written in the envelope here (RFC 6531); asked of an open line."""
        return address.isascii() or not self._speaks_smtp or self._backend.connection.has_extn("smtputf8")

    def deliver(
        self, sender: str, mails: Iterator[tuple[Envelope, Callable[[], EmailMessage]]]
    ) -> Iterator[Outcome]:
        """An outcome for each, in order, until the connection is lost or no more come. Raises as `converse`."""
        if self._speaks_smtp:
            envelopes = (envelope for envelope, _ in mails)
            patience = _late_replies.patience
            outcomes = converse(self._backend.connection, sender, envelopes, patience=patience)
        else:
            outcomes = (self._pass_on(message()) for _, message in mails)
        for outcome in outcomes:
            self.served += 1
            yield outcome

    def _pass_on(self, message: EmailMessage) -> Outcome:
        """Raises Unconfirmed where a mail service was given the mail and said nothing in time."""
        try:
            self._backend.send_messages([message])
        except Exception as error:
            if _is_read_timeout(error):
                raise Unconfirmed("the mail service gave no answer in time") from error
            raise
        return Outcome(Stage.TAKEN, 250, "accepted by the mail service")

    def let_go(self, late: LateReply, key: str, *, took: float) -> Answer:
        """Leave the connection to the mail whose reply is late; the next one gets a new connection."""
        _late_replies.add(late)
        self._backend.connection = None
        self.served = 0
        return Answer(
            key, Verdict.PENDING, PENDING, took=took, later=lambda: late_answer(key, late, took=took)
        )

    def close(self) -> None:
        """Say goodbye; a server that does not answer to that has what it accepted all the same."""
        self.served = 0
        try:
            self._backend.close()
        except Exception:  # noqa: BLE001  (as above, and nothing depends on it)
            return


def send_one(message: EmailMessage, key: str) -> Answer:
    """Send a mail to its one recipient over a connection of its own; the answer may be pending."""
    line, began = MailLine(), time.monotonic()
    if count_late() >= MAX_LATE:
        return Answer(key, Verdict.UNTRIED, HOLDS_BACK)
    if not line.open():
        return Answer(key, Verdict.RETRY, line.complaint)
    try:
        sender = sanitize_address(parseaddr(message.from_email)[1], "utf-8")
        envelope = Envelope(message.to[0], on_the_wire(message.message().as_bytes()))
        (outcome,) = line.deliver(sender, iter([(envelope, lambda: message)]))
    except LateReply as late:
        return line.let_go(late, key, took=time.monotonic() - began)
    except Unconfirmed as error:
        return unknown(key, error, took=time.monotonic() - began)
    except Exception as error:  # noqa: BLE001  (a mail service's own backend fails in its own way)
        return Answer(key, Verdict.RETRY, plain(f"{type(error).__name__}: {error}"))
    finally:
        line.close()
    return judged(key, outcome, took=time.monotonic() - began)


def late_answer(key: str, late: LateReply, *, took: float) -> Answer:
    """Wait for what the server says about a mail that it has, EMAIL_CONFIRM_SECONDS at most."""
    try:
        outcome = late.wait(settings.EMAIL_CONFIRM_SECONDS)
    except Exception as error:  # noqa: BLE001  (whatever ended it, nothing is known of the mail)
        return unknown(key, error, took=took)
    finally:
        _late_replies.discard(late)
    found = judged(key, outcome, took=took)
    if (
        found.verdict == Verdict.REFUSED
    ):  # others of its batch are not known here, so that it may be us who are refused
        return Answer(key, Verdict.RETRY, found.detail, code=found.code, took=took)
    return found


def unknown(key: str, error: Exception, *, took: float) -> Answer:
    """The mail was handed over whole, and there will be no reply."""
    words = "no reply in time" if isinstance(error, TimeoutError) else f"{type(error).__name__}: {error}"
    return Answer(key, Verdict.UNKNOWN, plain(UNKNOWN + words), took=took)


def judged(key: str, outcome: Outcome, *, took: float) -> Answer:
    """What the reply to a mail means for it."""
    words = plain(str(outcome))
    if outcome.stage == Stage.TAKEN:
        return Answer(key, Verdict.SENT, words, code=outcome.code, took=took)
    is_ours = outcome.stage == Stage.SENDER
    is_final = outcome.code >= PERMANENT and not is_ours
    return Answer(
        key,
        Verdict.REFUSED if is_final else Verdict.RETRY,
        words,
        code=outcome.code,
        took=took,
        is_theirs=not is_ours,
        is_gone=is_final and outcome.stage == Stage.RECIPIENT and _is_gone(outcome),
    )


def _is_gone(outcome: Outcome) -> bool:
    """Whether the mailbox does not exist, by the enhanced code where there is one (RFC 3463)."""
    enhanced = _ENHANCED.search(outcome.words[:40])
    return bool(_GONE.match(enhanced.group())) if enhanced else outcome.code in _GONE_CODES


def plain(text: str) -> str:
    """On one line, as it is kept."""
    return _CONTROL.sub(" ", text)[:1000]
