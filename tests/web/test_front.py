"""The front answers for what is published, as a good web server does, and leaves the rest to Django."""

import os
import time
from pathlib import Path

import brotli
import pytest
from pytest_django import Settings

from incidents.publishing.bundles import bundle
from incidents.publishing.store import Hosts, PageFolder, Pointer, Store
from incidents.web import front as front_module
from incidents.web.front import LOOK_SECONDS
from tests.peers.stepped_clock import touch
from tests.web.fronts import HOST, Visitor

HTML = "text/html; charset=utf-8"
INDEX, STALE = b"<p>All Systems Operational</p>" * 30, b"<p>Not confirmed since 19:20</p>" * 30
AT = "2021-10-08T21:22:00+00:00"


def put(
    folder: PageFolder, revision: int = 1, *, index: bytes = INDEX, fresh_seconds: float | None = None
) -> None:
    with folder.lock():
        folder.write(bundle("/", HTML, index, stale=STALE, asks="tz"))
        folder.write(bundle("/api/v2/status.json", "application/json; charset=utf-8", b'{"a":"b"}'))
        folder.point(Pointer(revision, AT, fresh_seconds))


@pytest.fixture
def store(tmp_path: Path, settings: Settings) -> Store:
    settings.ALLOWED_HOSTS = [HOST, ".2talk.test", "127.0.0.1"]
    store = Store(tmp_path)
    put(store.page("sip"))
    put(store.page("two"), index=b"<p>2talk</p>" * 30)
    with store.lock():
        store.write_hosts(Hosts("sip", {"status.2talk.test": "two"}))
    return store


@pytest.fixture
def visitor(store: Store) -> Visitor:
    return Visitor(store.folder)


def look_again() -> None:
    time.sleep(LOOK_SECONDS * 1.2)


def test_a_document_comes_with_everything_a_browser_and_a_cache_want(visitor: Visitor) -> None:
    reply = visitor.ask()
    assert (reply.status, reply.body) == (200, INDEX)
    assert reply.headers["content-type"] == HTML
    assert reply.headers["content-length"] == str(len(INDEX))
    assert (
        reply.headers["cache-control"] == "public, max-age=5, stale-while-revalidate=30, stale-if-error=86400"
    )
    assert reply.headers["vary"] == "Accept-Encoding"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["x-frame-options"] == "DENY"
    assert "unsafe" not in reply.headers["content-security-policy"]
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert "access-control-allow-origin" not in reply.headers


def test_an_answer_is_a_list_which_granian_sends_in_one_piece(visitor: Visitor) -> None:
    asked = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": HOST}
    assert visitor.front(asked, lambda *_: lambda _: None) == [INDEX]


def test_json_may_be_read_by_any_site(visitor: Visitor) -> None:
    assert visitor.ask("/api/v2/status.json").headers["access-control-allow-origin"] == "*"


def test_head_says_the_same_without_a_body(visitor: Visitor) -> None:
    head, get = visitor.ask(method="HEAD"), visitor.ask()
    assert (head.status, head.headers, head.body) == (200, get.headers, b"")


def test_a_known_etag_is_answered_with_304_and_no_body(visitor: Visitor) -> None:
    for encoding in ("", "gzip", "br"):
        etag = visitor.ask(accept_encoding=encoding).headers["etag"]
        reply = visitor.ask(accept_encoding=encoding, if_none_match=etag)
        assert (reply.status, reply.body, reply.headers["etag"]) == (304, b"", etag)
        assert "content-length" not in reply.headers


@pytest.mark.parametrize("form", ["W/{}", '"other", {}', '"a" , W/"b", {} ', "*"])
def test_an_etag_is_found_in_whatever_form_it_comes(visitor: Visitor, form: str) -> None:
    etag = visitor.ask().headers["etag"]
    assert visitor.ask(if_none_match=form.format(etag)).status == 304


@pytest.mark.parametrize(
    "value", ['"other"', "", "garbage", '"', "W/", '"' * 5000], ids=lambda value: value[:9]
)
def test_another_etag_gets_the_document(visitor: Visitor, value: str) -> None:
    assert visitor.ask(if_none_match=value).status == 200


