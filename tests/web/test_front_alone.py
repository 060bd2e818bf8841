"""The page survives: a web process alone on the published folder, with database, broker and workers gone."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from incidents.publishing.store import PageFolder, Store
from tests.peers.installation import Installation, eventually
from tests.peers.postgres import Postgres
from tests.peers.raw_http import Door
from tests.peers.redis import Redis
from tests.peers.visitor import Visitor

pytestmark = pytest.mark.slow
SET_UP = """
from django.contrib.auth.models import User
from tests.publishing.whole_site import make_whole_site
User.objects.create_user("dana", "dana@sipcity.test", "correct horse", is_staff=True, is_superuser=True)
print(make_whole_site().code)
"""
BROKEN_WORDS = ("Traceback", "OperationalError", "psycopg", "sqlite", "DEBUG")


@dataclass(frozen=True)
class Survivor:
    """An installation whose database and broker can be taken away."""

    home: Installation
    store: Store
    folder: PageFolder
    lose: Callable[[], None]

    @property
    def door(self) -> Door:
        return Door(self.home.port)


@pytest.fixture(params=["embedded", "postgresql and redis"])
def survivor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Survivor]:
    with ExitStack() as stack:
        settings = {}
        losses: list[Callable[[], object]] = []
        if request.param != "embedded":
            postgres, redis = stack.enter_context(Postgres()), stack.enter_context(Redis(tmp_path))
            settings = {"DATABASE_URL": postgres.url, "CELERY_BROKER_URL": redis.url}
            losses = [postgres.kill, redis.kill]
        home = stack.enter_context(Installation(tmp_path, **settings))
        data = Path(home.environment["DATA_DIR"])

        def lose() -> None:
            for loss in losses:
                loss()
            for file in data.glob("dialtone.sqlite3*"):
                file.rename(tmp_path / file.name)
            for folder in ("broker", "media"):
                shutil.rmtree(data / folder, ignore_errors=True)

        code = home.shell(SET_UP).split()[-1]
        store = Store(data / "published")
        yield Survivor(home, store, store.page(code), lose)


def test_a_running_web_process_keeps_every_document_when_all_else_is_lost(survivor: Survivor) -> None:
    survivor.store.heartbeat.touch()
    survivor.home.start("web")
    dana = Visitor(survivor.home.url)
    dana.submit(dana.open("/accounts/login/"), having="password", login="dana", password="correct horse")
    assert dana.open("/console/").status == 200
    assert b"Asia/Singapore" in survivor.door.ask("/?tz=Asia/Singapore").body
    survivor.lose()
    every_document_is_there(survivor)
    no_zone_is_refused(survivor)
    doors_close_politely(survivor)
    console = dana.open("/console/")
    assert (console.status, "Not at the moment" in console.text) == (503, True)


def test_a_web_process_starts_when_all_else_is_lost(survivor: Survivor) -> None:
    survivor.lose()
    survivor.home.start("web")
    nothing_looks_confirmed_without_monitoring(survivor)
    survivor.store.heartbeat.touch()
    eventually(lambda: b"Not confirmed" not in survivor.door.ask("/").body, within=2, what="the fresh page")
    every_document_is_there(survivor)
    no_zone_is_refused(survivor)
    doors_close_politely(survivor)


def nothing_looks_confirmed_without_monitoring(survivor: Survivor) -> None:
    shown = {document.path: document.stale for document in survivor.folder.documents() if document.stale}
    assert shown
    for path, stale in shown.items():
        assert survivor.door.ask(quote(path)).body == stale.bodies["identity"], path
    assert b"Not confirmed since" in survivor.door.ask("/").body


def every_document_is_there(survivor: Survivor) -> None:
    count = 0
    for document in survivor.folder.documents():
        reply = survivor.door.ask(quote(document.path), Accept_Encoding="gzip")
        encoding = reply.headers.get("content-encoding", "identity")
        assert (reply.status, reply.body) == (200, document.fresh.bodies[encoding]), document.path
        count += 1
    assert count > 30
    for path in ("/static/page.css", "/static/page.js"):
        assert survivor.door.ask(path).status == 200


def no_zone_is_refused(survivor: Survivor) -> None:
    for path in ("/", "/history"):
        content = survivor.folder.read(path)
        assert content is not None
        reply = survivor.door.ask(f"{path}?tz=UTC")
        assert (reply.status, reply.body) == (200, content.fresh.bodies["identity"]), path
    assert survivor.door.ask("/?tz=Mars/Base").status == 400
    assert survivor.door.ask("/nope").status == 404


def doors_close_politely(survivor: Survivor) -> None:
    stranger = Visitor(survivor.home.url)
    form = stranger.open("/console/")
    login = stranger.submit(form, having="password", login="dana", password="correct horse")
    closed = [login, stranger.open("/subscriptions/")]
    for screen in closed:
        assert (screen.status, "Not at the moment" in screen.text) == (503, True), screen.url
    for screen in (*closed, form, stranger.open("/help/")):
        assert "<h1>" in screen.text, screen.url
        assert [word for word in BROKEN_WORDS if word in screen.text] == [], screen.url


@pytest.mark.parametrize("survivor", ["embedded"], indirect=True)
def test_a_real_server_keeps_to_http(survivor: Survivor) -> None:
    survivor.home.start("web")
    ask = survivor.door.ask
    first = ask("/", Accept_Encoding="gzip, br")
    assert (first.status, first.headers["content-encoding"]) == (200, "br")
    again = ask("/", Accept_Encoding="gzip, br", If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    head = ask("/", method="HEAD")
    assert int(head.headers["content-length"]) > 1000
    assert head.body == b""
    assert ask("/", host="evil.test").status == 400
    assert ask("/", Range="bytes=0-9").status == 200


@pytest.mark.parametrize("survivor", ["embedded"], indirect=True)
def test_a_commit_in_another_process_is_seen_at_once(survivor: Survivor) -> None:
    survivor.home.start("web")
    assert b"Seen from afar" not in survivor.door.ask("/").body
    survivor.home.shell(
        "from incidents.models import Page\nfrom tests import factories\n"
        'factories.make_incident(Page.objects.get(), "Seen from afar")'
    )
    assert b"Seen from afar" in survivor.door.ask("/").body
