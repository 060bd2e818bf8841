"""How long an answer may be kept, and by whom: each says so, and what is public carries nothing of one reader.

Outside of all other layers, since those below add cookies to what a view has called public: a session that is not
known, for example, makes Django delete its cookie, and a cache in between would hand that to every reader.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import has_vary_header

UNSAID = "no-store"
"""Nobody keeps an answer of which nobody has said that it may be kept."""


class Caching:
    """Middleware. A view that says `public` vouches that its answer is the same for every reader."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = UNSAID
        elif "public" in _directives(response["Cache-Control"]):
            response.cookies.clear()
            if has_vary_header(response, "Cookie"):
                _vary_no_more(response)
        return response


def _directives(header: str) -> set[str]:
    return {each.strip().lower() for each in header.split(",")}


def _vary_no_more(response: HttpResponseBase) -> None:
    """Take `Cookie` out of Vary, and Vary away where nothing else is in it."""
    others = [each.strip() for each in response["Vary"].split(",") if each.strip().lower() != "cookie"]
    if others:
        response["Vary"] = ", ".join(others)
    else:
        del response["Vary"]
