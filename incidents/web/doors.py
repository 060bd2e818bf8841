"""Django for a few requests at a time, where the server speaks WSGI: readers never wait for it.

Both share the server's threads. Django can be slow where the front is not: for a database that is dead, each request
waits five seconds. Without a bound a handful of such requests would hold every thread, and the status page with them.
`gate.Gate` does more, and needs a server that hands over requests before their bodies.
"""

from collections.abc import Iterable
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from incidents.domain.body_limits import body_limit
from incidents.web.refusals import BUSY, RETRY_SECONDS, Refusal, answer_of, too_large

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

AT_ONCE = 6
"""Requests in Django at a time; two fewer than a WSGI server should have threads."""
__all__ = ["AT_ONCE", "RETRY_SECONDS", "Doors"]


class Doors:
    """Lets a request through to `django`, or refuses it at once: too many, or a body that is too long."""

    def __init__(self, django: "WSGIApplication", at_once: int = AT_ONCE) -> None:
        self._django = django
        self._free = BoundedSemaphore(at_once)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        limit = body_limit(path, environ.get("CONTENT_TYPE", "")).size
        length: str = environ.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > limit:
            return _refuse(too_large(limit), environ, start_response)
        if not self._free.acquire(blocking=False):
            return _refuse(BUSY, environ, start_response)
        try:
            return self._django(environ, start_response)
        finally:
            self._free.release()


def _refuse(refusal: Refusal, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
    status, headers, body = answer_of(refusal, environ.get("PATH_INFO", ""), closes=False)
    start_response(f"{status} {HTTPStatus(status).phrase}", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
