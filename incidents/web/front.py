"""The front: a small WSGI application that answers for public documents before Django is asked (DESIGN 11).

It needs neither database nor broker: the published folder is all it reads. Answers lie ready in memory; at most every
10 ms it looks whether the pointer has moved. What is no published document is Django's. When monitoring has been
silent for longer than a page allows, the page's stale renderings are served: never falsely green.
"""

import os
import time
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from incidents.publishing.bundles import BrokenBundle, load
from incidents.publishing.store import LONGEST_PATH, Hosts, Store
from incidents.web.answers import Answers, Headers, Rendering, answers
from incidents.web.assets import the_assets
from incidents.web.clients import client_of
from incidents.web.freshness import V2, freshness_headers
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


Reply = tuple[int, Headers, bytes]
"""Status, headers and body, whichever server interface they go to."""
_REASONS = {200: "200 OK", 304: "304 Not Modified", 400: "400 Bad Request"}
_WRONG_HOST = b"No status page is served under this host name.\n"
WRONG_HOST: Reply = (
    400,
    [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(_WRONG_HOST))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ],
    _WRONG_HOST,
)


class Front:
    """Answers GET and HEAD for published documents; everything else goes to `django`.

    `find` says by itself whether there is an answer, for servers that do not speak WSGI.
    """

    def __init__(self, django: "WSGIApplication", folder: Path | None = None) -> None:
        self._django = django
        self._assets = the_assets()
        self._store = Store(folder or Path(settings.PUBLISH_DIR))
        self.https_only: bool = settings.SECURE_SSL_REDIRECT
        """Whether only what came by https is answered here; Django redirects the rest."""
        self._hosts = Hosts()
        self._hosts_mark: Mark | None = None
        self._looked_at = float("-inf")
        self._shelves: dict[str, _Shelf] = {}
        self._by_host: dict[str, _Shelf | None] = {}
        self._encodings: dict[str, tuple[str, ...]] = {}

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method not in {"GET", "HEAD"} or (self.https_only and not client_of(environ).is_https):
            return self._django(environ, start_response)
        header = environ.get
        found = self.find(
            *(header("HTTP_HOST", ""), _path(environ), header("QUERY_STRING", "")),
            *(header("HTTP_IF_NONE_MATCH", ""), header("HTTP_ACCEPT_ENCODING", "")),
        )
        if found is None:
            return self._django(environ, start_response)
        status, headers, body = found
        start_response(_REASONS[status], headers)
        if method == "HEAD" or status == HTTPStatus.NOT_MODIFIED:
            return []
        return [
            body
        ]  # a list, which granian sends whole in one go; other iterables it asks for piece by piece

    def find(
        self, host: str, path: str, query: str, if_none_match: str, accept_encoding: str
    ) -> Reply | None:
        """What is to be answered to a GET, or None for what is Django's."""
        self._look()
        if self._hosts.default is None and not self._hosts.pages:
            return None
        try:
            shelf = self._by_host[host]
        except KeyError:
            shelf = self._by_host[host] = self._shelf_of(host)
        if shelf is None:
            return WRONG_HOST
        if path.startswith(STATIC):
            asset = self._assets.find(path, query)
            if asset:
                return self.choose(asset.fresh, if_none_match, accept_encoding)
        found = shelf.find(path)
        if found is None or (found.asks and found.asks in query):
            return None
        rendering = found.stale if shelf.is_silent else found.fresh
        reply = self.choose(rendering, if_none_match, accept_encoding)
        if not path.startswith(V2):
            return reply
        status, headers, body = reply
        return status, [*headers, *shelf.freshness_headers], body

    def choose(self, rendering: Rendering, if_none_match: str, wanted: str) -> Reply:
        """The rendering in the best encoding that is wanted, or that the client has it already."""
        known = rendering.known(if_none_match) if if_none_match else None
        if known:
            return 304, known.unchanged_headers, b""
        try:
            order = self._encodings[wanted]
        except KeyError:
            _make_room(self._encodings)
            order = self._encodings[wanted] = acceptable(wanted)
        answer = next(filter(None, map(rendering.by_encoding.get, order)))
        return 200, answer.headers, answer.body

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
        self._freshness_headers: dict[bool, Headers] = {}
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

    @property
    def freshness_headers(self) -> Headers:
        """What v2 documents carry now."""
        return self._freshness_headers[self.is_silent]

    def empty(self) -> None:
        """Forget all documents; they are read again when asked for."""
        self._ready = {}
        self.held = 0

    def _look(self) -> None:
        mark = _mark(self._folder.pointer_file)
        if mark != self._pointer_mark:
            pointer = self._folder.pointer()
            self._fresh_seconds = pointer.fresh_seconds if pointer else None
            self._freshness_headers = {
                is_silent: freshness_headers(pointer, is_silent=is_silent) for is_silent in (False, True)
            }
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
