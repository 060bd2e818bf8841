"""The relay: from events to delivery rows, from rows to channels, from answers back to rows (DESIGN 10).

Each channel is a lane with a sender of its own; the relay alone touches the database. A lane takes as many rows as it
has room for and gives its answers as they come, so that no slow endpoint, dead mail server or other lane holds up the
rest. Any number of relays may run at once, and each may be killed on any line.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from queue import Empty, SimpleQueue

from django.db import InterfaceError, OperationalError, connection

from incidents.channels.kinds import KINDS
from incidents.channels.messages import Answer, Kind, Sender
from incidents.domain.sweeps import SweepKind
from incidents.models import Event
from incidents.notifying.envelopes import Envelopes
from incidents.notifying.late_replies import follow
from incidents.operations.deliveries import Claimed, claim, settle, unwanted
from incidents.operations.endpoints import note_answers
from incidents.operations.fanout import expand, expandable
from incidents.operations.sweeps import Place, each_row

log = logging.getLogger(__name__)

BUDGET_SECONDS = 120.0
"""No row is claimed after this long, well within a task's time limit; the next sweep goes on."""
FIRST, AT_ONCE = 50, 500
"""Rows of a lane's first claim, so that somebody is told at once, and of those after it."""
TOGETHER, PATIENCE_SECONDS = 500, 0.1
"""Answers are written down so many at a time, and none later than this: a relay that is killed forgets them."""
LISTEN_SECONDS = 0.02
AWAY_SECONDS, AWAY_PAUSE_SECONDS = 45.0, 0.5
"""How long one waits for a database that is away, and between two looks whether it is back."""
REST_SECONDS = 0.2
"""Before one looks again where nothing was found."""
ALIVE_SECONDS = 1.0


@dataclass
class _Lane:
    """One channel while the relay runs."""

    kind: Kind
    sender: Sender
    out: int = 0

    @property
    def room(self) -> int:
        """How many rows it takes now; none until there is room for a fair number."""
        room = min(self.kind.room - self.out, AT_ONCE)
        return room if room >= self.kind.room // 4 else 0


def relay_due(
    *,
    at: datetime | None = None,
    budget: float = BUDGET_SECONDS,
    alive: Callable[[], None] = lambda: None,
    helper: Callable[[], None] = lambda: None,
    holder: str = "",
) -> Counter[str]:
    """Expand and send what is due until nothing is left, or the time is over; what became of it, counted.

    `at` stands in for the clock, for tests and replays. `alive` is called now and then, `helper` once when there is
    work for two. `holder` names the place whose turn this is, so that its next relay may take back what this one had
    claimed when it died. Raises the database's error once that has been away for AWAY_SECONDS.
    """
    with ExitStack() as stack:
        run = _Run(stack, at=at, holder=holder, alive=alive, helper=helper)
        return run.until(time.monotonic() + budget)


def _place(event: Event) -> Place:
    incident = event.incident
    title = incident.title if incident else event.get_kind_display()
    path = f"/console/incidents/{incident.code}" if incident else "/console/deliveries"
    return Place(event.page_id, title, path)


def _record_later(answer: Answer, *, was_failing: bool) -> None:
    """Write down what a slow mail server said after the run had gone on."""
    at = datetime.now(UTC)
    settle([answer], at=at)
    note_answers([answer], failing={answer.key} if was_failing else (), at=at)


