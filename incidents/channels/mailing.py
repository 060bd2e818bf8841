"""Mail in bulk: a few connections side by side, a slow server bounded, one bad address no harm to the others.

What the server refuses for good (5xx to RCPT or to the message) is refused; what may pass is tried again; what was not
tried at all, because the server is down, keeps its tries (RFC 5321 section 4.2.1).
"""

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Self

from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend

from incidents.channels.letters import Letter
from incidents.channels.messages import Answer, Notice, Recipient, Verdict
from incidents.channels.smtp import Closing, Envelope, Outcome, Stage, converse

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
PERMANENT = 500
_GONE = re.compile(r"5\.(1\.[12369]|1\.10|2\.1)\b")
_ENHANCED = re.compile(r"\b[45]\.\d{1,3}\.\d{1,3}\b")
_GONE_CODES = frozenset({550, 551, 553})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
NOT_TRIED = "The mail server was down or too slow; not tried."


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
        line = _Line()
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

    def _hand_over(self, line: "_Line", notice: Notice, recipients: Sequence[Recipient]) -> Iterator[Answer]:
        """An answer for each recipient of a chunk, in order but for what cannot be written at all."""
        letter, ends = _letter(notice), time.monotonic() + CHUNK_SECONDS
        rest: deque[tuple[Recipient, bytes]] = deque()
        for recipient in recipients:
            try:
                rest.append((recipient, letter.wire(recipient)))
            except Exception as error:  # noqa: BLE001  (what cannot be written costs no conversation)
                yield Answer(recipient.key, Verdict.RETRY, _plain(f"{type(error).__name__}: {error}"))
        lost, began = 0, time.monotonic()
        while rest and lost < LOST_IN_A_ROW and time.monotonic() < ends and self._opens(line):
            in_time = (each for each in list(rest) if time.monotonic() < ends)
            try:
                for outcome in line.deliver(letter, in_time):
                    yield _answer(rest.popleft()[0].key, outcome, took=time.monotonic() - began)
                    lost, began = 0, time.monotonic()
            except Exception as error:  # noqa: BLE001  (a mail service's own backend fails in its own way)
                again = isinstance(error, Closing) and line.served > 0
                line.close()
                lost += 1
                if not again:
                    words = _plain(f"{type(error).__name__}: {error}")
                    yield Answer(rest.popleft()[0].key, Verdict.RETRY, words, took=time.monotonic() - began)
        for recipient, _ in rest:
            yield Answer(recipient.key, Verdict.UNTRIED, line.complaint or NOT_TRIED)

    def _opens(self, line: "_Line") -> bool:
        if time.monotonic() < self._down_until:
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


class _Line:
    """One connection: opened when needed, closed when lost. `served` counts what it has carried since it was opened."""

    def __init__(self) -> None:
        self._backend: Any = get_connection()
        self.served = 0
        self.complaint = ""

    def open(self) -> bool:
        """Whether it is open; if not, `complaint` says why."""
        try:
            if self._backend.open():
                self.served = 0
        except Exception as error:  # noqa: BLE001  (a mail service's own backend fails in its own way)
            self.close()
            self.complaint = _plain(f"The mail server cannot be reached: {type(error).__name__}: {error}")
            return False
        self.complaint = ""
        return True

    def deliver(self, letter: Letter, mails: Iterator[tuple[Recipient, bytes]]) -> Iterator[Outcome]:
        """An outcome for each, in order, until the connection is lost or no more come."""
        if isinstance(self._backend, EmailBackend) and self._backend.connection:
            envelopes = (Envelope(recipient.address, content) for recipient, content in mails)
            outcomes = converse(self._backend.connection, letter.sender, envelopes)
        else:
            outcomes = (self._pass_on(letter, recipient) for recipient, _ in mails)
        for outcome in outcomes:
            self.served += 1
            yield outcome

    def _pass_on(self, letter: Letter, recipient: Recipient) -> Outcome:
        self._backend.send_messages([letter.to(recipient)])
        return Outcome(Stage.TAKEN, 250, "accepted by the mail service")

    def close(self) -> None:
        """Say goodbye; a server that does not answer to that has what it accepted all the same."""
        self.served = 0
        try:
            self._backend.close()
        except Exception:  # noqa: BLE001  (as above, and nothing depends on it)
            return


@lru_cache(maxsize=16)
def _letter(notice: Notice) -> Letter:
    return Letter(notice)


def _answer(key: str, outcome: Outcome, *, took: float) -> Answer:
    words = _plain(str(outcome))
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


def _plain(text: str) -> str:
    return _CONTROL.sub(" ", text)[:1000]
