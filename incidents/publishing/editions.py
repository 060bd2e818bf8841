"""The customers' edition of an RFO version: the same renderers over what customers may read as well (DESIGN 12).

It is no public document: it lies in no folder, and its address is known to nobody who was not told it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from incidents.domain.audiences import Audience
from incidents.domain.rfos import PUBLIC
from incidents.models import RfoVersion
from incidents.models.trees import rfo_view
from incidents.publishing.html_rfo import rfo_version
from incidents.publishing.rfo_documents import as_json, as_markdown
from incidents.publishing.rfo_print import rfo_pdf
from incidents.publishing.snapshot import Reader, one_instant
from incidents.publishing.subjects import Subject

FORMS: Mapping[str, tuple[str, Callable[[Subject], bytes]]] = {
    "html": ("text/html; charset=utf-8", rfo_version),
    "json": ("application/json; charset=utf-8", as_json),
    "md": ("text/markdown; charset=utf-8", as_markdown),
    "pdf": ("application/pdf", rfo_pdf),
}
"""Ending, media type and renderer."""


def find_edition(edition: str) -> RfoVersion | None:
    """The published version of which this is the customers' edition."""
    rows = (
        RfoVersion.objects.filter(edition=edition, state__in=PUBLIC) if edition else RfoVersion.objects.none()
    )
    return rows.select_related("rfo__page", "rfo__incident").prefetch_related("attachments").first()


def render_edition(version: RfoVersion, form: str, *, at: datetime, zone: ZoneInfo | None = None) -> bytes:
    """One form of it. Raises KeyError for an unknown form, NoPdf."""
    render = FORMS[form][1]
    with one_instant():
        reader = Reader(version.rfo.page, at=at, site_url=settings.SITE_URL, zone=zone, has_uptimes=False)
        (incident,) = reader.incidents([version.rfo.incident_id])
        subject = Subject(reader.frame(), reader.zone, incident=incident)
    return render(replace(subject, rfo=rfo_view(version, Audience.CUSTOMER), edition=version.edition))
