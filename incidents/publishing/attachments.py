"""The documents attached to published RFOs: copied beside the pages, so that they survive with them.

They never change, so each is copied once. Browsers are told to save them, never to show them.
"""

from django.db.models import QuerySet

from incidents.domain.rfos import RfoState
from incidents.domain.tree import IncidentView
from incidents.models import Attachment, Page
from incidents.publishing.bundles import Bundle, bundle
from incidents.publishing.store import PageFolder
from incidents.publishing.subjects import attachments

PATTERN = "/attachments/{code}"


def publish_attachments(folder: PageFolder, page: Page, incident: IncidentView) -> None:
    """Copy what is not there yet."""
    missing = [each.code for each in attachments(incident) if not folder.file_of(path_of(each.code)).exists()]
    for row in _public(page).filter(code__in=missing) if missing else ():
        folder.write(path_of(row.code), _bundle(row))


def find_attachment(page: Page, code: str) -> Bundle | None:
    """A document straight from the media folder, should it not be published."""
    row = _public(page).filter(code=code).first()
    return _bundle(row) if row else None


def path_of(code: str) -> str:
    """Where it lies."""
    return PATTERN.format(code=code)


def _public(page: Page) -> "QuerySet[Attachment]":
    """Those of published versions: a draft's documents are nobody's business."""
    published = Attachment.objects.exclude(version__state=RfoState.DRAFT)
    return published.filter(version__rfo__page=page)


def _bundle(row: Attachment) -> Bundle:
    with row.file.open("rb") as content:
        return bundle(row.media_type, content.read(), download=row.name)
