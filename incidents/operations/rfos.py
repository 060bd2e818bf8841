"""Drafting an RFO, attaching documents to the draft, and publishing it as a numbered version (DESIGN 12)."""

import hashlib
from datetime import datetime, timedelta
from functools import partial

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max

from incidents.domain.documents import COUNT_LIMIT, RefusedDocument, inspect
from incidents.domain.incidents import IncidentStatus
from incidents.domain.journal import EventKind
from incidents.domain.rfos import RfoKind, RfoState, checksum, facts
from incidents.domain.texts import RFO_LIMIT, UncleanText, clean
from incidents.formatting.markdown import markdown_html
from incidents.models import Attachment, Incident, IncidentUpdate, Rfo, RfoVersion
from incidents.operations.actors import Actor
from incidents.operations.errors import Refused
from incidents.operations.journal import NO_HOLD, lock, record
from incidents.operations.updates import add_update


def draft_rfo(
    incident: Incident,
    *,
    body: str,
    signatory_name: str = "",
    signatory_title: str = "",
    kind: RfoKind = RfoKind.FINAL,
    change_summary: str = "",
    by: Actor,
    at: datetime,
) -> RfoVersion:
    """A draft of the incident's RFO: its first version, or the next one after what is published.

    An unpublished draft is rewritten rather than numbered again. Raises Refused naming the field.
    """
    if incident.state.is_planned:
        raise Refused(
            "incident", "A maintenance has no RFO. Where it caused an outage, write that of an incident."
        )
    body = _checked_body(body)
    words = {
        "kind": kind.value,
        "body": body,
        "body_html": markdown_html(body),  # before the transaction: it may take its two seconds
        "signatory_name": _checked_line("signatory_name", signatory_name),
        "signatory_title": _checked_line("signatory_title", signatory_title),
        "change_summary": _checked_line("change_summary", change_summary),
        "author": by.user,
    }
    with transaction.atomic():
        page = lock(incident.page)
        rfo = incident.rfos.first() or _new_rfo(incident, at=at)
        draft = rfo.versions.last()
        if draft is None or draft.state != RfoState.DRAFT:
            if draft and not words["change_summary"]:
                raise Refused("change_summary", "Say what changed since the published version.")
            draft = RfoVersion(rfo=rfo, number=draft.number + 1 if draft else 1, created_at=at)
        for field, value in words.items():
            setattr(draft, field, value)
        draft.save()
        record(page, EventKind.RFO_DRAFTED, by=by, at=at, incident=incident, data={"rfo": str(draft)})
    return draft


