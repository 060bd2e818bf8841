"""Documents of an RFO's draft: attached, and taken off again (DESIGN 12)."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.core.files.base import ContentFile
from django.db import transaction

from incidents.domain.documents import COUNT_LIMIT, Document
from incidents.domain.journal import EventKind
from incidents.domain.word_files import RefusedDocument
from incidents.formatting.documents import checked_document
from incidents.formatting.docx import letter_markdown
from incidents.models import Attachment, RfoVersion
from incidents.operations.actors import Actor
from incidents.operations.errors import DISK_FULL, Busy, Refused, is_disk_full
from incidents.operations.journal import lock, record
from incidents.operations.rfos import note_writer
from incidents.operations.slow import when_busy


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """A document that may be attached, with the bytes that are kept and handed out."""

    document: Document
    content: bytes

    @property
    def sha256(self) -> str:
        """Of what people download."""
        return hashlib.sha256(self.content).hexdigest()


def check_document(name: str, content: bytes) -> CheckedDocument:
    """Check and rewrite a PDF, DOCX, PNG, JPEG or TXT; outside any transaction, since it takes its seconds.

    Raises Refused for anything else, and Busy.
    """
    try:
        with when_busy("attachment"):
            return CheckedDocument(*checked_document(name, content))
    except RefusedDocument as error:
        raise Refused("attachment", str(error)) from error


def attach_document(version: RfoVersion, *, name: str, content: bytes, by: Actor, at: datetime) -> Attachment:
    """Check a document and attach it to a draft. Raises Refused, and Busy."""
    return attach_checked(version, check_document(name, content), by=by, at=at)


@transaction.atomic
def attach_checked(version: RfoVersion, checked: CheckedDocument, *, by: Actor, at: datetime) -> Attachment:
    """Attach it to a draft. Raises Refused where the version is published or carries as many as it may."""
    page = lock(version.rfo.page)
    version = RfoVersion.objects.select_related("rfo__incident").get(pk=version.pk)
    if not version.is_open:
        raise Refused(
            "attachment", "A published version never changes. Draft the next version and attach it there."
        )
    if version.attachments.count() >= COUNT_LIMIT:
        raise Refused("attachment", f"An RFO carries {COUNT_LIMIT} documents at most.")
    name = checked.document.name
    attachment = Attachment(
        version=version,
        name=name,
        media_type=checked.document.media_type,
        size=len(checked.content),
        sha256=checked.sha256,
    )
    _store(attachment, checked.content)
    attachment.save()
    note_writer(version, by)
    record(
        page,
        EventKind.RFO_DRAFTED,
        by=by,
        at=at,
        incident=version.rfo.incident,
        data={"rfo": str(version), "attached": name, "sha256": attachment.sha256},
    )
    return attachment


def _store(attachment: Attachment, content: bytes) -> None:
    """Write its bytes, whole or not at all. Raises Busy where the disk is full."""
    field = attachment.file.field
    try:
        attachment.file.save(attachment.code, ContentFile(content), save=False)
    except OSError as error:
        with suppress(OSError):
            attachment.file.storage.delete(field.generate_filename(attachment, attachment.code))
        if is_disk_full(error):
            raise Busy("attachment", DISK_FULL) from error
        raise


def letter_from(name: str, content: bytes) -> str:
    """The letter that a Word document holds, as Markdown. Raises Refused, and Busy."""
    try:
        with when_busy("letter"):
            return letter_markdown(name, content)
    except RefusedDocument as error:
        raise Refused("letter", str(error)) from error


@transaction.atomic
def detach_document(attachment: Attachment, *, by: Actor, at: datetime) -> None:
    """Take a document off a draft again; its bytes go once that is committed."""
    version = RfoVersion.objects.select_related("rfo__page", "rfo__incident").get(pk=attachment.version_id)
    page = lock(version.rfo.page)
    version.refresh_from_db(fields=["state"])
    if not version.is_open:
        raise Refused("attachment", "A published version keeps its documents.")
    attachment.delete()
    note_writer(version, by)
    transaction.on_commit(partial(attachment.file.delete, save=False), robust=True)
    record(
        page,
        EventKind.RFO_DRAFTED,
        by=by,
        at=at,
        incident=version.rfo.incident,
        data={"rfo": str(version), "detached": attachment.name, "sha256": attachment.sha256},
    )
