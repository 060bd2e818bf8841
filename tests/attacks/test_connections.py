"""Connections that never become a request, requests without end, and answers that are never read."""

import time

import pytest

from tests.attacks.siege import Watch, answer, connect, head, sockets
from tests.peers.installation import Installation, eventually

pytestmark = pytest.mark.alone

HALF_OPEN = 1500
PIPELINED = 200
BIG_FILE = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
"""More than a megabyte, which Django finds and granian sends."""


def test_fifteen_hundred_half_open_connections_hide_nothing(home: Installation, watch: Watch) -> None:
    """They are let go within seconds, and new ones may come then."""
    with sockets(home.port, HALF_OPEN, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ") as opened:
        watch.look().check()
        assert len(opened) == HALF_OPEN
        time.sleep(6)
        for each in opened:
            each.settimeout(0.5)
        assert {answer(each) for each in opened[:100]} <= {"closed", "HTTP/1.1 408 Request Timeout"}
        watch.look().check()


def test_pipelined_requests_are_answered_one_after_the_other(home: Installation, watch: Watch) -> None:
    with connect(home.port, 3) as attacker:
        attacker.sendall(b"".join([head("GET", "/accounts/login/")] * PIPELINED))
        watch.look().check()
        assert answer(attacker) == "HTTP/1.1 200 OK"


def test_readers_who_never_read_hold_no_place(home: Installation, watch: Watch) -> None:
    """Many doors, many big answers, and not a byte taken of any."""
    wanted = b"".join(head("GET", path) for path in (BIG_FILE, "/accounts/login/", "/")) * 10
    with sockets(home.port, 60, wanted):
        watch.look().check()
        eventually(lambda: home.get("/subscriptions/")[0] == 200, within=10, what="a place for a stranger")
