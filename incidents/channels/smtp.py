"""One SMTP conversation for many mails, each to one recipient; what may be said at once is (RFC 5321, RFC 2920).

The text of a mail and the next mail's envelope go out in one write, so that a mail costs one round trip. A mail whose
text went out whole and got no reply may have been accepted: its outcome is unknown, which is not a failure.
"""

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from smtplib import SMTP, SMTPResponseException, SMTPServerDisconnected

from incidents.channels.wire import seven_bit

CLOSING = 421
ACCEPTED = range(200, 300)
GO_AHEAD = 354
MAX_REPLY_BYTES = 64 * 1024
"""A server that says more in one reply is cut off."""


class Stage(Enum):
    """Of whom a reply speaks: of nobody, since it was taken; of us; of the recipient; of the message."""

    TAKEN = auto()
    SENDER = auto()
    RECIPIENT = auto()
    MESSAGE = auto()


@dataclass(frozen=True, slots=True)
class Envelope:
    """One recipient and the mail as `on_the_wire` made it."""

    address: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """The reply that decided about one mail."""

    stage: Stage
    code: int
    words: str

    def __str__(self) -> str:
        return f"{self.code} {self.words}"


class Closing(ConnectionError):
    """The server says goodbye in the middle (421)."""


class Unconfirmed(ConnectionError):
    """The connection was lost after the final dot and before its reply: the mail may have been accepted."""


class LateReply(Exception):
    """The text went out whole, and its reply takes longer than the caller waits. The connection is the mail's now."""

    def __init__(self, talk: "_Talk") -> None:
        super().__init__("the mail server has not confirmed the mail yet")
        self._talk = talk

    def wait(self, seconds: float) -> Outcome:
        """The reply, waited for so long at most; the connection is closed then, with whatever was said beyond.

        Raises OSError or SMTPException where none came.
        """
        try:
            return _judged(self._talk.hear(seconds, is_said=True))
        except Closing as error:
            return Outcome(Stage.MESSAGE, CLOSING, str(error).removeprefix(f"{CLOSING} "))
        finally:
            self._talk.hang_up()


def converse(server: SMTP, sender: str, mails: Iterable[Envelope], *, patience: float) -> Iterator[Outcome]:
    """Hand over the mails in their order; an outcome for each as soon as it is known.

    Each command has the server's own timeout, the reply to a text `patience` seconds. Raises LateReply after that, and
    Unconfirmed, OSError or SMTPException when the conversation ends before: of the mail at which it did nothing is
    known.
    """
    server.ehlo_or_helo_if_needed()
    offers_8bit = server.has_extn("8bitmime")
    coming = (each if offers_8bit else _in_seven_bits(each) for each in mails)
    talk = _Talk(server)
    this = next(coming, None)
    talk.say(_introduction(sender, this))
    while this:
        mail, rcpt, data = talk.hear(), talk.hear(), talk.hear()
        refused = _refusal(mail, rcpt, data)
        text = b"" if refused else this.content
        body = text + b".\r\n" if data.code == GO_AHEAD else b"RSET\r\n"
        following = next(coming, None)
        talk.say([body, *_introduction(sender, following)])
        talk.write()
        if refused:
            talk.hear(is_said=True)
        yield refused or _judged(_reply_to_text(talk, patience))
        this = following


@dataclass(frozen=True, slots=True)
class _Reply:
    code: int
    words: str


def _judged(last: _Reply) -> Outcome:
    return Outcome(Stage.TAKEN if last.code in ACCEPTED else Stage.MESSAGE, last.code, last.words)


def _reply_to_text(talk: "_Talk", patience: float) -> _Reply:
    """Raises LateReply and Unconfirmed."""
    try:
        return talk.hear(patience, is_said=True, closes=False)
    except TimeoutError as error:
        raise LateReply(talk) from error
    except Closing:
        raise
    except (OSError, SMTPResponseException) as error:
        talk.hang_up()
        raise Unconfirmed(f"{type(error).__name__}: {error}") from error


