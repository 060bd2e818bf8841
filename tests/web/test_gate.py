"""A real web process: files come and go whole, requests under way are finished, and two workers do as one does."""

import io
import json
import os
import random
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PIL import Image

from incidents.domain.body_limits import WORDS_BYTES
from tests.peers.installation import Installation
from tests.peers.raw_http import Door
from tests.peers.visitor import Visitor

pytestmark = pytest.mark.slow
SET_UP = """
from datetime import UTC, datetime
from django.contrib.auth.models import User
from incidents.models.keys import Scope
from incidents.operations.actors import SHELL
from incidents.operations.keys import make_key
from tests import factories
User.objects.create_user("dana", "dana@sipcity.test", "correct horse", is_staff=True, is_superuser=True)
page = factories.make_page("SIPcity")
incident = factories.make_incident(page, "Calls fail")
print(page.code, incident.code, make_key(name="k", page=None, scopes=list(Scope), by=SHELL, at=datetime.now(UTC))[1])
"""
BOUNDARY = "multipart/form-data; boundary=x"


@dataclass(frozen=True)
class Place:
    """An installation, and what is in it."""

    home: Installation
    page: str
    incident: str
    key: str

    @property
    def door(self) -> Door:
        return Door(self.home.port)

    def draft(self) -> str:
        """The path of an RFO's draft in the API."""
        body = json.dumps({"rfo": {"incident_id": self.incident, "body": "Why it failed."}}).encode()
        made = self.door.ask(f"/v1/pages/{self.page}/rfos", method="POST", body=body, **self.headers)
        assert made.status == 201, made.body
        return f"/v1/pages/{self.page}/rfos/{json.loads(made.body)['id']}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"OAuth {self.key}"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Installation(tmp_path_factory.mktemp("gate")) as home:
        page, incident, key = home.shell(SET_UP).split()[-3:]
        home.manage("publish", "--all")
        home.start("web")
        yield Place(home, page, incident, key)


def picture() -> bytes:
    """A picture of some megabytes: noise cannot be compressed."""
    noise = random.Random(1).randbytes(900 * 900 * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (900, 900), noise).save(out, "PNG")
    assert len(out.getvalue()) > WORDS_BYTES
    return out.getvalue()


def parts(content: bytes) -> bytes:
    head = 'Content-Disposition: form-data; name="file"; filename="noise.png"\r\nContent-Type: image/png'
    return f"--x\r\n{head}\r\n\r\n".encode() + content + b"\r\n--x--\r\n"


def test_a_document_of_megabytes_comes_and_goes_whole(place: Place) -> None:
    path = f"{place.draft()}/attachments"
    made = place.door.ask(path, method="POST", body=parts(picture()), Content_Type=BOUNDARY, **place.headers)
    assert made.status == 201, made.body
    code = place.home.shell(
        "from incidents.models import Attachment; print(Attachment.objects.get().code)"
    ).split()[-1]
    dana = Visitor(place.home.url)
    dana.submit(dana.open("/accounts/login/"), having="password", login="dana", password="correct horse")
    media = place.home.directory / "data" / "media"
    (stored,) = (each.read_bytes() for each in media.rglob("*") if each.is_file())
    address = f"{place.home.url}/console/attachments/{code}/noise.png"
    with dana._opener.open(address, timeout=20) as reply:
        assert (reply.status, reply.read()) == (200, stored)
        assert int(reply.headers["Content-Length"]) == len(stored) > WORDS_BYTES
        assert "attachment" in reply.headers["Content-Disposition"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "OAuth dt_wrong"}])
def test_a_document_of_somebody_unknown_is_not_even_read(place: Place, headers: dict[str, str]) -> None:
    with socket.create_connection(("127.0.0.1", place.home.port), timeout=5) as client:
        lines = [f"{name}: {value}" for name, value in headers.items()]
        head = [
            f"POST /v1/pages/{place.page}/rfos/x/attachments HTTP/1.1",
            *("Host: 127.0.0.1", f"Content-Type: {BOUNDARY}", "Content-Length: 20000000", *lines),
        ]
        client.sendall("\r\n".join([*head, "", ""]).encode())
        told = client.recv(65536)
    assert told.startswith(b"HTTP/1.1 401 ")
    assert b"with a valid API key" in told


def test_a_csv_is_streamed_to_staff(place: Place) -> None:
    dana = Visitor(place.home.url)
    dana.submit(dana.open("/accounts/login/"), having="password", login="dana", password="correct horse")
    file = dana.open(f"/console/pages/{place.page}/subscribers.csv")
    assert (file.status, file.text.splitlines()[0][:7]) == (200, "channel")


def test_a_head_has_no_body_and_two_hosts_mean_no_page(place: Place) -> None:
    for path in ("/", "/accounts/login/", "/healthz", "/static/admin/css/base.css"):
        head, get = place.door.ask(path, method="HEAD"), place.door.ask(path)
        assert (head.status, head.body) == (get.status, b"") == (200, b""), path
        assert head.headers["content-length"] == str(len(get.body)), path
    with socket.create_connection(("127.0.0.1", place.home.port), timeout=5) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.test\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 400 ")


def test_a_path_that_is_no_text_is_not_found(place: Place) -> None:
    for path in ("/%ff", "/console/%00", "/%c3%bc", "/..%2f..%2fetc/passwd", "//evil.test"):
        assert place.door.ask(path).status in {302, 404}, path


def test_who_is_told_to_end_finishes_what_is_under_way(tmp_path: os.PathLike[str]) -> None:
    with Installation(tmp_path) as home:  # type: ignore[arg-type]
        home.web_workers = "2"
        home.start("web")
        assert {Door(home.port).ask("/accounts/login/").status for _ in range(20)} == {200}
        body = b"address=reader%40customer.test"
        lines = f"Host: 127.0.0.1\r\nContent-Length: {len(body)}\r\nCookie: csrftoken={'a' * 32}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", home.port), timeout=10) as client:
            client.sendall(f"POST /subscriptions/ HTTP/1.1\r\n{lines}".encode() + body[:5])
            time.sleep(0.5)
            web = home.processes.pop("web")
            web.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            client.sendall(body[5:])
            assert client.recv(65536).startswith(b"HTTP/1.1 403 ")
        assert web.wait(timeout=15) == 0
