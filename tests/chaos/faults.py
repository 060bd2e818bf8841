"""What goes wrong, and in which order: the same at every run."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.chaos.stage import IN_FLIGHT, Stage

Fault = Callable[[Stage], object]
DOWN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Struck:
    """One fault as it happened: when on the monotonic clock, what, and how many rows were claimed just then."""

    at: float
    what: str
    in_flight: int


def hooks_down(stage: Stage) -> None:
    """Every receiver of webhooks is gone for a while."""
    stage.hooks.down()
    time.sleep(DOWN_SECONDS)
    stage.hooks.up()


def mail_down(stage: Stage) -> None:
    """The mail server is gone for a while."""
    stage.mail.down()
    time.sleep(DOWN_SECONDS)
    stage.mail.up()


def redis_wiped(stage: Stage) -> None:
    """The broker is killed and comes back with nothing."""
    assert stage.redis
    stage.redis.kill()
    time.sleep(1)
    stage.redis.start()


def database_crashed(stage: Stage) -> None:
    """PostgreSQL ends without a word to anybody, and recovers."""
    assert stage.postgres
    stage.postgres.kill()
    time.sleep(0.5)
    stage.postgres.start()


FAULTS: Mapping[str, Fault] = {
    "kill -9 worker": lambda stage: stage.kill("worker"),
    "kill -9 pool child": Stage.kill_child,
    "kill -9 beat": lambda stage: stage.kill("beat"),
    "kill -9 web": lambda stage: stage.kill("web"),
    "webhook receivers down": hooks_down,
    "mail server down": mail_down,
    "Redis killed, data wiped": redis_wiped,
    "PostgreSQL -m immediate": database_crashed,
}
SCHEDULES: Mapping[str, Sequence[Sequence[str]]] = {
    "embedded": (
        ("kill -9 worker", "kill -9 pool child", "kill -9 beat", "kill -9 pool child"),
        ("kill -9 web", "kill -9 worker", "mail server down", "kill -9 pool child"),
        ("kill -9 pool child", "webhook receivers down", "kill -9 worker", "kill -9 beat"),
        ("kill -9 worker", "kill -9 web", "kill -9 pool child", "kill -9 worker"),
        ("kill -9 pool child", "kill -9 beat", "kill -9 worker", "mail server down"),
    ),
    "postgresql and redis": (
        ("kill -9 worker", "PostgreSQL -m immediate", "kill -9 pool child", "Redis killed, data wiped"),
        ("kill -9 web", "Redis killed, data wiped", "kill -9 worker", "mail server down"),
        ("PostgreSQL -m immediate", "webhook receivers down", "kill -9 pool child", "kill -9 beat"),
        ("kill -9 worker", "Redis killed, data wiped", "kill -9 web", "PostgreSQL -m immediate"),
        ("kill -9 pool child", "kill -9 beat", "PostgreSQL -m immediate", "kill -9 worker"),
    ),
}
"""After each update these strike one after another, while it is being told."""


def strike(stage: Stage, what: str) -> Struck:
    """Let it happen."""
    in_flight, at = stage.ask(IN_FLIGHT), time.monotonic()
    FAULTS[what](stage)
    return Struck(at, what, in_flight)
