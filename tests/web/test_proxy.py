"""The proxy of `deploy/nginx` in front of a real web process: when that dies or hangs, the exported copy answers."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from incidents.publishing.store import PageFolder, Store
from tests.peers.certificates import Authority
from tests.peers.installation import Installation, eventually
from tests.peers.nginx import Nginx, example
from tests.peers.programs import free_port
from tests.peers.raw_http import Door, Reply

pytestmark = pytest.mark.slow
SET_UP = "from tests.publishing.whole_site import make_whole_site; print(make_whole_site().code)"
LETSENCRYPT = "/etc/letsencrypt/live/status.example.com"


@dataclass(frozen=True)
class House:
    """An installation behind its proxy, and what it has published."""

    home: Installation
    outside: Door
    plain: Door
    store: Store
    folder: PageFolder

    def is_alive(self, reply: Reply) -> bool:
        """Whether Dialtone itself answered, while monitoring is alive: its ETags are not nginx's."""
        self.store.heartbeat.touch()
        content = self.folder.read("/")
        return content is not None and content.fresh.tag in reply.headers.get("etag", "")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    tmp_path = tmp_path_factory.mktemp("house")
    outside, plain, copy = free_port(), free_port(), free_port()
    authority = Authority(tmp_path / "ca")
    pair = authority.issue("server")
    with ExitStack() as stack:
        home = stack.enter_context(Installation(tmp_path, SITE_URL=f"https://127.0.0.1:{outside}"))
        code = home.shell(SET_UP).split()[-1]
        store = Store(Path(home.environment["DATA_DIR"]) / "published")
        store.heartbeat.touch()
        home.manage("export", str(tmp_path / "copy"), "--replace")
        here = {"127.0.0.1:8081": f"127.0.0.1:{copy}", "/srv/dialtone/copy": str(tmp_path / "copy")}
        there = {
            "127.0.0.1:8000": f"127.0.0.1:{home.port}",
            "127.0.0.1:8081": f"127.0.0.1:{copy}",
            "listen [::]:80;": "",
            "listen [::]:443 ssl http2;": "",
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen 443 ": f"listen 127.0.0.1:{outside} ",
            f"{LETSENCRYPT}/fullchain.pem": str(pair.certificate),
            f"{LETSENCRYPT}/privkey.pem": str(pair.key),
        }
        servers = example("export.conf", here) + example("proxy.conf", there)
        stack.enter_context(Nginx(tmp_path / "nginx", servers, ports=[outside, plain, copy]))
        home.start("web")
        yield House(home, Door(outside, ca_file=authority.ca_file), Door(plain), store, store.page(code))


def test_readers_keep_every_document_when_the_web_process_dies(house: House) -> None:
    ask = house.outside.ask
    eventually(lambda: house.is_alive(ask("/")), within=20, what="the web process through the proxy")
    alive = ask("/", Accept_Encoding="br")
    assert (alive.status, alive.headers["content-encoding"], house.is_alive(alive)) == (200, "br", True)
    assert alive.headers["strict-transport-security"] == "max-age=31536000"
    assert ask("/console/").headers["location"].startswith("/accounts/login/")
    assert ask("/metrics").status == 404
    assert house.plain.ask("/history?x=1").headers["location"] == "https://127.0.0.1/history?x=1"
    house.home.stop("web", how=signal.SIGKILL)
    for document in house.folder.documents():
        reply = ask(quote(document.path), Accept_Encoding="gzip")
        encoding = reply.headers.get("content-encoding", "identity")
        assert (reply.status, reply.body) == (200, document.fresh.bodies[encoding]), document.path
        assert encoding == ("gzip" if "gzip" in document.fresh.bodies else "identity")
    copied = ask("/")
    assert not house.is_alive(copied)
    assert copied.headers["strict-transport-security"] == "max-age=31536000"
    assert ask("/?tz=UTC").body == copied.body
    nobody_is_left_without_an_answer(house)
    house.home.start("web")
    eventually(lambda: house.is_alive(ask("/")), within=15, what="the web process through the proxy")


def nobody_is_left_without_an_answer(house: House) -> None:
    ask = house.outside.ask
    words = b"Subscribing is not possible here"
    assert (ask("/subscriptions/").status, words in ask("/subscriptions/").body) == (200, True)
    for reply in (
        ask("/subscriptions/", method="POST", body=b"address=reader%40customer.test"),
        ask("/subscriptions/confirm?token=x"),
    ):
        assert (reply.status, words in reply.body) == (503, True)
    for path in ("/console/", "/accounts/login/", "/v1/incidents", "/readyz"):
        reply = ask(path)
        assert (reply.status, reply.headers["retry-after"]) == (503, "10")
        assert b"The status page does." in reply.body
    assert ask("/nope").status == 404


def test_a_web_process_that_hangs_keeps_nobody_waiting_for_long(house: House) -> None:
    eventually(lambda: house.is_alive(house.outside.ask("/")), within=20, what="the web process")
    leader = house.home.processes["web"].pid
    os.killpg(leader, signal.SIGSTOP)
    try:
        for path in ("/", "/history", "/api/v2/status.json"):
            content = house.folder.read(path)
            assert content is not None
            reply = house.outside.ask(path)
            assert (reply.status, reply.body) == (200, content.fresh.bodies["identity"])
        quick = Door(house.outside.port, ca_file=house.outside.ca_file, patience=1)
        assert quick.ask("/").status == 200
    finally:
        os.killpg(leader, signal.SIGCONT)
