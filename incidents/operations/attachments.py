"""Documents of an RFO's draft: attached, and taken off again (DESIGN 12)."""

import hashlib
from datetime import datetime
from functools import partial

from django.core.files.base import ContentFile
from django.db import transaction

from incidents.domain.documents import COUNT_LIMIT, DOCX, PICTURES, Document, RefusedDocument, inspect
from incidents.domain.journal import EventKind
from incidents.formatting.docx import docx_markdown
from incidents.formatting.pictures import redrawn
from incidents.models import Attachment, RfoVersion
from incidents.operations.actors import Actor
from incidents.operations.errors import Refused
from incidents.operations.journal import lock, record
from incidents.operations.rfos import note_writer


def attach_document(version: RfoVersion, *, name: str, content: bytes, by: Actor, at: datetime) -> Attachment:
    """Attach a PDF, DOCX, PNG, JPEG or TXT to a draft; pictures are drawn anew. Raises Refused for anything else."""
    document, content = _checked(name, content)  # before the transaction: a picture may take its seconds
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        page = lock(version.rfo.page)
        version = RfoVersion.objects.select_related("rfo__incident").get(pk=version.pk)
        if not version.is_open:
            raise Refused(
                "attachment", "A published version never changes. Draft the next version and attach it there."
            )
        if version.attachments.count() >= COUNT_LIMIT:
            raise Refused("attachment", f"An RFO carries {COUNT_LIMIT} documents at most.")
        attachment = Attachment(
            version=version,
            name=document.name,
            media_type=document.media_type,
            size=len(content),
            sha256=digest,
        )
        attachment.file.save(f"{attachment.code}", ContentFile(content), save=False)
        attachment.save()
        note_writer(version, by)
        record(
            page,
            EventKind.RFO_DRAFTED,
            by=by,
            at=at,
            incident=version.rfo.incident,
            data={"rfo": str(version), "attached": document.name, "sha256": digest},
        )
    return attachment


def _checked(name: str, content: bytes) -> tuple[Document, bytes]:
    try:
        document = inspect(name, content)
    except RefusedDocument as error:
        raise Refused("attachment", str(error)) from error
    if document.media_type not in PICTURES:
        return document, content
    try:
        return document, redrawn(content)
    except ValueError as error:
        raise Refused("attachment", f"{name!r}: {error}") from error


def letter_from(name: str, content: bytes) -> str:
    """The letter that a Word document holds, as Markdown. Raises Refused."""
    try:
        document = inspect(name, content)
    except RefusedDocument as error:
        raise Refused("letter", str(error)) from error
    if document.media_type != DOCX:
        raise Refused("letter", f"{name!r} is no Word document (.docx).")
    try:
        return docx_markdown(content)
    except ValueError as error:
        raise Refused("letter", f"{name!r}: {error}") from error


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
