"""A name with a hundred addresses, on an island where each of them is one."""

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from incidents.channels.messages import Notice, Recipient, Verdict
from tests.channels.posted import post_all
from tests.peers.island import on_island


def attempts(notice: Notice, readers: Sequence[Recipient]) -> tuple[list[Verdict], int]:
    """What became of the posts, and how often a connection was begun to a port where nobody listens."""
    begun: list[object] = []
    sys.addaudithook(lambda event, facts: begun.append(facts[1]) if event == "socket.connect" else None)
    answers = post_all(notice, readers, allowed=())
    return [answer.verdict for answer in answers], sum(
        isinstance(each, tuple) and each[1] == 8443 for each in begun
    )


def test_a_name_with_a_hundred_addresses_is_not_a_hundred_attempts(
    notice: Notice, reader: Callable[..., Recipient], tmp_path: Path
) -> None:
    names = {"many.test": [[f"8.8.4.{n}" for n in range(100)]], "*": [[]]}
    work = partial(attempts, notice, [reader(1, "https://many.test:8443/")])
    verdicts, begun = on_island(work, folder=tmp_path, ports=[80], names=names).result
    assert verdicts == [Verdict.RETRY]
    assert 1 <= begun <= 10