@dataclass
class _Run:
    """One run of the relay."""

    stack: ExitStack
    at: datetime | None
    holder: str
    alive: Callable[[], None]
    helper: Callable[[], None]
    lanes: dict[str, _Lane] = field(default_factory=dict)
    answers: SimpleQueue[tuple[str, Answer]] = field(default_factory=SimpleQueue)
    unsettled: list[Answer] = field(default_factory=list)
    unsettled_since: float = 0.0
    failing: set[str] = field(default_factory=set)
    rests: dict[str, float] = field(default_factory=dict)
    is_helped: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    envelopes: Envelopes = field(default_factory=Envelopes)

    def until(self, ends: float) -> Counter[str]:
        """Work until nothing is left; after `ends` only wait for the answers that are out.

        A database that goes away costs nobody a notice: the answers are kept until it is back.
        """
        away_since = 0.0
        while True:
            try:
                if not self._step(is_open=time.monotonic() < ends):
                    return self.counts
                away_since = 0.0
            except (OperationalError, InterfaceError):
                away_since = away_since or time.monotonic()
                if connection.in_atomic_block or time.monotonic() - away_since > AWAY_SECONDS:
                    raise
                log.warning("the database is away", exc_info=True)
                connection.close()
                self._work(AWAY_PAUSE_SECONDS)

    def _step(self, *, is_open: bool) -> bool:
        """One round; whether anything is left to do."""
        if self._is_rested("alive"):
            self.alive()
            self._rest("alive", ALIVE_SECONDS)
        moved = is_open and self._move()
        out = sum(lane.out for lane in self.lanes.values())
        self._listen(patient=not moved or out >= TOGETHER)
        if moved or out:
            return True
        self._settle()
        return is_open and self._look_again()

    @property
    def now(self) -> datetime:
        """The clock, or what stands in for it."""
        return self.at or datetime.now(UTC)

    def _is_rested(self, what: str) -> bool:
        return time.monotonic() >= self.rests.get(what, 0.0)

    def _rest(self, what: str, seconds: float) -> None:
        self.rests[what] = time.monotonic() + seconds

    def _look_again(self) -> bool:
        """Whether anything is found once nobody rests: the last look before the end."""
        self.rests.clear()
        return self._move()

    def _move(self) -> bool:
        """Hand out what is there; only where nothing is or no lane has room, write more rows: the first are told long
        before the last are written."""
        return self._hand_out() or self._expand()

    def _expand(self) -> bool:
        """One batch of rows for each event that is due, so that the first are sent before the last are written."""
        events = list(expandable(self.now)) if self._is_rested("events") else []
        work = partial(expand, at=self.now)
        away = (OperationalError, InterfaceError)
        found = each_row(SweepKind.FAN_OUT, events, work, place=_place, at=self.now, passes=away)
        if not all(found) and not self.is_helped:
            self.is_helped = True
            self.helper()
        if found:
            self.rests.clear()
        else:
            self._rest("events", REST_SECONDS)
        return bool(found)

    def _hand_out(self) -> bool:
        moved = False
        for kind in KINDS.values():
            lane = self.lanes.get(kind.name)
            room = lane.room if lane else FIRST
            if not room or not self._is_rested(kind.name):
                continue
            rows = claim(kind.name, at=self.now, limit=room, holder=self.holder)
            if len(rows) < room:
                self._rest(kind.name, PATIENCE_SECONDS if rows else REST_SECONDS)
            if rows:
                self._send(lane or self._open(kind), rows)
                moved = True
        return moved

    def _open(self, kind: Kind) -> _Lane:
        def keep(answer: Answer) -> None:
            self.answers.put((kind.name, answer))

        self.lanes[kind.name] = _Lane(kind, self.stack.enter_context(kind.open(keep)))
        return self.lanes[kind.name]

    def _send(self, lane: _Lane, rows: list[Claimed]) -> None:
        """Give each row to its lane with what it says; what cannot be said is answered here."""
        self.failing.update(row.key for row in rows if row.failing_since)
        wanted = [row for row in rows if row.is_wanted]
        batches, unready = self.envelopes.filled(wanted, channel=lane.kind.name, at=self.now)
        for notice, recipients in batches:
            lane.out += len(recipients)
            lane.sender.send(notice, recipients)
        self._keep([*unwanted(rows), *unready])

    def _listen(self, *, patient: bool) -> None:
        """Let the lanes work for a moment, longer if `patient`, and take the answers that are there."""
        self._work(LISTEN_SECONDS if patient else 0.0)
        found: list[Answer] = []
        while len(found) < AT_ONCE:
            try:
                name, answer = self.answers.get_nowait()
            except Empty:
                break
            self.lanes[name].out -= 1
            found.append(answer)
        self._keep(found)

    def _work(self, seconds: float) -> None:
        busy = [lane for lane in self.lanes.values() if lane.out]
        for lane in busy:
            lane.sender.work(seconds / len(busy), enough=TOGETHER)
        if not busy and seconds > LISTEN_SECONDS:
            time.sleep(seconds)

    def _keep(self, answers: list[Answer]) -> None:
        """Write them down once there are many, or some have waited."""
        if answers and not self.unsettled:
            self.unsettled_since = time.monotonic()
        self.unsettled += answers
        if len(self.unsettled) >= TOGETHER or time.monotonic() - self.unsettled_since >= PATIENCE_SECONDS:
            self._settle()

    def _settle(self) -> None:
        answers = self.unsettled
        if answers:
            settle(answers, at=self.now)
            self.unsettled = []
            note_answers(answers, failing=self.failing, at=self.now)
            for answer in answers:
                follow(answer, partial(_record_later, was_failing=answer.key in self.failing))
            self.failing.difference_update(answer.key for answer in answers)
            self.counts.update(answer.verdict.value for answer in answers)
