"""Looking through published RFOs: whether each says what its checksum covers, and follows the one before."""

import hashlib
from collections.abc import Iterator

from incidents.domain.rfos import checksum
from incidents.formatting.markdown import markdown_html, markdown_htmls
from incidents.models import Attachment, Rfo, RfoVersion
from incidents.operations.versions import facts_of


def verify_rfos() -> Iterator[tuple[Rfo, list[str]]]:
    """Every RFO that has something published, with what is wrong with it."""
    rows = Rfo.objects.filter(versions__published_at__isnull=False).distinct()
    for rfo in rows.select_related("page", "incident").order_by("pk").iterator():
        yield rfo, list(_faults(rfo))


def _faults(rfo: Rfo) -> Iterator[str]:
    versions = rfo.versions.exclude(published_at=None).order_by("number")
    before = ""
    for number, version in enumerate(
        versions.select_related("rfo__incident").prefetch_related("attachments"), 1
    ):
        if version.number != number:
            yield f"v{number} is missing"
            return
        if version.previous_sha256 != before:
            yield f"v{number} does not follow the version before it"
        try:
            if checksum(facts_of(version)) != version.sha256:
                yield f"v{number}: its words are not those of its checksum"
            yield from _told_otherwise(version)
        except (ValueError, KeyError) as error:
            yield f"v{number} cannot be read: {error}"
        for attachment in version.attachments.all():
            yield from _file_faults(version, attachment)
        before = version.sha256


def _told_otherwise(version: RfoVersion) -> Iterator[str]:
    """What is shown is kept beside what was written, and must still be made of it."""
    if version.body_html != markdown_html(version.body):
        yield f"v{version.number}: its page does not show its words"
    if list(version.rendered) != markdown_htmls([each.body for each in version.whole.sections]):
        yield f"v{version.number}: its page does not show its sections"
    told = version.update if hasattr(version, "update") else None
    if told is None or told.body != version.body:
        yield f"v{version.number}: the incident's thread does not tell it"


def _file_faults(version: RfoVersion, attachment: Attachment) -> Iterator[str]:
    try:
        with attachment.file.open("rb") as content:
            found = hashlib.sha256(content.read()).hexdigest()
    except OSError:
        yield f"v{version.number}: {attachment.name} is gone"
        return
    if found != attachment.sha256:
        yield f"v{version.number}: {attachment.name} is not the document that was attached"
