"""The door to the customers' edition of an RFO: whoever has its address may read it, and nobody finds it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from incidents.domain.zones import UnknownZone, zone
from incidents.formatting.pdf import NoPdf
from incidents.publishing.editions import FORMS, find_edition, render_edition
from incidents.publishing.rfo_documents import FILE
from incidents.web.documents import RENDERING, RETRY_SECONDS
from incidents.web.limits import missed


@require_safe
def edition(request: HttpRequest, edition: str, form: str = "html") -> HttpResponse:
    """One form of one version."""
    version = find_edition(edition)
    if version is None or form not in FORMS:
        if refused := missed(request, "edition"):
            return refused
        raise Http404
    if not RENDERING.acquire(blocking=False):
        return _later()
    try:
        content = render_edition(version, form, at=datetime.now(UTC), zone=_zone(request))
    except NoPdf:
        return _later()
    finally:
        RENDERING.release()
    response = HttpResponse(content, content_type=FORMS[form][0])
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    if form != "html":
        name = FILE.format(number=version.rfo.number, version=version.number)
        response["Content-Disposition"] = f'inline; filename="{name}-customers.{form}"'
    return response


def _zone(request: HttpRequest) -> ZoneInfo | None:
    try:
        return zone(request.GET["tz"].strip()) if "tz" in request.GET else None
    except UnknownZone as error:
        raise Http404(str(error)) from error


def _later() -> HttpResponse:
    response = HttpResponse("Please try again in a few seconds.\n", status=503, content_type="text/plain")
    response["Retry-After"] = str(RETRY_SECONDS)
    return response
