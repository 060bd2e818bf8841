"""An export behind a real nginx with the repository's own configuration: what Dialtone itself would answer."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.utils.timezone import now
from playwright.sync_api import sync_playwright

from incidents.models import Page
from incidents.publishing.bundles import Bundle
from incidents.publishing.printing import print_due
from incidents.publishing.publisher import publish_due, the_store
from incidents.publishing.site import DOCUMENTS
from incidents.web.answers import Headers, answers
from tests import factories
from tests.peers.nginx import Nginx, example
from tests.peers.programs import free_port, require
from tests.peers.raw_http import Door, Reply
from tests.publishing.conftest import folder_of
from tests.publishing.whole_site import make_whole_site, rows_without_document

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
OURS_ALONE = {"content-length", "etag", "vary", "content-disposition", "content-security-policy"}
"""Headers of ours that nginx writes in its own way; each is looked at by itself."""


Ask = Callable[..., Reply]
Serve = Callable[[], Door]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Export what is published and serve it."""
    with ExitStack() as stack:

        def serving() -> Door:
            call_command("export", str(tmp_path / "site"))
            port = free_port()
            changes = {"127.0.0.1:8081": f"127.0.0.1:{port}", "/srv/dialtone/copy": str(tmp_path / "site")}
            stack.enter_context(Nginx(tmp_path / "nginx", example("export.conf", changes), ports=[port]))
            return Door(port)

        yield serving


@pytest.fixture
def whole() -> Page:
    page = make_whole_site()
    print_due(at=now(), turn=60)
    the_store().heartbeat.touch()
    return page


def policy(headers: dict[str, str]) -> set[str]:
    return {each.strip() for each in headers["content-security-policy"].split(";")}


def lower(headers: Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}


def test_every_document_comes_with_the_bytes_and_headers_that_dialtone_sends(
    whole: Page, serve: Serve
) -> None:
    assert rows_without_document(folder_of(whole), printed=True) == []
    ask = serve().ask
    for document in folder_of(whole).documents():
        path = quote(document.path)
        plain = ask(path)
        wanted = lower(answers(document).fresh.by_encoding["identity"].headers)
        assert (plain.status, plain.body) == (200, document.fresh.bodies["identity"]), path
        got = {name: plain.headers.get(name) for name in wanted if name not in OURS_ALONE}
        assert got == {name: value for name, value in wanted.items() if name not in OURS_ALONE}, path
        assert policy(plain.headers) == policy(wanted), path
        for name in ("x-frame-options", "access-control-allow-origin"):
            assert (name in plain.headers) == (name in wanted), (path, name)
        saving = "attachment" if document.download else wanted.get("content-disposition")
        assert plain.headers.get("content-disposition") == saving, path
        check_encodings(ask, path, document, plain)


def check_encodings(ask: Ask, path: str, document: Bundle, plain: Reply) -> None:
    zipped = ask(path, Accept_Encoding="br, gzip")
    if "gzip" in document.fresh.bodies:
        assert (zipped.body, zipped.headers["content-encoding"]) == (document.fresh.bodies["gzip"], "gzip"), (
            path
        )
        assert zipped.headers["content-type"] == plain.headers["content-type"]
        assert plain.headers["vary"] == zipped.headers["vary"] == "Accept-Encoding"
        assert zipped.headers["etag"] != plain.headers["etag"]
    else:
        assert "content-encoding" not in zipped.headers
    for known in (plain, zipped):
        again = ask(
            path, Accept_Encoding="gzip" if known is zipped else "", If_None_Match=known.headers["etag"]
        )
        assert (again.status, again.body) == (304, b""), path
        assert again.headers["cache-control"] == known.headers["cache-control"]
    head = ask(path, method="HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(plain.body))), path


def test_what_is_not_there_is_not_found_and_nothing_is_listed(whole: Page, serve: Serve) -> None:
    ask = serve().ask
    for path in (
        "/nope",
        "/incidents/",
        "/incidents",
        "/static/",
        "/api/v2",
        "/.dialtone-export",
        "/history.rss/",
    ):
        reply = ask(path)
        assert (reply.status, reply.headers["cache-control"]) == (404, "no-cache"), path
        assert b"Nothing is published here" in reply.body, path
        assert reply.headers["x-content-type-options"] == "nosniff"
    for path in (
        "/../../../etc/passwd",
        "/static/..%2f..%2fnginx/nginx.conf",
        "/%2e%2e/nginx/nginx.conf",
        "//etc/passwd",
    ):
        assert ask(path).status in {400, 404}, path
    assert ask("/", host="../nginx").status == 400
    assert ask("/nginx.conf", host="nginx").status == 404


def test_what_a_copy_cannot_do_it_says(whole: Page, serve: Serve) -> None:
    ask = serve().ask
    words = b"Subscribing is not possible here"
    assert ask("/subscriptions/").status == 200
    assert words in ask("/subscriptions/").body
    for reply in (ask("/subscriptions/confirm?token=x"), ask("/subscriptions/", method="POST")):
        assert (reply.status, reply.headers["retry-after"], words in reply.body) == (503, "60", True)
    assert ask("/?tz=UTC").body == ask("/").body
    paged = [row.pattern for row in DOCUMENTS if row.asks]
    assert paged
    for path in paged:
        assert [ask(f"{path}?page={number}").status for number in ("1", "2", "x")] == [200, 404, 404]


def test_a_short_link_leads_on(whole: Page, serve: Serve) -> None:
    reply = serve().ask("/i/abcdefghijkl")
    assert (reply.status, reply.headers["location"]) == (302, "/incidents/abcdefghijkl")


def test_static_files_are_kept_for_an_hour(whole: Page, serve: Serve) -> None:
    ask = serve().ask
    style = ask("/static/page.css?v=1", Accept_Encoding="gzip")
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert (style.headers["content-encoding"], style.headers["cache-control"]) == (
        "gzip",
        "public, max-age=3600",
    )
    assert ask("/static/favicons/unknown.svg").headers["content-type"].startswith("image/svg+xml")
    assert ask("/static/page.js").headers["content-type"] == "text/javascript; charset=utf-8"


def test_each_host_sees_its_own_page(whole: Page, serve: Serve) -> None:
    make_whole_site("2talk", hosts=("status.2talk.test",))
    ask = serve().ask
    assert b"2talk" in ask("/", host="status.2talk.test:8081").body
    assert b"SIPcity" not in ask("/", host="status.2talk.test").body
    for host in ("127.0.0.1", "status.sipcity.test", "other.test", "default"):
        assert b"SIPcity" in ask("/", host=host).body, host


def test_a_copy_that_has_grown_old_says_so_in_a_browser(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = now() - timedelta(minutes=20)
    page = factories.make_page("SIPcity")
    factories.make_probe(factories.make_component(page, "Network"), last_at=before)
    publish_due(at=before)
    the_store().heartbeat.touch()
    door = serve()
    assert b'class="late" hidden' in door.ask("/").body
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=require("chromium", "chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        reader = browser.new_page()
        reader.goto(f"http://127.0.0.1:{door.port}/")
        reader.wait_for_selector(".late:visible", timeout=10_000)
        assert "We have not been able to confirm current status since" in reader.inner_text(".late")
        browser.close()
