"""The cache goes on in memory when Redis dies: limits count on, one caller waits, and nobody notices its return."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from statuspage.fallback_cache import ANSWER_SECONDS, FallbackCache
from tests.peers.installation import eventually
from tests.peers.programs import free_port
from tests.peers.redis import Redis

PATIENT = {"socket_timeout": 20, "socket_connect_timeout": 20}


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    with Redis(tmp_path) as server:
        yield server


def cache_of(port: int) -> FallbackCache:
    """One that waits for a Redis on a busy machine: none of these tests is about how long."""
    return FallbackCache(f"redis://127.0.0.1:{port}/0", {"OPTIONS": PATIENT})


def test_what_was_counted_before_redis_died_goes_on_counting(redis: Redis) -> None:
    cache = cache_of(redis.port)
    assert cache.add("knocks", 0)
    assert [cache.incr("knocks") for _ in range(2)] == [1, 2]
    cache.set("history", [1.5])
    redis.kill()
    assert [cache.incr("knocks") for _ in range(2)] == [3, 4]
    assert not cache.add("knocks", 0)
    assert cache.get("history") == [1.5]
    assert cache.get_many(["history", "none"]) == {"history": [1.5]}


def test_a_code_that_was_used_up_while_redis_was_away_stays_used_up(redis: Redis) -> None:
    cache = cache_of(redis.port)
    redis.kill()
    assert cache.add("app-code:1", "used", timeout=90)
    redis.start()
    eventually(
        lambda: cache.get("nothing") or cache._circuit.is_closed, within=30, what="Redis to be asked again"
    )
    assert not cache.add("app-code:1", "used", timeout=90)
    assert cache.get("app-code:1") == "used", "and Redis knows it for the other processes"


def test_two_processes_share_what_redis_holds(redis: Redis) -> None:
    ours = cache_of(redis.port)
    assert ours.add("lock", 1)
    theirs = cache_of(redis.port)
    theirs._memory = type(theirs._memory)("another process", {})
    assert not theirs.add("lock", 1)
    ours.delete("lock")
    assert theirs.add("lock", 1), "a lock that another process gave back is free"
    with pytest.raises(ValueError, match="not found"):
        ours.incr("never counted")


def test_a_redis_that_swallows_everything_is_waited_for_once() -> None:
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(128)  # the kernel accepts, and nobody answers
        cache = FallbackCache(f"redis://127.0.0.1:{hole.getsockname()[1]}/0", {})
        began = time.monotonic()
        for number in range(60):
            assert cache.add(f"key-{number}", 0)
            assert cache.incr(f"key-{number}") == 1
        assert time.monotonic() - began < 60 * ANSWER_SECONDS / 2, (
            "half of what waiting for half of them would take"
        )


def test_a_redis_that_refuses_to_write_is_no_error(redis: Redis) -> None:
    cache = cache_of(redis.port)
    cache._redis._cache.get_client().config_set("maxmemory", "1")
    assert cache.add("key", 0)
    assert cache.incr("key") == 1
    assert cache.delete("key")


def test_a_redis_that_was_never_there_is_logged_once_and_without_its_url(
    caplog: pytest.LogCaptureFixture,
) -> None:
    cache = FallbackCache(f"redis://:hunter2@127.0.0.1:{free_port()}/0", {})
    for number in range(5):
        cache.set(f"key-{number}", number)
        assert cache.get(f"key-{number}") == number
    said = [record for record in caplog.records if record.name == "statuspage.fallback_cache"]
    assert [record.levelname for record in said] == ["WARNING"]
    assert "hunter2" not in caplog.text + repr(vars(said[0]))
