"""Readers never wait for Django: only so many requests are let into it at a time, and the rest are told at once."""

import re
from collections.abc import Iterable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.conf import settings

from incidents.domain.body_limits import FORM_BYTES
from incidents.web.doors import RETRY_SECONDS, Doors
from tests.web.fronts import Visitor

ROOT = Path(settings.BASE_DIR)


class SlowDjango:
    """Holds each request until it is let go."""

    def __init__(self) -> None:
        self.go, self.inside = Event(), 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.inside += 1
        assert self.go.wait(10)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"slow"]


@pytest.fixture
def django() -> SlowDjango:
    return SlowDjango()


@pytest.fixture
def visitor(django: SlowDjango, tmp_path: Path) -> Visitor:
    return Visitor(tmp_path, Doors(django, at_once=2))


def test_one_too_many_is_told_at_once_to_come_again(django: SlowDjango, visitor: Visitor) -> None:
    crowd = [Thread(target=visitor.ask, args=("/console/",)) for _ in range(2)]
    for each in crowd:
        each.start()
    while django.inside < 2:
        pass
    reply = visitor.ask("/console/")
    assert (reply.status, reply.headers["retry-after"]) == (503, str(RETRY_SECONDS))
    assert b"the status page stays available" in reply.body
    assert visitor.ask("/console/", method="HEAD").body == b""
    django.go.set()
    for each in crowd:
        each.join()
    assert visitor.ask("/console/").body == b"slow", "each gives its place back"


def test_a_request_that_fails_gives_its_place_back(tmp_path: Path) -> None:
    def broken(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raise ValueError("broken")

    visitor = Visitor(tmp_path, Doors(broken, at_once=1))
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"):
            visitor.ask("/console/")


@pytest.mark.parametrize("file", ["dev.py", "deploy/systemd/dialtone-web.service", "deploy/compose.yaml"])
def test_every_server_of_ours_is_started_with_the_gate(file: str) -> None:
    """Readers need no thread there; AT_ONCE is for servers of others that speak WSGI."""
    text = (ROOT / file).read_text()
    assert re.search(r"(-m |\")statuspage\.serve\b", text)
    assert "statuspage.wsgi:application" not in text


def test_a_body_that_is_too_long_is_refused_before_django_reads_it(django: SlowDjango) -> None:
    said: list[str] = []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/accounts/login/",
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "CONTENT_LENGTH": str(FORM_BYTES + 1),
    }
    body = Doors(django)(environ, lambda status, headers: said.append(status))
    assert (said, b"65,536 bytes" in b"".join(body)) == (["413 Request Entity Too Large"], True)
    assert django.inside == 0
