"""A fixture for whole folders of tests: slow work that is begun between BEGIN and COMMIT is an error.

Children for foreign bytes, the search for a rule's times, look-ups of names and requests to other machines are slow.
The transaction that a test case wraps around itself is not counted.
"""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from incidents.domain import recurrence
from incidents.formatting import bounded
from incidents.operations.slow import is_inside_transaction


def watched(work: Callable[..., Any], name: str, began: list[str]) -> Callable[..., Any]:
    """The same, noting where it is called inside a transaction."""

    def noted(*args: Any, **kwargs: Any) -> Any:
        if is_inside_transaction():
            began.append(name)
        return work(*args, **kwargs)

    return noted


@pytest.fixture(autouse=True)
def nothing_slow_inside_a_transaction(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever the test is about."""
    began: list[str] = []

    def note(module: str) -> None:
        if is_inside_transaction():
            began.append(module)

    bounded.call_before(note)
    monkeypatch.setattr(recurrence, "days_of", watched(recurrence.days_of, "recurrence", began))
    monkeypatch.setattr(socket, "getaddrinfo", watched(socket.getaddrinfo, "getaddrinfo", began))
    monkeypatch.setattr(socket.socket, "connect", watched(socket.socket.connect, "connect", began))
    yield
    bounded._guards.remove(note)
    assert not began, f"slow work was begun inside a transaction: {began}"