def test_each_encoding_is_what_it_says(visitor: Visitor) -> None:
    reply = visitor.ask(accept_encoding="gzip, deflate, br")
    assert reply.headers["content-encoding"] == "br"
    assert brotli.decompress(reply.body) == INDEX
    assert visitor.ask(accept_encoding="br;q=0, gzip").headers["content-encoding"] == "gzip"
    assert "content-encoding" not in visitor.ask(accept_encoding="identity").headers


def test_a_small_document_is_not_compressed_whatever_is_accepted(visitor: Visitor) -> None:
    reply = visitor.ask("/api/v2/status.json", accept_encoding="br, gzip")
    assert (reply.body, reply.headers.get("content-encoding")) == (b'{"a":"b"}', None)
    assert reply.headers["vary"] == "Accept-Encoding"


def test_a_range_is_ignored(visitor: Visitor) -> None:
    assert visitor.ask(range="bytes=0-3").body == INDEX


def test_a_query_string_changes_nothing(visitor: Visitor) -> None:
    assert visitor.ask("/?utm_source=mail").body == INDEX


def test_a_zone_is_django_s_affair_but_only_for_documents_with_times(visitor: Visitor) -> None:
    assert visitor.ask("/?tz=UTC").body == b"django"
    assert visitor.ask("/api/v2/status.json?tz=UTC").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/console/",
        "/..",
        "/../hosts.json",
        "/%2e%2e/hosts.json",
        "//",
        "/größe",
        "/\x00",
        "/" + "x" * 9000,
    ],
    ids=lambda path: repr(path)[:12],
)
def test_what_is_not_published_goes_to_django(visitor: Visitor, path: str) -> None:
    assert visitor.ask(path).body == b"django"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_go_to_django(visitor: Visitor, method: str) -> None:
    assert visitor.ask(method=method).body == b"django"


@pytest.mark.parametrize(
    "host", [HOST, f"{HOST}:8000", HOST.upper(), "127.0.0.1:8000", "other.2talk.test", f"{HOST}."]
)
def test_an_allowed_host_gets_the_default_page(visitor: Visitor, host: str) -> None:
    assert visitor.ask(host=host).body == INDEX


def test_a_claimed_host_gets_its_own_page_and_nothing_of_another(visitor: Visitor) -> None:
    assert b"2talk" in visitor.ask(host="status.2talk.test").body
    assert b"2talk" not in visitor.ask().body


def test_without_a_default_page_only_claimed_hosts_are_answered(store: Store) -> None:
    with store.lock():
        store.write_hosts(Hosts(None, {"status.2talk.test": "two"}))
    visitor = Visitor(store.folder)
    assert visitor.ask(host="status.2talk.test").status == 200
    assert visitor.ask().status == 400


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.test",
        "a b",
        "http://evil.test",
        "[::1",
        f"{HOST}:x",
        "x" * 5000,
        "evil.test/" + HOST,
        "\x7f",
    ],
    ids=lambda host: repr(host)[:12],
)
def test_an_unknown_or_malformed_host_gets_400(visitor: Visitor, host: str | None) -> None:
    reply = visitor.ask(host=host)
    assert reply.status == 400
    assert INDEX not in reply.body


def test_any_number_of_hosts_and_encodings_is_forgotten_again(visitor: Visitor) -> None:
    for number in range(front_module.MOST_NAMES * 2):
        visitor.ask(host=f"h{number}.evil.test")
        visitor.ask(accept_encoding=f"br;q=0.{number % 999}, x{number}")
    assert visitor.ask().status == 200
    assert len(visitor.front._by_host) <= front_module.MOST_NAMES
    assert len(visitor.front._encodings) <= front_module.MOST_NAMES


def test_a_new_revision_is_seen_within_a_moment_and_not_before_its_pointer(
    store: Store, visitor: Visitor
) -> None:
    before = visitor.ask()
    folder = store.page("sip")
    folder.write(bundle("/", HTML, b"<p>Trunks down</p>" * 30))
    look_again()
    assert visitor.ask().body == before.body
    folder.point(Pointer(2, AT))
    look_again()
    after = visitor.ask(if_none_match=before.headers["etag"])
    assert (after.status, after.body) == (200, b"<p>Trunks down</p>" * 30)


