"""Places in Django: so many requests at a time, waited for without a thread, and some that no stranger can take.

All of it happens on the event loop, so nothing here is locked.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from typing import NamedTuple

PLACES = 8
"""Requests in Django at a time: as many as the PostgreSQL pool has connections."""
OTHERS = 6
"""Of these, how many strangers and scripts may hold together; the rest is for signed-in staff alone."""
WAIT_SECONDS = 1.5
MAX_WAITING = 64
MAX_WAITING_PER_NETWORK = 8


class Caller(Enum):
    """Who a request seems to be from, which says only what it may take from others."""

    STAFF = "staff"
    SCRIPT = "script"
    STRANGER = "stranger"
    STRANGER_WRITING = "stranger writing"
    """A password, a subscription: what costs most. The form itself is a STRANGER's."""


class Share(NamedTuple):
    """Places that one kind of callers, and one client network among them, may hold at a time."""

    places: int
    per_network: int


SHARES = {
    Caller.STAFF: Share(PLACES, PLACES),
    Caller.SCRIPT: Share(4, 3),
    Caller.STRANGER: Share(4, 2),
    Caller.STRANGER_WRITING: Share(2, 1),
}
_GROUPS = {
    Caller.STAFF: (Caller.STAFF,),
    Caller.SCRIPT: (Caller.SCRIPT,),
    Caller.STRANGER: (Caller.STRANGER,),
    Caller.STRANGER_WRITING: (Caller.STRANGER_WRITING, Caller.STRANGER),
}
"""Whose shares a place counts in: what a stranger writes with is one of the strangers' places as well."""


class NoPlace(Exception):
    """No place became free in time, or too many wait already."""


class _Waiting(NamedTuple):
    caller: Caller
    network: str
    granted: asyncio.Future[None]


class Places:
    """The concurrency limiter of one process."""

    def __init__(self, wait_seconds: float = WAIT_SECONDS) -> None:
        self._wait_seconds = wait_seconds
        self._total = 0
        self._taken: Counter[Caller] = Counter()
        self._by_network: Counter[tuple[Caller, str]] = Counter()
        self._queue: list[_Waiting] = []

    @property
    def taken(self) -> int:
        """Places that are held now."""
        return self._total

    @asynccontextmanager
    async def one(self, caller: Caller, network: str) -> AsyncIterator[None]:
        """Hold a place. Raises NoPlace."""
        await self._take(caller, network)
        try:
            yield
        finally:
            self._give_back(caller, network)

    async def _take(self, caller: Caller, network: str) -> None:
        if self._fits(caller, network):
            self._note(caller, network, 1)
            return
        from_here = sum(each.network == network for each in self._queue if each.caller is not Caller.STAFF)
        is_crowded = len(self._queue) >= MAX_WAITING or from_here >= MAX_WAITING_PER_NETWORK
        if is_crowded and caller is not Caller.STAFF:
            raise NoPlace
        waiting = _Waiting(caller, network, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        try:
            await asyncio.wait((waiting.granted,), timeout=self._wait_seconds)
        except asyncio.CancelledError:
            if waiting.granted.done():
                self._give_back(caller, network)
            raise
        finally:
            if waiting in self._queue:
                self._queue.remove(waiting)
        if not waiting.granted.done():
            raise NoPlace

    def _give_back(self, caller: Caller, network: str) -> None:
        """What has become free goes to those who wait, in the order in which they came."""
        self._note(caller, network, -1)
        for each in list(self._queue):
            if self._fits(each.caller, each.network):
                self._note(each.caller, each.network, 1)
                self._queue.remove(each)
                each.granted.set_result(None)

    def _note(self, caller: Caller, network: str, change: int) -> None:
        self._total += change
        for group in _GROUPS[caller]:
            self._taken[group] += change
            self._by_network[group, network] += change
            if not self._by_network[group, network]:
                del self._by_network[group, network]

    def _fits(self, caller: Caller, network: str) -> bool:
        others = self._taken[Caller.SCRIPT] + self._taken[Caller.STRANGER]
        if self._total >= PLACES or (caller is not Caller.STAFF and others >= OTHERS):
            return False
        return all(
            self._taken[group] < SHARES[group].places
            and self._by_network[group, network] < SHARES[group].per_network
            for group in _GROUPS[caller]
        )
