"""What came in after its session had ended: kept in the new session until its author has signed in again.

It is never sent by itself: the author sees it first. Only a form of ours is kept (its CSRF token says so), so that
no other site can put words into somebody's mouth.
"""

import json
from dataclasses import dataclass
from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from incidents.operations.credentials import LostKey, seal, unseal

LIMIT = 256 * 1024
"""Bytes of a body that is kept; words and their form fit many times over."""
_KEY = "unsent"
_OURS = frozenset({"csrfmiddlewaretoken"})


@dataclass(frozen=True, slots=True)
class Unsent:
    """A form that did not arrive."""

    path: str
    fields: list[tuple[str, str]]

    @property
    def words(self) -> list[tuple[str, str]]:
        """What its author typed, as far as it is text to read."""
        return [(name, value) for name, value in self.fields if name in {"title", "body"} and value.strip()]


def is_kept(request: HttpRequest) -> bool:
    """Whether it may be a form of ours with words in it; asked before the body is read."""
    length = request.headers.get("Content-Length") or ""
    return (
        request.method == "POST"
        and request.content_type == "application/x-www-form-urlencoded"
        and settings.CSRF_COOKIE_NAME in request.COOKIES
        and length.isdecimal()
        and int(length) <= LIMIT
    )


def keep(request: HttpRequest) -> HttpResponse:
    """Keep the form in the anonymous session, which the login takes over; ten a minute from one place."""
    if ratelimit.consume(request, action="unsent"):
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
        # Sealed: a form may hold a password or the URL of a chat, and sessions lie in the database in the clear.
        kept = {"path": request.get_full_path(), "fields": [each for each in fields if each[0] not in _OURS]}
        request.session[_KEY] = seal(json.dumps(kept))
    return HttpResponse()


def _opened(sealed: object) -> dict[str, Any] | None:
    """What was kept; None for nothing, and for what another CREDENTIALS_KEY sealed."""
    try:
        found: dict[str, Any] = json.loads(unseal(sealed)) if isinstance(sealed, str) else {}
    except LostKey:
        return None
    return found or None


def take(request: HttpRequest) -> Unsent | None:
    """What was kept for this address, once."""
    kept = _opened(request.session.get(_KEY))
    if not kept or kept["path"] != request.get_full_path():
        return None
    del request.session[_KEY]
    return Unsent(kept["path"], [(name, value) for name, value in kept["fields"]])
