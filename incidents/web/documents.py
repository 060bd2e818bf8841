"""Public documents through Django: in a viewer's own zone, or before they are published (DESIGN 7 and 11).

With the database gone, or too much asked at once, it answers with the published bytes, in the page's own zone.
"""

import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import BoundedSemaphore
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render as render_page
from django.views.decorators.http import require_safe

from incidents.domain.zones import UnknownZone, zone
from incidents.formatting.pdf import NoPdf
from incidents.models import Page
from incidents.publishing import live
from incidents.publishing.site import Document
from incidents.publishing.store import Pointer, Store
from incidents.web.answers import CACHING, FRAMED_BY_ALL, OPEN, OPEN_TO_ALL, shown_headers
from incidents.web.freshness import V2, freshness_headers
from incidents.web.hosts import host_of, page_of
from incidents.web.zones import Kept, Rendered

log = logging.getLogger(__name__)

RENDERING = BoundedSemaphore(2)
"""Renderings at a time in one process. A stranger can ask for any number of zones; the other threads stay free."""
RETRY_SECONDS = 5

_kept = Kept()


@require_safe
def document(request: HttpRequest, document: Document, **names: str) -> HttpResponse:
    """One row of the site table."""
    try:
        chosen = _viewer_zone(request) if document.has_times else None
        names |= _history_page(request) if document.asks == "page" else {}
    except UnknownZone as error:
        return _problem(request, "Unknown time zone", str(error))
    except ValueError as error:
        return _problem(request, "Unknown page of history", str(error))
    what = _what(request, chosen, names.get("page", ""))
    body = _kept.get(what)
    if body is None:
        if not RENDERING.acquire(blocking=False):
            return _published(request, document, names)
        try:
            page = Page.objects.filter(code=what.page).first() or page_of(request)
            body = _rendered(page, document, names, chosen)
        except live.NoSuchDocument as error:
            raise Http404 from error
        except DatabaseError:
            log.exception(
                "the database does not answer; the published document does", extra={"path": request.path}
            )
            return _published(request, document, names)
        except NoPdf:  # the sweep tries it too, and says why
            return _published(request, document, names)
        finally:
            RENDERING.release()
        if what.revision:
            _kept.keep(what, body)
    return _response(request, document, names, body)


def _viewer_zone(request: HttpRequest) -> ZoneInfo | None:
    name = request.GET.get("tz", "").strip()
    return zone(name) if name else None


def _history_page(request: HttpRequest) -> dict[str, str]:
    """Which page of history is asked for; the first one where none is. Raises ValueError."""
    number = request.GET.get("page", "").strip() or "1"
    if not re.fullmatch("[1-9][0-9]{0,2}", number):
        raise ValueError("Ask for ?page=1 and on; each page holds three months, the newest first.")
    return {"page": number}


def _problem(request: HttpRequest, heading: str, words: str) -> HttpResponse:
    return render_page(request, "pages/problem.html", {"heading": heading, "words": words}, status=400)


def _what(request: HttpRequest, chosen: ZoneInfo | None, number: str) -> Rendered:
    """The name under which this rendering is kept: it changes with every publication."""
    host = host_of(request)
    code = _store().hosts().page_of(host)
    pointer = _store().page(code).pointer() if code else None
    revision = f"{pointer.revision} {pointer.published_at}" if pointer else ""
    zone_name = chosen.key if chosen else ""
    path = f"{request.path}?{number}" if number else request.path
    return Rendered(code or host, revision, path, zone_name, is_silent=_is_silent(pointer))


def _rendered(page: Page, document: Document, names: Mapping[str, str], chosen: ZoneInfo | None) -> bytes:
    """Rendered now, from the database. Raises what `live.render` raises."""
    pointer = _store().page(page.code).pointer()
    return live.render(
        page,
        document,
        names,
        at=datetime.now(UTC),
        zone=chosen,
        pointer=pointer,
        is_silent=_is_silent(pointer),
    )


def _published(request: HttpRequest, document: Document, names: Mapping[str, str]) -> HttpResponse:
    """The bytes that were published last, which cost little and need no database.

    While monitoring is silent, they are those that say so. An older page of history has none: the newest one in its
    place would be a lie.
    """
    code = _store().hosts().page_of(host_of(request))
    folder = _store().page(code) if code else None
    is_other = names.get("page", "1") != "1"
    found = folder.read(request.path) if folder and not is_other else None
    if folder is None or found is None:
        words = "This page cannot be shown at the moment. The current status is still to be had."
        context = {"heading": "Not available", "words": words}
        response = render_page(request, "pages/problem.html", context, status=503)
        response["Retry-After"] = str(RETRY_SECONDS)
        return response
    variant = found.stale if found.stale and _is_silent(folder.pointer()) else found.fresh
    return _response(request, document, names, variant.bodies["identity"])


def _is_silent(pointer: Pointer | None) -> bool:
    return pointer is not None and _store().is_silent(pointer.fresh_seconds)


def _response(
    request: HttpRequest, document: Document, names: Mapping[str, str], body: bytes
) -> HttpResponse:
    """With the headers that the front sends."""
    response = HttpResponse(body, content_type=document.media_type)
    response["Cache-Control"] = CACHING
    headers = dict(shown_headers(document.saved_as.format(**names)) if document.saved_as else ())
    headers |= OPEN if document.media_type.startswith(OPEN_TO_ALL) else {}
    if document.pattern.startswith(V2):
        code = _store().hosts().page_of(host_of(request))
        pointer = _store().page(code).pointer() if code else None
        headers |= freshness_headers(pointer, is_silent=_is_silent(pointer))
    for name, value in headers.items():
        response[name] = value
    if document.framable:
        setattr(response, "xframe_options_exempt", True)  # noqa: B010  (what Django's and django-csp's decorators set)
        setattr(response, "_csp_replace", FRAMED_BY_ALL)  # noqa: B010
    return response


def _store() -> Store:
    return Store(Path(settings.PUBLISH_DIR))