def _in_seven_bits(mail: Envelope) -> Envelope:
    return mail if mail.content.isascii() else replace(mail, content=seven_bit(mail.content))


def _introduction(sender: str, mail: Envelope | None) -> list[bytes]:
    if mail is None:
        return []
    body = "" if mail.content.isascii() else " BODY=8BITMIME"
    utf8 = "" if mail.address.isascii() else " SMTPUTF8"
    return [
        f"MAIL FROM:<{sender}>{body}{utf8}\r\n".encode(),
        f"RCPT TO:<{mail.address}>\r\n".encode(),
        b"DATA\r\n",
    ]


def _refusal(mail: _Reply, rcpt: _Reply, data: _Reply) -> Outcome | None:
    for reply, stage in ((mail, Stage.SENDER), (rcpt, Stage.RECIPIENT)):
        if reply.code not in ACCEPTED:
            return Outcome(stage, reply.code, reply.words)
    return None if data.code == GO_AHEAD else Outcome(Stage.MESSAGE, data.code, data.words)


class _Talk:
    """Says all at once where the server can take it, else one command after another's reply.

    Replies are read here and not by smtplib, whose reader cannot go on after a timeout.
    """

    def __init__(self, server: SMTP) -> None:
        self._server = server
        self._seconds = server.timeout if isinstance(server.timeout, int | float) else None
        self._at_once = server.has_extn("pipelining")
        self._unsaid: deque[bytes] = deque()
        self._unread = b""

    def say(self, commands: Sequence[bytes]) -> None:
        self._unsaid.extend([b"".join(commands)] if self._at_once and commands else commands)
        if self._at_once:
            self.write()

    def hear(self, seconds: float | None = None, *, is_said: bool = False, closes: bool = True) -> _Reply:
        """The next reply within `seconds`, the server's own timeout where that is not given.

        Raises TimeoutError, other OSErrors and SMTPException; the connection is closed then, unless not `closes`.
        """
        if not is_said:
            self.write()
        try:
            code, words = self._reply(seconds or self._seconds)
        except Exception:
            if closes:
                self.hang_up()
            raise
        if code == CLOSING:
            raise Closing(f"{code} {words}")
        return _Reply(code, words)

    def write(self) -> None:
        """Say the next thing, if there is any."""
        sock = self._server.sock
        if sock is None:
            raise Closing("the connection is closed")
        if self._unsaid:
            sock.settimeout(self._seconds)
            sock.sendall(self._unsaid.popleft())

    def hang_up(self) -> None:
        """Close the connection without a word, which would wait for a reply."""
        self._server.close()

    def _reply(self, seconds: float | None) -> tuple[int, str]:
        ends = None if seconds is None else time.monotonic() + seconds
        words: list[bytes] = []
        while True:
            line = self._line(ends)
            words.append(line[4:].strip())
            if line[3:4] != b"-" or not line[:3].isdigit():
                code = int(line[:3]) if line[:3].isdigit() else -1
                return code, b"\n".join(words).decode("utf-8", "replace")
            if sum(map(len, words)) > MAX_REPLY_BYTES:
                raise SMTPResponseException(500, "The reply is too long.")

    def _line(self, ends: float | None) -> bytes:
        sock = self._server.sock
        if sock is None:
            raise SMTPServerDisconnected("the connection is closed")
        while b"\n" not in self._unread:
            left = None if ends is None else ends - time.monotonic()
            if left is not None and left <= 0:
                raise TimeoutError("timed out")
            sock.settimeout(left)
            got = sock.recv(MAX_REPLY_BYTES)
            if not got:
                raise SMTPServerDisconnected("Connection unexpectedly closed")
            self._unread += got
            if len(self._unread) > 2 * MAX_REPLY_BYTES:
                raise SMTPResponseException(500, "The reply is too long.")
        line, _, self._unread = self._unread.partition(b"\n")
        return line
