"""Mail in bulk: a few connections side by side, a slow server bounded, one bad address no harm to the others.

What the server refuses for good (5xx to RCPT or to the message) is refused; what may pass is tried again; what was not
tried at all, because the server is down, keeps its tries (RFC 5321 section 4.2.1).
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Self

from incidents.channels.letters import Letter
from incidents.channels.mail_line import HOLDS_BACK, MAX_LATE, MailLine, count_late, judged, plain, unknown
from incidents.channels.messages import Answer, Notice, Recipient, Verdict
from incidents.channels.smtp import Closing, Envelope, LateReply, Unconfirmed

CONNECTIONS = 4
CHUNK = 25
"""A connection takes so many mails at a time."""
CHUNK_SECONDS = 20.0
"""Whoever is left after this long waits for a later turn; a lease must outlast all that is queued."""
LOST_IN_A_ROW = 3
"""So many lost connections one after another mean that the server is down, not that an address is bad."""
DOWN_SECONDS = 5.0
"""For so long nobody else waits for a server that could not be reached."""
MANY_REFUSED = 5
"""So many of a chunk, and more than half of it, are never all bad: it is us whom the server refuses."""
NOT_TRIED = "The mail server was down or too slow; not tried."
NO_UTF8 = (
    "The mail server does not offer SMTPUTF8, which this address needs. Use an address in plain letters."
)


class Mailer:
    """A sender over Django's mail backend, with a thread for each connection."""

    def __init__(self, answer: Callable[[Answer], None]) -> None:
        self._answer = answer
        self._chunks: deque[tuple[Notice, Sequence[Recipient]]] = deque()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._idle, self._ending = 0, False
        self._down_until = 0.0
        self._taken, self._answered = 0, 0

    def __enter__(self) -> Self:
        """Connections are made as they are needed."""
        return self

    def __exit__(self, *why: object) -> None:
        """Wait until every recipient has its answer."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def send(self, notice: Notice, recipients: Sequence[Recipient]) -> None:
        """Queue a batch."""
        chunks = [recipients[start : start + CHUNK] for start in range(0, len(recipients), CHUNK)]
        with self._changed:
            self._taken += len(recipients)
            self._chunks.extend((notice, chunk) for chunk in chunks)
            while len(self._threads) < CONNECTIONS and self._idle < len(self._chunks):
                self._idle += 1
                self._threads.append(threading.Thread(target=self._work, name="mailer", daemon=True))
                self._threads[-1].start()
            self._changed.notify_all()

    def work(self, seconds: float, *, enough: int) -> None:
        """Its threads work by themselves; this only waits for some answers."""
        with self._changed:
            wanted = self._answered + enough
            self._changed.wait_for(lambda: self._answered >= min(wanted, self._taken), seconds)

    def _work(self) -> None:
        line = MailLine()
        while chunk := self._next():
            for answer in self._judged(self._hand_over(line, *chunk)):
                self._answer(answer)
            with self._changed:
                self._idle += 1
                self._answered += len(chunk[1])
                self._changed.notify_all()
        line.close()

    def _next(self) -> tuple[Notice, Sequence[Recipient]] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._chunks or self._ending)
            self._idle -= 1
            return self._chunks.popleft() if self._chunks else None

    def _hand_over(self, line: MailLine, notice: Notice, recipients: Sequence[Recipient]) -> Iterator[Answer]:
        """An answer for each recipient of a chunk, in order but for what cannot be written at all."""
        letter, ends = _letter(notice), time.monotonic() + CHUNK_SECONDS
        rest: deque[tuple[Recipient, bytes]] = deque()
        for recipient in recipients:
            try:
                rest.append((recipient, letter.wire(recipient)))
            except Exception as error:  # noqa: BLE001  (what cannot be written costs no conversation)
                yield Answer(recipient.key, Verdict.RETRY, plain(f"{type(error).__name__}: {error}"))
        lost = 0
        while rest and lost < LOST_IN_A_ROW and time.monotonic() < ends and self._opens(line):
            yield from _refuse_utf8(line, rest)
            lost = yield from self._converse(line, letter, rest, ends, lost)
        for recipient, _ in rest:
            yield Answer(recipient.key, Verdict.UNTRIED, line.complaint or NOT_TRIED)

    @staticmethod
    def _converse(
        line: MailLine, letter: Letter, rest: deque[tuple[Recipient, bytes]], ends: float, lost: int
    ) -> Generator[Answer, None, int]:
        """Hand over as many of the rest as one connection takes, until `ends`; how many were lost in a row."""
        began = time.monotonic()
        in_time = (
            (Envelope(recipient.address, content), partial(letter.to, recipient))
            for recipient, content in list(rest)
            if time.monotonic() < ends
        )
        try:
            for outcome in line.deliver(letter.sender, in_time):
                yield judged(rest.popleft()[0].key, outcome, took=time.monotonic() - began)
                lost, began = 0, time.monotonic()
        except LateReply as late:
            yield line.let_go(late, rest.popleft()[0].key, took=time.monotonic() - began)
            return 0
        except Unconfirmed as error:
            line.close()
            yield unknown(rest.popleft()[0].key, error, took=time.monotonic() - began)
            return lost + 1
        except Exception as error:  # noqa: BLE001  (a mail service's own backend fails in its own way)
            again = isinstance(error, Closing) and line.served > 0
            line.close()
            if not again:
                words = plain(f"{type(error).__name__}: {error}")
                yield Answer(rest.popleft()[0].key, Verdict.RETRY, words, took=time.monotonic() - began)
            return lost + 1
        return lost

    def _opens(self, line: MailLine) -> bool:
        if time.monotonic() < self._down_until:
            return False
        if count_late() >= MAX_LATE:
            line.complaint = HOLDS_BACK
            return False
        if not line.open():
            self._down_until = time.monotonic() + DOWN_SECONDS
            return False
        return True

    @staticmethod
    def _judged(answers: Iterator[Answer]) -> Iterator[Answer]:
        """Refusals wait for the end of their chunk: where most are refused, it is us whom the server does not like."""
        refused, others = [], 0
        for answer in answers:
            if answer.verdict == Verdict.REFUSED:
                refused.append(answer)
            else:
                others += 1
                yield answer
        doubtful = len(refused) >= max(MANY_REFUSED, others + 1)
        for answer in refused:
            words = f"Most were refused alike, so it is tried again: {answer.detail}"[:1000]
            yield (
                replace(answer, verdict=Verdict.RETRY, detail=words, is_theirs=False, is_gone=False)
                if doubtful
                else answer
            )


@lru_cache(maxsize=16)
def _letter(notice: Notice) -> Letter:
    return Letter(notice)


def _refuse_utf8(line: MailLine, rest: deque[tuple[Recipient, bytes]]) -> Iterator[Answer]:
    """Take those away whose address this server cannot take."""
    for each in [each for each in rest if not line.takes(each[0].address)]:
        rest.remove(each)
        yield Answer(each[0].key, Verdict.REFUSED, NO_UTF8, is_theirs=True)
