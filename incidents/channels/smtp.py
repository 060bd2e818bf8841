"""One SMTP conversation for many mails, each to one recipient; what may be said at once is (RFC 5321, RFC 2920).

The text of a mail and the next mail's envelope go out in one write, so that a mail costs one round trip.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from smtplib import SMTP

CLOSING = 421
ACCEPTED = range(200, 300)
GO_AHEAD = 354
_DOT = re.compile(rb"(?m)^\.")
_LINE_END = re.compile(rb"\r\n|\r|\n")


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


def on_the_wire(content: bytes) -> bytes:
    """A mail with CRLF at each line's end and its leading dots doubled (RFC 5321 section 4.5.2)."""
    content = _DOT.sub(b"..", _LINE_END.sub(b"\r\n", content))
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def converse(server: SMTP, sender: str, mails: Iterable[Envelope]) -> Iterator[Outcome]:
    """Hand over the mails in their order; an outcome for each as soon as it is known.

    Raises OSError or SMTPException when the conversation ends before: of the mail at which it did nothing is known.
    """
    server.ehlo_or_helo_if_needed()
    talk, coming = _Talk(server), iter(mails)
    this = next(coming, None)
    talk.say(_introduction(sender, this))
    while this:
        mail, rcpt, data = talk.hear(), talk.hear(), talk.hear()
        refused = _refusal(mail, rcpt, data)
        text = b"" if refused else this.content
        body = text + b".\r\n" if data.code == GO_AHEAD else b"RSET\r\n"
        following = next(coming, None)
        talk.say([body, *_introduction(sender, following)])
        last = talk.hear()
        taken = last.code in ACCEPTED
        yield refused or Outcome(Stage.TAKEN if taken else Stage.MESSAGE, last.code, last.words)
        this = following


@dataclass(frozen=True, slots=True)
class _Reply:
    code: int
    words: str


def _introduction(sender: str, mail: Envelope | None) -> list[bytes]:
    if mail is None:
        return []
    return [
        f"MAIL FROM:<{sender}>\r\n".encode(),
        f"RCPT TO:<{mail.address}>\r\n".encode(),
        b"DATA\r\n",
    ]


def _refusal(mail: _Reply, rcpt: _Reply, data: _Reply) -> Outcome | None:
    for reply, stage in ((mail, Stage.SENDER), (rcpt, Stage.RECIPIENT)):
        if reply.code not in ACCEPTED:
            return Outcome(stage, reply.code, reply.words)
    return None if data.code == GO_AHEAD else Outcome(Stage.MESSAGE, data.code, data.words)


class _Talk:
    """Says all at once where the server can take it, else one command after another's reply."""

    def __init__(self, server: SMTP) -> None:
        self._server = server
        self._at_once = server.has_extn("pipelining")
        self._unsaid: deque[bytes] = deque()

    def say(self, commands: Sequence[bytes]) -> None:
        self._unsaid.extend([b"".join(commands)] if self._at_once and commands else commands)
        if self._at_once:
            self._write()

    def hear(self) -> _Reply:
        self._write()
        code, words = self._server.getreply()
        if code == CLOSING:
            raise Closing(f"{code} {words.decode('utf-8', 'replace')}")
        return _Reply(code, words.decode("utf-8", "replace"))

    def _write(self) -> None:
        if self._server.sock is None:
            raise Closing("the connection is closed")
        if self._unsaid:
            self._server.sock.sendall(self._unsaid.popleft())
