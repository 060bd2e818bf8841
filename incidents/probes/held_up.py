"""Whether this process itself was held up while it probed: stopped, or on a machine without time.

Silence rests on a clock alone. Where our own clock ran on without us, it says nothing about a target.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

TICK_SECONDS = 0.25
HELD_UP_SECONDS = 1.0
"""A tick that comes so much later was missed by us."""


class _Ticker:
    """Ticks while anything is probed in its loop, and notes when it was late."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._users = 0
        self._handle: asyncio.TimerHandle | None = None
        self.noticed, self.late = float("-inf"), 0.0

    def begin(self) -> None:
        self._users += 1
        if self._handle is None:
            self._plan()

    def end(self) -> None:
        self._users -= 1
        if not self._users and self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _plan(self) -> None:
        due = self._loop.time() + TICK_SECONDS
        self._handle = self._loop.call_at(due, self._tick, due)

    def _tick(self, due: float) -> None:
        late = self._loop.time() - due
        if late > HELD_UP_SECONDS:
            self.noticed, self.late = self._loop.time(), late
        self._plan()


_TICKERS: WeakKeyDictionary[asyncio.AbstractEventLoop, _Ticker] = WeakKeyDictionary()


class Watched:
    """What happened to this process since `began` (loop time)."""

    def __init__(self, ticker: _Ticker, began: float) -> None:
        self._ticker, self._began = ticker, began

    @property
    def held_up_for(self) -> float:
        """Seconds of the last time that it was held up; 0 where it was not."""
        return self._ticker.late if self._ticker.noticed >= self._began else 0.0


@contextmanager
def watched() -> Iterator[Watched]:
    """Watch the running loop for as long as the block lasts."""
    loop = asyncio.get_running_loop()
    ticker = _TICKERS.setdefault(loop, _Ticker(loop))
    ticker.begin()
    try:
        yield Watched(ticker, loop.time())
    finally:
        ticker.end()
