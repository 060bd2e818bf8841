"""What the subscription pages share: bounds on what is sent, the frame around the words, headers that keep links in."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from incidents.models import Page
from incidents.models.trees import page_view
from incidents.publishing.assets import asset_url, script_urls

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

MOST_BYTES = 64 * 1024


def door(view: View[P]) -> View[P]:
    """Refuse a large body before it is read, then check CSRF, which reads it; nothing here is ever cached."""

    @csrf_exempt
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
            words = f"A form of this page has at most {MOST_BYTES // 1024} kB."
            return render(request, "pages/problem.html", {"heading": "Too much", "words": words}, status=413)
        return view(request, *args, **kwargs)

    return guarded  # type: ignore[return-value]  # wraps() keeps the names of its arguments


def show(
    request: HttpRequest,
    page: Page,
    template: str,
    heading: str,
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """A page of ours in the public page's frame."""
    view = page_view(page, site_url=settings.SITE_URL)
    frame = {
        "page": view,
        "title": f"{view.name} Status - {heading}",
        "heading": heading,
        "path": "/subscriptions/",
        "css": asset_url("page.css"),
        "own_css": asset_url("subscriptions.css"),
        "scripts": script_urls(),
        "icon": asset_url("favicons/unknown.svg"),
    }
    response = render(request, f"subscriptions/{template}", {**frame, **context}, status=status)
    # Links with tokens must not travel on; "no-referrer" would also take the Origin from our own forms.
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
