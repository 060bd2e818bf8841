"""What lies ready is answered where granian hands a request over, before the event loop has a turn."""

import asyncio
from contextvars import copy_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from granian._futures import _cbsched_aioschedule

from incidents.domain.body_limits import Sender
from incidents.web.front import Front
from incidents.web.gate import Gate
from tests.web.fronts import django

HEADERS = {"host": "127.0.0.1"}


class Headers(dict[str, str]):
    """As granian's."""

    def get_all(self, name: str) -> list[str]:
        return [self[name]] if name in self else []


class Watcher:
    """A request that granian hands over."""

    def __init__(self, method: str, path: str) -> None:
        self.answers: list[Any] = []
        self.tasks = 0
        self.scope = SimpleNamespace(
            method=method,
            path=path,
            query_string="",
            headers=Headers(HEADERS),
            scheme="http",
            client="127.0.0.1:1",
        )
        self.proto = SimpleNamespace(
            response_bytes=lambda *answer: self.answers.append(answer),
            response_empty=lambda *answer: self.answers.append(answer),
        )

    def taskref(self, task: Any) -> None:
        self.tasks += 1


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(
        Front(django, tmp_path),
        django,
        sender_by_key=lambda environ: Sender.UNKNOWN,
        release_documents=lambda *asked: None,
    )


def hand_over(gate: Gate, watcher: Watcher) -> None:
    """As granian does, by its own code."""
    loop = asyncio.new_event_loop()
    try:
        gate.__rsgi_init__(loop)

        async def later(watcher: Watcher) -> None:
            watcher.answers.append("by the loop")

        _cbsched_aioschedule(loop, copy_context(), later)(watcher)
        if not watcher.answers:
            loop.run_until_complete(asyncio.sleep(0.01))
    finally:
        loop.close()


@pytest.mark.parametrize(("method", "body"), [("GET", (b"ok\n",)), ("HEAD", ())])
def test_health_is_answered_without_the_loop(gate: Gate, method: str, body: tuple[bytes, ...]) -> None:
    watcher = Watcher(method, "/healthz")
    hand_over(gate, watcher)
    ((status, _, *rest),) = watcher.answers
    assert (status, tuple(rest), watcher.tasks) == (200, body, 0)


@pytest.mark.parametrize(("method", "path"), [("POST", "/healthz"), ("GET", "/accounts/login/")])
def test_everything_else_is_the_loop_s(gate: Gate, method: str, path: str) -> None:
    watcher = Watcher(method, path)
    hand_over(gate, watcher)
    assert (watcher.answers, watcher.tasks) == (["by the loop"], 1)
