"""What may be kept by caches in between: every answer says so, and what is public has nothing of one reader in it."""

import re
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.test.client import RequestFactory
from django.urls import URLResolver, get_resolver
from pytest_django import Settings

from incidents.publishing.publisher import publish_page, the_store
from incidents.web.caching import Caching
from incidents.web.help import pages as help_pages
from tests.web.brands import Brand, make_brands

BAD_COOKIES = {
    "unknown session": {"sessionid": "a" * 32},
    "no session key at all": {"sessionid": "../../etc/passwd"},
    "empty": {"sessionid": ""},
    "huge": {"sessionid": "x" * 4000, "csrftoken": "y" * 4000},
    "strange csrf token": {"csrftoken": "<script>"},
    "broken messages": {"messages": "not signed", "sessionid": "b" * 32},
}
FILLED_IN = {"year": "2021", "month": "10", "rest": "x", "extra_context": "x", "uidb36": "1", "key": "a-b"}


@pytest.fixture
def brand(db: None, settings: Settings, tmp_path: Path) -> Brand:
    settings.PUBLISH_DIR = tmp_path / "published"
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ALLOWED_HOSTS = ["*"]
    return make_brands()[0]


@pytest.fixture
def public_paths(brand: Brand) -> list[str]:
    """Every document of one page, the files beside them, the help and a style sheet, as Django answers them."""
    publish_page(brand.page.pk, everything=True)
    documents = [each.path for each in the_store().page(brand.page.code).documents()]
    zones = [
        f"{path}?tz=UTC" for path in documents if not re.search(r"\.(json|rss|atom|css)$|\d/\d\d$", path)
    ]
    helping = ["/help/", *(f"/help/{each.slug}/" for each in help_pages())]
    return [*documents, *zones, *helping, "/static/page.css"]


def every_path(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[str]:
    """One address for each URL pattern of the installation, with something in the place of each parameter."""
    resolver = resolver or get_resolver()
    for name in resolver.reverse_dict:
        for possibilities, *_ in resolver.reverse_dict.getlist(name):
            for route, parameters in possibilities:
                filled = {each: FILLED_IN.get(each, "1") for each in parameters}
                yield prefix + route % filled
    for inner_prefix, inner in resolver.namespace_dict.values():
        yield from every_path(inner, prefix + inner_prefix)


def test_what_is_public_never_sets_a_cookie_and_is_the_same_for_staff_and_for_strangers(
    brand: Brand, public_paths: list[str]
) -> None:
    every_cookie = [(path, name) for path in ("/", "/?tz=UTC", "/help/") for name in BAD_COOKIES]
    for path, name in [*every_cookie, *zip(public_paths, cycle(BAD_COOKIES), strict=False)]:
        client = Client(headers={"host": brand.host})
        client.cookies.load(BAD_COOKIES[name])
        reply = client.get(path)
        assert "public" in reply.get("Cache-Control", ""), (name, path)
        assert not reply.cookies, (name, path)
        assert "cookie" not in reply.get("Vary", "").lower(), (name, path)
    staff, stranger = Client(headers={"host": brand.host}), Client(headers={"host": brand.host})
    staff.force_login(User.objects.create_user("dana", is_staff=True, is_superuser=True))
    for path in public_paths:
        for_staff, for_strangers = staff.get(path), stranger.get(path)
        assert for_staff.status_code == for_strangers.status_code == 200, path
        if not for_staff.streaming:
            assert for_staff.content == for_strangers.content, path
        assert not for_staff.cookies, path


def test_a_public_answer_that_a_view_gave_a_cookie_loses_it() -> None:
    """The kind, not the places: whatever view says public, and whatever layer below sets a cookie."""

    def view(_: object) -> HttpResponse:
        reply = HttpResponse(
            headers={"Cache-Control": "max-age=5, Public", "Vary": "Accept-Encoding, Cookie"}
        )
        reply.set_cookie("theme", "dark")
        return reply

    reply = Caching(view)(RequestFactory().get("/"))
    assert (dict(reply.cookies), reply["Vary"]) == ({}, "Accept-Encoding")


def test_a_private_answer_keeps_its_cookies() -> None:
    def view(_: object) -> HttpResponse:
        reply = HttpResponse(headers={"Cache-Control": "private, no-store", "Vary": "Cookie"})
        reply.set_cookie("theme", "dark")
        return reply

    reply = Caching(view)(RequestFactory().get("/"))
    assert ("theme" in reply.cookies, reply["Vary"]) == (True, "Cookie")


def test_every_door_says_how_long_its_answer_may_be_kept(brand: Brand) -> None:
    paths = sorted(set(every_path()))
    assert len(paths) > 290
    assert {"/accounts/login/", "/v1/pages", "/help/", "/readyz"} <= set(paths)
    client = Client(enforce_csrf_checks=True, raise_request_exception=False, headers={"host": brand.host})
    silent = [
        (method, path, reply.status_code)
        for path in [*paths, "/nothing/here", "/console/nothing"]
        for method in ("get", "head", "post", "put")
        if "Cache-Control" not in (reply := getattr(client, method)(path))
    ]
    assert silent == []


def test_only_what_strangers_read_may_be_kept_by_others(brand: Brand) -> None:
    client = Client(headers={"host": brand.host})
    for path in every_path():
        if path.startswith(
            ("/accounts/", "/admin/", "/console/", "/subscriptions/", "/customers/", "/beats/")
        ):
            kept = client.get(path)["Cache-Control"]
            assert "no-store" in kept or "private" in kept, (path, kept)


def test_the_layer_lies_outside_of_sessions() -> None:
    layers = django_settings.MIDDLEWARE
    assert layers.index("incidents.web.caching.Caching") < layers.index(
        "django.contrib.sessions.middleware.SessionMiddleware"
    )
