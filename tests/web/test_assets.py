"""Style sheets, scripts and icons come from the front: compressed, for good where their address names their digest."""

from pathlib import Path

import brotli
import pytest
from django.conf import settings

from incidents.publishing.assets import asset_url
from incidents.publishing.bundles import bundle
from incidents.publishing.store import Hosts, Pointer, Store
from incidents.web.assets import AN_HOUR, FOR_GOOD
from tests.web.fronts import HOST, Visitor

STATIC = Path(settings.BASE_DIR) / "static"


@pytest.fixture
def visitor(tmp_path: Path) -> Visitor:
    store = Store(tmp_path)
    folder = store.page("sip")
    with folder.lock():
        folder.write(bundle("/", "text/html; charset=utf-8", b"<p>Here</p>"))
        folder.point(Pointer(1, "2026-11-25T00:00:00+00:00"))
    store.write_hosts(Hosts("sip", {HOST: "sip"}))
    return Visitor(tmp_path)


def test_a_style_sheet_is_small_on_the_wire_and_kept_for_good(visitor: Visitor) -> None:
    reply = visitor.ask(asset_url("page.css"), accept_encoding="br, gzip")
    assert (reply.status, reply.headers["content-encoding"]) == (200, "br")
    assert reply.headers["content-type"] == "text/css; charset=utf-8"
    assert reply.headers["cache-control"] == FOR_GOOD
    assert brotli.decompress(reply.body) == (STATIC / "page.css").read_bytes()
    assert len(reply.body) * 3 < (STATIC / "page.css").stat().st_size


@pytest.mark.parametrize("query", ["", "?v=", "?v=0123456789", "?utm=1"])
def test_without_its_digest_it_is_kept_for_an_hour(visitor: Visitor, query: str) -> None:
    assert visitor.ask(f"/static/page.css{query}").headers["cache-control"] == AN_HOUR


def test_it_is_not_sent_twice(visitor: Visitor) -> None:
    tag = visitor.ask(asset_url("page.js")).headers["etag"]
    assert visitor.ask(asset_url("page.js"), if_none_match=tag).status == 304


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("favicons/operational.svg", "image/svg+xml"),
        ("favicons/operational-32.png", "image/png"),
        ("cards/page.png", "image/png"),
        ("theme.js", "text/javascript; charset=utf-8"),
    ],
)
def test_each_kind_is_called_what_it_is(visitor: Visitor, name: str, media_type: str) -> None:
    reply = visitor.ask(asset_url(name))
    assert (reply.status, reply.headers["content-type"]) == (200, media_type)
    assert reply.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["admin/css/base.css", "nope.css", "../manage.py", "readme/page.png", ""])
def test_what_is_not_ours_is_django_s(visitor: Visitor, path: str) -> None:
    assert visitor.ask(f"/static/{path}").headers.get("x-behind") == "django"


def test_a_host_that_is_not_ours_gets_none(visitor: Visitor) -> None:
    assert visitor.ask(asset_url("page.css"), host="evil.test").status == 400
