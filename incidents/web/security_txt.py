"""`/.well-known/security.txt`: where to report a vulnerability of this installation (RFC 9116)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from incidents.models import Page
from incidents.models.addresses import page_address
from incidents.web.hosts import host_of

PATH = ".well-known/security.txt"
CACHING = "public, max-age=3600"
VALID_FOR = timedelta(days=180)
"""From today on; the RFC recommends less than a year. It moves on every day, so it never ends while we serve it."""


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The same on every host of a page; without SECURITY_CONTACT there is none, rather than a guess."""
    if not settings.SECURITY_CONTACT:
        raise Http404("SECURITY_CONTACT is not set.")
    text = "".join(f"{line}\n" for line in _lines(request, datetime.now(UTC)))
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = CACHING
    return response


def _lines(request: HttpRequest, at: datetime) -> Iterator[str]:
    """Fields of RFC 9116, section 2.5. An address that must begin with https is left out where ours does not."""
    for contact in settings.SECURITY_CONTACT:
        yield f"Contact: {contact}"
    today = at.replace(hour=0, minute=0, second=0, microsecond=0)
    yield f"Expires: {(today + VALID_FOR).isoformat().replace('+00:00', 'Z')}"
    yield "Preferred-Languages: en"
    address = _address(host_of(request))
    if address.startswith("https://"):
        yield f"Canonical: {address}/{PATH}"
    if settings.SITE_URL.startswith("https://"):
        yield f"Policy: {settings.SITE_URL}/help/security/"


def _address(host: str) -> str:
    """The configured address of the page at a host, since caches keep this and a Host header may hold any port.

    Empty where the database does not answer: a contact is worth more than the address of the file itself.
    """
    site: str = settings.SITE_URL
    if host == urlsplit(site).hostname:
        return site
    try:
        page = Page.objects.filter(hosts__host=host).first()
        return page_address(page, site_url=site) if page else site
    except DatabaseError:
        return ""
