"""For load balancers and whoever watches the watcher: `/healthz` of this process, `/readyz` of all of it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from incidents.monitoring.readiness import look

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Health:
    """In front of the front: `/healthz` of any host, which says no more than that this process answers."""

    def __init__(self, front: "WSGIApplication") -> None:
        self._front = front

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ.get("PATH_INFO") != "/healthz":
            return self._front(environ, start_response)
        headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", "3"),
            ("Cache-Control", "no-store"),
        ]
        start_response("200 OK", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [b"ok\n"]


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the pages can be believed, else 503; the body names what is wrong and since when."""
    del request
    found = look(at=datetime.now(UTC))
    body = {"status": "ready" if found.is_ready else "not ready", "checks": dict(found.checks)}
    return JsonResponse(body, status=200 if found.is_ready else 503)
