"""Django behind the front, for a few requests at a time: readers never wait for it (DESIGN 11).

Both share the server's threads. Django can be slow where the front is not: for a database that is dead, each request
waits five seconds. Without a bound a handful of such requests would hold every thread, and the status page with them.
"""

import json
from collections.abc import Iterable
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

AT_ONCE = 6
"""Requests in Django at a time; two fewer than the server has threads (`--blocking-threads 8`)."""
RETRY_SECONDS = 2
_WORDS = (
    "Too much is asked at once. Try again in a moment. The current status is to be had at / all the while."
)
_TEXT = ("text/plain; charset=utf-8", f"{_WORDS}\n".encode())
_JSON = ("application/json", json.dumps({"error": _WORDS}).encode())
"""For scripts, which read every refusal of the management API as JSON."""


class Doors:
    """Lets a request through to `django`, or says at once that it is to come again."""

    def __init__(self, django: "WSGIApplication", at_once: int = AT_ONCE) -> None:
        self._django = django
        self._free = BoundedSemaphore(at_once)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if not self._free.acquire(blocking=False):
            kind, body = _JSON if environ.get("PATH_INFO", "").startswith("/v1/") else _TEXT
            headers = [
                ("Content-Type", kind),
                ("Content-Length", str(len(body))),
                ("Retry-After", str(RETRY_SECONDS)),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
            ]
            start_response("503 Service Unavailable", headers)
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
        try:
            return self._django(environ, start_response)
        finally:
            self._free.release()