@transaction.atomic
def attach_document(version: RfoVersion, *, name: str, content: bytes, by: Actor, at: datetime) -> Attachment:
    """Attach a PDF, DOCX, PNG or JPEG to a draft. Raises Refused for anything else."""
    page = lock(version.rfo.page)
    version = RfoVersion.objects.select_related("rfo__incident").get(pk=version.pk)
    if version.state != RfoState.DRAFT:
        raise Refused(
            "attachment", "A published version never changes. Draft the next version and attach it there."
        )
    if version.attachments.count() >= COUNT_LIMIT:
        raise Refused("attachment", f"An RFO carries {COUNT_LIMIT} documents at most.")
    try:
        document = inspect(name, content)
    except RefusedDocument as error:
        raise Refused("attachment", str(error)) from error
    attachment = Attachment(
        version=version,
        name=document.name,
        media_type=document.media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    attachment.file.save(f"{attachment.code}", ContentFile(content), save=False)
    attachment.save()
    record(
        page,
        EventKind.RFO_DRAFTED,
        by=by,
        at=at,
        incident=version.rfo.incident,
        data={"rfo": str(version), "attached": document.name, "sha256": attachment.sha256},
    )
    return attachment


@transaction.atomic
def detach_document(attachment: Attachment, *, by: Actor, at: datetime) -> None:
    """Take a document off a draft again; its bytes go once that is committed."""
    version = RfoVersion.objects.select_related("rfo__page", "rfo__incident").get(pk=attachment.version_id)
    page = lock(version.rfo.page)
    version.refresh_from_db(fields=["state"])
    if version.state != RfoState.DRAFT:
        raise Refused("attachment", "A published version keeps its documents.")
    attachment.delete()
    transaction.on_commit(partial(attachment.file.delete, save=False), robust=True)
    record(
        page,
        EventKind.RFO_DRAFTED,
        by=by,
        at=at,
        incident=version.rfo.incident,
        data={"rfo": str(version), "detached": attachment.name, "sha256": attachment.sha256},
    )


@transaction.atomic
def publish_rfo(
    version: RfoVersion,
    *,
    by: Actor,
    at: datetime,
    happened_at: datetime | None = None,
    notify: bool = True,
    mark_late: bool = True,
    hold: timedelta = NO_HOLD,
) -> IncidentUpdate:
    """Publish a draft: from now on it is immutable, the incident is in postmortem, and subscribers are told."""
    page = lock(version.rfo.page)
    version = RfoVersion.objects.select_related("rfo__incident__page", "rfo__page").get(pk=version.pk)
    incident = version.rfo.incident
    if version.state != RfoState.DRAFT:
        raise Refused("state", f"{version} is already {version.state}.")
    if incident.state.is_open:
        raise Refused("state", "Resolve the incident first; its RFO follows.")
    before = version.rfo.versions.filter(state=RfoState.PUBLISHED).last()
    version.state = RfoState.PUBLISHED.value
    version.published_at = happened_at or at
    version.previous_sha256 = before.sha256 if before else ""
    version.sha256 = _checksum(version)
    version.save()
    if before:
        before.state = RfoState.SUPERSEDED.value
        before.save(update_fields=["state"])
    update = add_update(
        incident,
        status=IncidentStatus.POSTMORTEM,
        body=version.body,
        components={},
        by=by,
        at=at,
        happened_at=happened_at,
        notify=notify,
        mark_late=mark_late,
        rfo_version=version,
    )
    record(
        page,
        EventKind.RFO_PUBLISHED,
        by=by,
        at=at,
        incident=incident,
        update=update,
        data={"rfo": str(version), "sha256": version.sha256},
        notify=notify,
        hold=hold,
    )
    return update


def _checksum(version: RfoVersion) -> str:
    assert version.published_at is not None  # noqa: S101  (a version is published at an instant)
    found = facts(
        number=version.rfo.number,
        version=version.number,
        kind=version.kind,
        incident=version.rfo.incident.code,
        body=version.body,
        signatory=(version.signatory_name, version.signatory_title),
        change_summary=version.change_summary,
        published_at=version.published_at,
        attachments=[(each.name, each.sha256) for each in version.attachments.all()],
        previous=version.previous_sha256,
    )
    return checksum(found)


def _new_rfo(incident: Incident, *, at: datetime) -> Rfo:
    """Numbered by the local year in which the incident began: RFO-2021-0001."""
    year = incident.started_at.astimezone(incident.page.zone).year
    prefix = f"RFO-{year}-"
    last = Rfo.objects.filter(page=incident.page, number__startswith=prefix).aggregate(Max("number"))[
        "number__max"
    ]
    count = int(last.removeprefix(prefix)) + 1 if last else 1
    return Rfo.objects.create(
        page=incident.page, incident=incident, number=f"{prefix}{count:04d}", created_at=at
    )


def _checked_body(body: str) -> str:
    if len(body.encode("utf-8", "replace")) > RFO_LIMIT:
        raise Refused(
            "body", f"An RFO may have {RFO_LIMIT:,} bytes of Markdown. Attach longer evidence as a document."
        )
    try:
        body = clean(body, limit=RFO_LIMIT)
    except UncleanText as error:
        raise Refused("body", str(error)) from error
    if not body:
        raise Refused("body", "An RFO needs at least a summary.")
    return body


def _checked_line(field: str, text: str) -> str:
    try:
        return " ".join(clean(text, limit=255).split())
    except UncleanText as error:
        raise Refused(field, str(error)) from error
