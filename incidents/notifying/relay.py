"""The relay: from events to delivery rows, from rows to channels, from answers back to rows (DESIGN 10).

Each channel is a lane with a sender in threads of its own; this thread alone touches the database. A lane takes as many
rows as it has room for and gives its answers as they come, so that no slow endpoint, dead mail server or other lane
holds up the rest. Any number of relays may run at once, and each may be killed on any line.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import Empty, SimpleQueue

from incidents.channels.kinds import KINDS
from incidents.channels.messages import Answer, Kind, Sender
from incidents.notifying.envelopes import Envelopes
from incidents.operations.deliveries import Claimed, claim, settle, take_back, unwanted
from incidents.operations.endpoints import note_answers
from incidents.operations.fanout import expand, expandable

log = logging.getLogger(__name__)

BUDGET_SECONDS = 120.0
"""No row is claimed after this long, well within a task's time limit; the next sweep goes on."""
AT_ONCE = 100
"""Rows of one claim, and answers of one settlement at most: what a killed relay may have sent without saying so."""
LISTEN_SECONDS = 0.02


@dataclass
class _Lane:
    """One channel while the relay runs."""

    kind: Kind
    sender: Sender
    out: int = 0

    @property
    def room(self) -> int:
        """How many rows it takes now; none until there is room for a fair number."""
        room = self.kind.room - self.out
        return min(room, AT_ONCE) if room >= min(AT_ONCE, self.kind.room) // 2 else 0


def relay_due(
    *,
    at: datetime | None = None,
    budget: float = BUDGET_SECONDS,
    alive: Callable[[], None] = lambda: None,
    holder: str = "",
) -> Counter[str]:
    """Expand and send what is due until nothing is left, or the time is over; what became of it, counted.

    `at` stands in for the clock, for tests and replays. `alive` is called between steps. `holder` names the place whose
    turn this is: what an earlier relay of the same place had claimed when it died is free again at once.
    """
    with ExitStack() as stack:
        return _Run(stack, at=at, holder=holder).until(time.monotonic() + budget, alive=alive)


@dataclass
class _Run:
    """One run of the relay."""

    stack: ExitStack
    at: datetime | None
    holder: str
    lanes: dict[str, _Lane] = field(default_factory=dict)
    answers: SimpleQueue[tuple[str, Answer]] = field(default_factory=SimpleQueue)
    counts: Counter[str] = field(default_factory=Counter)
    envelopes: Envelopes = field(default_factory=Envelopes)

    def until(self, ends: float, *, alive: Callable[[], None]) -> Counter[str]:
        """Work until nothing is left; after `ends` only wait for the answers that are out."""
        if self.holder:
            take_back(self.holder, at=self.now)
        while True:
            alive()
            is_open = time.monotonic() < ends
            moved = is_open and (self._expand() | self._hand_out())
            out = sum(lane.out for lane in self.lanes.values())
            self._listen(patient=not moved and out > 0)
            if not moved and not out:
                return self.counts

    @property
    def now(self) -> datetime:
        """The clock, or what stands in for it."""
        return self.at or datetime.now(UTC)

    def _expand(self) -> bool:
        """One batch of rows for each event that is due, so that the first are sent before the last are written."""
        events = list(expandable(self.now))
        for event in events:
            expand(event, at=self.now)
        return bool(events)

    def _hand_out(self) -> bool:
        moved = False
        for kind in KINDS.values():
            lane = self.lanes.get(kind.name)
            room = lane.room if lane else min(AT_ONCE, kind.room)
            if room and (rows := claim(kind.name, at=self.now, limit=room, holder=self.holder)):
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
        answered = unwanted(rows)
        batches, unready = self.envelopes.filled(
            [row for row in rows if row.is_wanted], channel=lane.kind.name, at=self.now
        )
        for notice, recipients in batches:
            lane.out += len(recipients)
            lane.sender.send(notice, recipients)
        self._settle([*answered, *unready])

    def _listen(self, *, patient: bool) -> None:
        """Settle the answers that are there; if `patient`, wait a moment for the first."""
        found: list[Answer] = []
        while len(found) < AT_ONCE:
            try:
                wait = patient and not found
                name, answer = self.answers.get(block=wait, timeout=LISTEN_SECONDS if wait else None)
            except Empty:
                break
            self.lanes[name].out -= 1
            found.append(answer)
        self._settle(found)

    def _settle(self, answers: list[Answer]) -> None:
        if answers:
            settle(answers, at=self.now)
            note_answers(answers, at=self.now)
            self.counts.update(answer.verdict.value for answer in answers)
