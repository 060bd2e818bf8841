"""Scripts that write at once, to a real process on SQLite and on PostgreSQL: nothing lost, nothing twice (slow)."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from tests.api.test_described import MAKE
from tests.peers.http import ask
from tests.peers.installation import Installation
from tests.peers.postgres import Postgres

pytestmark = pytest.mark.slow
AT_ONCE = 8


class Server:
    """A running installation and a key of it."""

    def __init__(self, home: Installation) -> None:
        self.page, self.key = home.shell(MAKE).split()
        self.home = home

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON of one request, on a connection of its own; again where there were too many at once."""
        sent = None if body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named |= {"Authorization": f"OAuth {self.key}", "Content-Type": "application/json"}
        while True:
            status, said = ask(method, f"{self.home.url}/v1/pages/{self.page}{path}", sent, named)
            if status != 503:
                return status, said
            assert said["error"].startswith("The server is busy")
            time.sleep(0.2)

    def at_once(self, *asked: tuple[str, str, Any, dict[str, str]]) -> list[tuple[int, Any]]:
        """All of these at the same time."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda each: self.ask(*each[:3], **each[3]), asked))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with ExitStack() as stack:
        url = stack.enter_context(Postgres()).url if request.param == "postgresql" else ""
        settings = {"DATABASE_URL": url} if url else {}
        home = stack.enter_context(Installation(tmp_path_factory.mktemp("api"), **settings))
        made = Server(home)
        home.start("web")
        yield made


def test_updates_of_one_incident_at_once_are_all_told_and_none_twice(server: Server) -> None:
    _, made = server.ask("POST", "/incidents", {"incident": {"name": "Calls fail"}})
    path = f"/incidents/{made['id']}"
    words = [f"Update {number}." for number in range(AT_ONCE)]
    replies = server.at_once(*(("PATCH", path, {"incident": {"body": each}}, {}) for each in words))
    assert [status for status, _ in replies] == [200] * AT_ONCE
    _, told = server.ask("GET", path)
    assert sorted(each["body"] for each in told["incident_updates"][:-1]) == words


def test_of_several_who_have_read_the_same_one_writes(server: Server) -> None:
    _, made = server.ask("POST", "/incidents", {"incident": {"name": "Calls fail"}})
    path, seen = f"/incidents/{made['id']}", f'"{made["version"]}"'
    body = {"incident": {"body": "Mine."}}
    replies = server.at_once(*[("PATCH", path, body, {"If_Match": seen})] * AT_ONCE)
    assert sorted(status for status, _ in replies) == [200, *[412] * (AT_ONCE - 1)]


def test_the_same_request_at_once_is_carried_out_once_and_answered_alike(server: Server) -> None:
    body = {"incident": {"name": "Only once"}}
    replies = server.at_once(*[("POST", "/incidents", body, {"Idempotency_Key": "once"})] * AT_ONCE)
    assert [status for status, _ in replies] == [201] * AT_ONCE
    assert len({told["id"] for _, told in replies}) == 1
    _, listed = server.ask("GET", "/incidents?q=Only+once")
    assert len(listed) == 1


def test_a_script_that_sets_statuses_one_by_one_from_several_places_meets_no_lock(server: Server) -> None:
    codes = [
        server.ask("POST", "/components", {"component": {"name": f"Trunk {number}"}})[1]["id"]
        for number in range(5)
    ]
    asked = [
        ("PATCH", f"/components/{code}", {"component": {"status": status}}, {})
        for status in ("major_outage", "operational") * 5
        for code in codes
    ]
    assert {status for status, _ in server.at_once(*asked)} == {200}
