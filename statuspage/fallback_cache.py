"""Redis as cache, and this process's memory wherever Redis does not answer: nobody's click fails for want of a cache.

What is written to Redis is written to memory too, so that limits go on counting when Redis dies. Whoever meets a dead
Redis waits for its timeouts once; from then on memory alone is asked, while a thread looks whether Redis is back.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import RedisError
from redis.retry import Retry

log = logging.getLogger(__name__)
T = TypeVar("T")

ANSWER_SECONDS = 0.5
"""For a connection, and again for an answer: less than a second in all for whoever finds Redis dead."""
TRIAL_SECONDS = 2.0
"""Between two looks whether Redis is back, at most one at a time."""
LOG_SECONDS = 60.0
MAX_ENTRIES = 100_000
FAILURES = (OSError, RedisError)


class Circuit:
    """Whether one Redis is asked, for all threads of this process: each has a FallbackCache of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.is_closed = True
        self._next_trial = self._next_log = 0.0

    def open(self, error: Exception) -> None:
        """Ask Redis no more. Said once a minute, without the error's text, which may name the URL."""
        with self._lock:
            now = time.monotonic()
            self.is_closed, self._next_trial = False, now + TRIAL_SECONDS
            is_logged, self._next_log = now >= self._next_log, max(self._next_log, now)
            if is_logged:
                self._next_log = now + LOG_SECONDS
        if is_logged:
            log.warning(
                "Redis does not answer as cache; rate limits count in this process until it does",
                extra={"error": type(error).__name__},
            )

    def try_again(self, ask: Callable[[], object]) -> None:
        """Look in a thread, so that nobody waits, whether Redis is back; a look that failed is followed by a pause."""
        with self._lock:
            now = time.monotonic()
            if self.is_closed or now < self._next_trial:
                return
            self._next_trial = now + TRIAL_SECONDS  # by time: a thread does not live on in a forked process
        threading.Thread(target=self._try, args=(ask,), name="cache-trial", daemon=True).start()

    def _try(self, ask: Callable[[], object]) -> None:
        try:
            ask()
        except FAILURES:
            return
        self.is_closed = True
        log.info("Redis answers again as cache")


_circuits: dict[str, Circuit] = {}


class FallbackCache(BaseCache):
    """A cache backend. Raises nothing for a Redis that cannot be reached, is full, loads or refuses us."""

    def __init__(self, location: Any, params: dict[str, Any]) -> None:
        super().__init__(params)
        options = {
            "socket_connect_timeout": ANSWER_SECONDS,
            "socket_timeout": ANSWER_SECONDS,
            # Once more at once where an idle connection was closed by a restart, never for one that is slow.
            "retry": Retry(NoBackoff(), 1, supported_errors=(NoConnection,)),
            **params.get("OPTIONS", {}),
        }
        self._redis = RedisCache(location, {**params, "OPTIONS": options})
        self._memory = LocMemCache(
            f"fallback {location}", {**params, "OPTIONS": {"MAX_ENTRIES": MAX_ENTRIES}}
        )
        self._circuit = _circuits.setdefault(str(location), Circuit())

    def _ask(self, redis: Callable[[], T], instead: Callable[[], T]) -> T:
        if self._circuit.is_closed:
            try:
                return redis()
            except FAILURES as error:
                self._circuit.open(error)
        else:
            self._circuit.try_again(
                lambda: self._redis.set("trial", 1, 10)
            )  # a full one, or a replica, takes no writes
        return instead()

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Whether it is in neither: a code that was used up while Redis was away stays used up."""
        is_new_here = self._memory.add(key, value, timeout, version)
        is_new_there = self._ask(lambda: self._redis.add(key, value, timeout, version), lambda: True)
        if is_new_here and not is_new_there:
            self._memory.delete(key, version)  # another process's, which may take it away
        return is_new_here and is_new_there

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """What Redis holds; while it is away, what this process wrote."""
        return self._ask(
            lambda: self._redis.get(key, default, version), lambda: self._memory.get(key, default, version)
        )

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Write it to both."""
        self._memory.set(key, value, timeout, version)
        self._ask(lambda: self._redis.set(key, value, timeout, version), lambda: None)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Whether it was there."""
        here = self._memory.touch(key, timeout, version)
        return self._ask(lambda: bool(self._redis.touch(key, timeout, version)), lambda: here)

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Whether it was there."""
        here = self._memory.delete(key, version)
        return self._ask(lambda: bool(self._redis.delete(key, version)), lambda: here)

    def has_key(self, key: Any, version: int | None = None) -> bool:
        """Whether it is there."""
        return self._ask(
            lambda: bool(self._redis.has_key(key, version)), lambda: self._memory.has_key(key, version)
        )

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """The new count. Raises ValueError where nothing was counted yet."""
        here = None
        with suppress(ValueError):
            here = self._memory.incr(key, delta, version)

        def alone() -> int:
            if here is None:
                raise ValueError(f"Key {key!r} not found")
            return here

        return self._ask(lambda: int(self._redis.incr(key, delta, version)), alone)

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        """What is there of several keys."""
        return self._ask(
            lambda: dict(self._redis.get_many(keys, version)),
            lambda: dict(self._memory.get_many(keys, version)),
        )

    def set_many(
        self, data: Mapping[Any, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[Any]:
        """Write several to both; the keys that could not be written, which are none."""
        self._memory.set_many(dict(data), timeout, version)
        return self._ask(lambda: list(self._redis.set_many(dict(data), timeout, version)), list)

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        """Take several away."""
        names = list(keys)
        self._memory.delete_many(names, version)
        self._ask(lambda: self._redis.delete_many(names, version), lambda: None)

    def clear(self) -> None:
        """Take everything away."""
        self._memory.clear()
        self._ask(self._redis.clear, lambda: None)
