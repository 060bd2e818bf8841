"""The front: a small WSGI application that answers for public documents before Django is asked (DESIGN 11).

It needs neither database nor broker: the published folder is all it reads. Answers lie ready in memory; at most every
10 ms it looks whether the pointer has moved. What is no published document is Django's. When monitoring has been
silent for longer than a page allows, the page's stale renderings are served: never falsely green.
"""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from incidents.publishing.bundles import BrokenBundle, load
from incidents.publishing.store import LONGEST_PATH, Hosts, Store
from incidents.web.answers import Answers, Rendering, answers
from incidents.web.assets import the_assets
from incidents.web.clients import client_of
from incidents.web.negotiation import acceptable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STATIC: str = settings.STATIC_URL
LOOK_SECONDS = 0.01
"""A look is three stats, about 10 microseconds; it is what a post's readers wait for at most."""
MEMORY_LIMIT = 64 * 1024 * 1024
"""Bytes of documents held, all pages together."""
LARGE = 1024 * 1024
"""A document of this many bytes is read anew each time."""
MOST_NAMES = 1024
"""Host and Accept-Encoding values remembered; a stranger may send any number of them."""

Mark = tuple[int, int, int]


class Front:
    """Answers GET and HEAD for published documents; everything else goes to `django`."""

    def __init__(self, django: "WSGIApplication", folder: Path | None = None) -> None:
        self._django = django
        self._assets = the_assets()
        self._store = Store(folder or Path(settings.PUBLISH_DIR))
        self._https_only: bool = settings.SECURE_SSL_REDIRECT
        self._hosts = Hosts()
        self._hosts_mark: Mark | None = None
        self._looked_at = float("-inf")
        self._shelves: dict[str, _Shelf] = {}
        self._by_host: dict[str, _Shelf | None] = {}
        self._encodings: dict[str, tuple[str, ...]] = {}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method not in {"GET", "HEAD"} or (self._https_only and not client_of(environ).is_https):
            return self._django(environ, start_response)
        self._look()
        if self._hosts.default is None and not self._hosts.pages:
            return self._django(environ, start_response)
        host = environ.get("HTTP_HOST", "")
        try:
            shelf = self._by_host[host]
        except KeyError:
            shelf = self._by_host[host] = self._shelf_of(host)
        if shelf is None:
            return _wrong_host(start_response)
        path = _path(environ)
        if path.startswith(STATIC):
            asset = self._assets.find(path, environ.get("QUERY_STRING", ""))
            if asset:
                return self._answer(asset.fresh, environ, start_response, has_body=method == "GET")
        found = shelf.find(path)
        if found is None or (found.asks and found.asks in environ.get("QUERY_STRING", "")):
            return self._django(environ, start_response)
        rendering = found.stale if shelf.is_silent else found.fresh
        return self._answer(rendering, environ, start_response, has_body=method == "GET")

    def _answer(
        self,
        rendering: Rendering,
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
        *,
        has_body: bool,
    ) -> list[bytes]:
        """A list, which granian sends whole in one go; any other iterable it asks for piece by piece."""
        if_none_match = environ.get("HTTP_IF_NONE_MATCH")
        known = rendering.known(if_none_match) if if_none_match else None
        if known:
            start_response("304 Not Modified", known.unchanged_headers)
            return []
        wanted = environ.get("HTTP_ACCEPT_ENCODING", "")
        try:
            order = self._encodings[wanted]
        except KeyError:
            _make_room(self._encodings)
            order = self._encodings[wanted] = acceptable(wanted)
        answer = next(filter(None, map(rendering.by_encoding.get, order)))
        start_response("200 OK", answer.headers)
        return [answer.body] if has_body else []

    def _look(self) -> None:
        """Read the table of hosts anew when it has changed, and keep memory within its limit."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        mark = _mark(self._store.hosts_file)
        if mark != self._hosts_mark:
            self._hosts = self._store.hosts()
            self._hosts_mark = mark
            self._by_host.clear()
        if sum(shelf.held for shelf in self._shelves.values()) > MEMORY_LIMIT:
            for shelf in self._shelves.values():
                shelf.empty()

    def _shelf_of(self, host: str) -> "_Shelf | None":
        """The page that answers a Host header; None for one that is not allowed or no host at all."""
        _make_room(self._by_host)
        domain, _ = split_domain_port(host)
        if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
            return None
        code = self._hosts.page_of(domain)
        if code is None:
            return None
        if code not in self._shelves:
            self._shelves[code] = _Shelf(self._store, code)
        return self._shelves[code]


class _Shelf:
    """One page's documents as they are served now."""

    def __init__(self, store: Store, code: str) -> None:
        self.is_silent = False
        self.held = 0
        self._store = store
        self._folder = store.page(code)
        self._looked_at = float("-inf")
        self._pointer_mark: Mark | None = None
        self._fresh_seconds: float | None = None
        self._generation = 0
        self._ready: dict[str, tuple[int, Mark, Answers]] = {}

    def find(self, path: str) -> Answers | None:
        """The answers for a path, or None where nothing is published."""
        now = time.monotonic()
        if now - self._looked_at >= LOOK_SECONDS:
            self._looked_at = now
            self._look()
        ready = self._ready.get(path)
        if ready is not None and ready[0] == self._generation:
            return ready[2]
        return self._fetch(path, ready)

    def empty(self) -> None:
        """Forget all documents; they are read again when asked for."""
        self._ready = {}
        self.held = 0

    def _look(self) -> None:
        mark = _mark(self._folder.pointer_file)
        if mark != self._pointer_mark:
            pointer = self._folder.pointer()
            self._fresh_seconds = pointer.fresh_seconds if pointer else None
            self._pointer_mark = mark
            self._generation += 1
        self.is_silent = self._store.is_silent(self._fresh_seconds)

    def _fetch(self, path: str, ready: tuple[int, Mark, Answers] | None) -> Answers | None:
        """Read a document, or keep the one in memory when its file is still the same."""
        generation = self._generation
        if len(path) > LONGEST_PATH:
            return None
        file = self._folder.file_of(path)
        if ready is not None and _mark(file) == ready[1]:
            self._ready[path] = (generation, ready[1], ready[2])
            return ready[2]
        if self._ready.pop(path, None) is not None and ready is not None:
            self.held -= ready[2].size
        try:
            with file.open("rb") as handle:
                mark = _mark_of(os.fstat(handle.fileno()))
                found = answers(load(handle.read()))
        except (OSError, BrokenBundle):
            return None
        if found.size < LARGE:
            self._ready[path] = (generation, mark, found)
            self.held += found.size
        return found


def _mark(file: Path) -> Mark | None:
    try:
        return _mark_of(file.stat())
    except OSError:
        return None


def _mark_of(stat: os.stat_result) -> Mark:
    """Differs between any two files that were renamed into the same place."""
    return stat.st_mtime_ns, stat.st_ino, stat.st_size


def _make_room(remembered: dict[str, Any]) -> None:
    if len(remembered) >= MOST_NAMES:
        remembered.clear()


def _path(environ: "WSGIEnvironment") -> str:
    """PATH_INFO holds the bytes of the path as Latin-1 (PEP 3333)."""
    path: str = environ.get("PATH_INFO") or "/"
    return path if path.isascii() else path.encode("latin-1", "replace").decode("utf-8", "replace")


def _wrong_host(start_response: Callable[..., object]) -> Iterable[bytes]:
    body = b"No status page is served under this host name.\n"
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response("400 Bad Request", headers)
    return (body,)