def test_a_document_taken_away_is_gone_with_the_next_revision(store: Store, visitor: Visitor) -> None:
    visitor.ask()
    store.page("sip").remove("/")
    store.page("sip").point(Pointer(2, AT))
    look_again()
    assert visitor.ask().body == b"django"


def test_a_torn_document_goes_to_django_and_not_to_the_reader(store: Store) -> None:
    file = store.page("sip").file_of("/")
    file.write_bytes(file.read_bytes()[:-7])
    assert Visitor(store.folder).ask().body == b"django"


def test_an_unpublished_installation_is_django_s(tmp_path: Path) -> None:
    assert Visitor(tmp_path / "nothing").ask().body == b"django"


def beat(store: Store, *, ago: float) -> None:
    touch(store.heartbeat)
    os.utime(store.heartbeat, (time.time() - ago, time.time() - ago))


def test_a_silent_monitoring_brings_the_rendering_that_says_so(store: Store, visitor: Visitor) -> None:
    put(store.page("sip"), 2, fresh_seconds=105)
    beat(store, ago=100)
    fresh = visitor.ask()
    beat(store, ago=110)
    look_again()
    stale = visitor.ask(if_none_match=fresh.headers["etag"])
    assert (fresh.body, stale.status, stale.body) == (INDEX, 200, STALE)
    assert visitor.ask("/api/v2/status.json").status == 200
    beat(store, ago=0)
    look_again()
    assert visitor.ask().body == INDEX


def test_a_monitored_page_without_any_heartbeat_is_not_confirmed(store: Store) -> None:
    put(store.page("sip"), 2, fresh_seconds=105)
    assert Visitor(store.folder).ask().body == STALE


def test_a_page_that_nothing_monitors_needs_no_heartbeat(visitor: Visitor) -> None:
    assert visitor.ask().body == INDEX


def test_memory_stays_within_its_limit(store: Store, visitor: Visitor) -> None:
    folder = store.page("sip")
    body = os.urandom(front_module.LARGE - 200_000)
    count = front_module.MEMORY_LIMIT // len(body) + 5
    for number in range(count):
        folder.write(bundle(f"/attachments/{number}", "application/pdf", body, download="a.pdf"))
    for number in range(count):
        assert len(visitor.ask(f"/attachments/{number}").body) == len(body)
    look_again()
    visitor.ask()
    held = sum(shelf.held for shelf in visitor.front._shelves.values())
    assert held <= front_module.MEMORY_LIMIT


def test_a_large_document_is_served_and_not_kept(store: Store, visitor: Visitor) -> None:
    body = os.urandom(front_module.LARGE + 1)
    store.page("sip").write(bundle("/attachments/a/b.pdf", "application/pdf", body, download="Größe.pdf"))
    assert visitor.ask("/attachments/a/b.pdf").body == body
    assert sum(shelf.held for shelf in visitor.front._shelves.values()) == 0


def test_an_attached_document_is_saved_and_never_shown(store: Store, visitor: Visitor) -> None:
    store.page("sip").write(
        bundle("/attachments/a/Größe.pdf", "application/pdf", b"%PDF-1.4", download="Größe.pdf")
    )
    reply = visitor.ask("/attachments/a/Größe.pdf")
    assert reply.body == b"%PDF-1.4"
    assert reply.headers["content-disposition"] == "attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe.pdf"
    assert reply.headers["content-security-policy"] == "sandbox; default-src 'none'"


def test_plain_http_is_django_s_to_redirect_where_https_is_the_rule(store: Store, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    visitor = Visitor(store.folder)
    assert visitor.ask().body == b"django"
    reply = visitor.ask(x_forwarded_proto="https", x_forwarded_for="203.0.114.9")
    assert reply.body == INDEX
    assert reply.headers["strict-transport-security"].startswith("max-age=31536000")
