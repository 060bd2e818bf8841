"""Reading a request's body on the event loop: counted as it comes, within a deadline, holding no thread meanwhile.

Up to WORDS_BYTES it stays in memory. A longer one, which only known callers may send, goes to an unnamed file.
"""

import asyncio
import io
import tempfile
from collections import Counter
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Protocol

from incidents.domain.body_limits import WORDS_BYTES, BodyLimit
from incidents.web.refusals import BUSY, TOO_SLOW, TORN, Refusal, too_large

MAX_BODIES = 512
MAX_BODIES_PER_NETWORK = 48
"""Bodies on their way at a time. Staff count in neither; they have places of their own."""
MAX_MEMORY = 48 * 1024 * 1024
MAX_MEMORY_PER_NETWORK = 12 * 1024 * 1024
"""Bytes of bodies in memory, from the first one that comes until the request is answered."""
MAX_UPLOADS = 4
MAX_UPLOADS_PER_NETWORK = 2
MAX_UPLOADS_OF_SCRIPTS = 2
"""Uploads on their way at a time; what scripts cannot have is kept for staff with a session."""
DRAINED_BYTES = 4 * 1024 * 1024
DRAINED_SECONDS = 2.0
"""What is still read, and forgotten, of a body that is too long: a browser shows no answer before it has sent all."""


class Chunks(Protocol):
    """What is read of granian's request: `__anext__` gives bytes, and is over after empty ones."""

    def __aiter__(self) -> "Chunks":
        """Begin to read."""

    def __anext__(self) -> Awaitable[bytes]:
        """The next bytes. Raises StopAsyncIteration."""


class BodyRefused(Exception):
    """The request is to be answered with `refusal`; `closes` where its body has not been read to the end."""

    def __init__(self, refusal: Refusal, *, closes: bool = True) -> None:
        super().__init__(refusal.words)
        self.refusal, self.closes = refusal, closes


@dataclass
class Ledger:
    """What all bodies of this process hold, by client network."""

    bodies: Counter[str] = field(default_factory=Counter)
    uploads: Counter[str] = field(default_factory=Counter)
    script_uploads: Counter[str] = field(default_factory=Counter)
    memory: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def body(
        self, network: str, limit: BodyLimit, *, is_staff: bool, is_empty: bool = False
    ) -> Iterator["Body"]:
        """A body that may come now. Raises BodyRefused where too many are on their way.

        Of an upload `is_staff` says that a session has been looked up; of any other body the signed cookie is enough.
        """
        counted = [] if is_staff or is_empty else [(self.bodies, MAX_BODIES, MAX_BODIES_PER_NETWORK)]
        if limit.is_upload and not is_empty:
            counted.append((self.uploads, MAX_UPLOADS, MAX_UPLOADS_PER_NETWORK))
            if not is_staff:
                counted.append((self.script_uploads, MAX_UPLOADS_OF_SCRIPTS, MAX_UPLOADS_PER_NETWORK))
        for counter, most, most_of_network in counted:
            if counter.total() >= most or counter[network] >= most_of_network:
                raise BodyRefused(BUSY)
        for counter, _, _ in counted:
            counter[network] += 1
        body = Body(self, network, limit, is_staff=is_staff)
        try:
            yield body
        finally:
            body.close()
            for counter, _, _ in counted:
                _subtract(counter, network, 1)

    def add(self, network: str, size: int, *, is_staff: bool) -> None:
        """Count bytes that came. Raises BodyRefused where memory is short."""
        self.memory[network] += size
        most_of_network = MAX_MEMORY if is_staff else MAX_MEMORY_PER_NETWORK
        if self.memory.total() > MAX_MEMORY or self.memory[network] > most_of_network:
            raise BodyRefused(BUSY)

    def release(self, network: str, size: int) -> None:
        """These bytes are gone."""
        _subtract(self.memory, network, size)


class Body:
    """One body: first it comes, then Django reads it from `file`."""

    def __init__(self, ledger: Ledger, network: str, limit: BodyLimit, *, is_staff: bool) -> None:
        self.size = 0
        self._ledger, self._network, self._limit, self._is_staff = ledger, network, limit, is_staff
        self._pending: list[bytes] = []
        self._held = 0
        self._spool: IO[bytes] | None = None

    async def receive(self, chunks: Chunks, declared: int | None, *, is_held_back: bool) -> None:
        """Read all of it. Raises BodyRefused: too long, too slow, or cut off.

        `declared` is its Content-Length. With `is_held_back` the client waits to be told to send (`Expect:
        100-continue`), which is what reading does.
        """
        is_long = declared is not None and declared > self._limit.size
        if is_long and is_held_back:
            raise BodyRefused(too_large(self._limit.size))
        iterator = chunks.__aiter__()
        try:
            is_long = is_long or not await self._read(iterator, asyncio.get_running_loop().time())
        except TimeoutError:
            raise BodyRefused(TOO_SLOW) from None
        if is_long:
            self._pending.clear()
            is_over = await _drained(iterator)
            raise BodyRefused(too_large(self._limit.size), closes=not is_over)
        if declared is not None and self.size != declared:
            raise BodyRefused(TORN)
        if self._spool is not None:
            await self._write()

    def file(self) -> IO[bytes]:
        """The whole body, from its beginning."""
        if self._spool is None:
            return io.BytesIO(b"".join(self._pending))
        self._spool.seek(0)
        return self._spool

    def close(self) -> None:
        """Forget it."""
        self._pending.clear()
        self._ledger.release(self._network, self._held)
        self._held = 0
        if self._spool is not None:
            self._spool.close()

    async def _read(self, iterator: Chunks, began: float) -> bool:
        """Whether it is within the limit; then all of it is here. Raises TimeoutError, BodyRefused."""
        async with asyncio.timeout_at(began + self._limit.seconds(0)) as cutoff:
            while chunk := await _next(iterator):
                self.size += len(chunk)
                if self.size > self._limit.size:
                    return False
                self._held += len(chunk)
                self._pending.append(chunk)
                self._ledger.add(self._network, len(chunk), is_staff=self._is_staff)
                if self._held > WORDS_BYTES and self._limit.is_upload:
                    await self._write()
                cutoff.reschedule(began + self._limit.seconds(self.size))
            if await _next(iterator) is not None:
                raise BodyRefused(TORN)
        return True

    async def _write(self) -> None:
        """Move what is in memory to the disk, in a thread, since a disk can be slow."""
        content = b"".join(self._pending)
        if self._spool is None:
            self._spool = tempfile.TemporaryFile(prefix="dialtone-body-")  # noqa: SIM115  (see close)
        await asyncio.to_thread(self._spool.write, content)
        self._pending.clear()
        self._ledger.release(self._network, self._held)
        self._held = 0


async def _next(iterator: Chunks) -> bytes | None:
    """The next bytes, and None after the last.

    granian ends a whole body with one empty chunk, and one that broke off with two.
    """
    try:
        return await iterator.__anext__()
    except StopAsyncIteration:
        return None


async def _drained(iterator: Chunks) -> bool:
    """Read on and forget, within bounds: whether the body is over with that."""
    left = DRAINED_BYTES
    try:
        async with asyncio.timeout(DRAINED_SECONDS):
            while left > 0 and (chunk := await _next(iterator)):
                left -= len(chunk)
    except TimeoutError:
        return False
    return left > 0


def _subtract(counter: Counter[str], key: str, amount: int) -> None:
    counter[key] -= amount
    if counter[key] <= 0:
        del counter[key]
