"""Writing an incident's RFO: draft, documents, preview, publication and the next version (DESIGN 12)."""

from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door
from incidents.console.forms.rfos import RfoForm, fingerprint, words_of
from incidents.console.notices import hold
from incidents.domain.audiences import Audience
from incidents.domain.field_rights import FieldClass, right_to
from incidents.domain.journal import EventKind
from incidents.domain.rfos import UNPUBLISHED, RfoKind
from incidents.domain.roles import Right
from incidents.domain.word_files import pictures_in
from incidents.formatting.times import posted
from incidents.models import Attachment, Incident, RfoVersion
from incidents.models.trees import page_view, rfo_view
from incidents.operations.actors import staff
from incidents.operations.attachments import attach_document, detach_document, letter_from
from incidents.operations.errors import Busy, Refused
from incidents.operations.recipients import recipients_now
from incidents.operations.renderings import format_again
from incidents.operations.reviews import release, standing_of
from incidents.operations.rfos import draft_rfo, words_digest
from incidents.publishing.rfo_parts import parts

UNPROCESSABLE, CONFLICT, UNAVAILABLE = 422, 409, 503


@door(of=finding.incident, read=right_to(FieldClass.RFO_DRAFT), write=Right.PUBLISH)
def edit(request: StaffRequest, code: str) -> HttpResponseBase:
    """The draft, its documents and its preview on one screen."""
    incident = get_object_or_404(Incident.objects.unplanned().select_related("page"), code=code)
    last = last_version(incident)
    if request.method != "POST":
        return _page(request, incident, last, RfoForm(initial=words_of(last), page=incident.page))
    form = RfoForm(request.POST, request.FILES, page=incident.page)
    if form.is_valid() and form.cleaned_data["seen"] != fingerprint(last):
        return _page(request, incident, last, form, status=CONFLICT)
    status = UNPROCESSABLE
    if form.is_valid():
        try:
            _save(request, incident, last, form, at=now())
        except Refused as error:
            form.refuse(error)
            status = UNAVAILABLE if isinstance(error, Busy) else UNPROCESSABLE
        else:
            messages.success(request, "The draft is saved.")
            _warn_of_pictures(request, form.cleaned_data["letter"])
            return redirect("console:rfo", code)
    # Words are saved even where a document was refused, so what is shown is read anew.
    return _page(request, incident, last_version(incident), form, status=status)


def _warn_of_pictures(request: StaffRequest, letter: "UploadedFile[Any] | None") -> None:
    """The words of a Word document are the letter; its pictures cannot be."""
    if letter is None:
        return
    letter.seek(0)
    if count := pictures_in(letter.read()):
        what = "1 picture" if count == 1 else f"{count} pictures"
        messages.warning(
            request, f"{what} of {letter.name} did not come along. Attach the document to keep them."
        )


def last_version(incident: Incident) -> RfoVersion | None:
    """The newest version of the incident's RFO, draft or published."""
    versions = RfoVersion.objects.select_related(
        "rfo__page", "rfo__incident__page", "signatory"
    ).prefetch_related("attachments")
    return versions.filter(rfo__incident=incident).last()


def _save(
    request: StaffRequest, incident: Incident, last: RfoVersion | None, form: RfoForm, *, at: datetime
) -> None:
    words, by = form.cleaned_data, staff(request.user)
    draft = draft_rfo(
        incident,
        body=letter_from(words["letter"].name, _content(words["letter"]))
        if words["letter"]
        else words["body"],
        signatory_name=words["signatory_name"],
        signatory_title=words["signatory_title"],
        signatory=words["signatory"],
        kind=RfoKind(words["kind"]),
        change_summary=words["change_summary"],
        by=by,
        at=at,
    )
    documents = [(file.name or "", _content(file)) for file in words["attachment"]]
    if last and not last.is_open and words["carry"]:
        documents = [(each.name, each.file.read()) for each in last.attachments.all()] + documents
    for name, content in documents:
        attach_document(draft, name=name, content=content, by=by, at=at)


def _content(file: "UploadedFile[Any]") -> bytes:
    return bytes(file.read())


def _page(
    request: StaffRequest,
    incident: Incident,
    last: RfoVersion | None,
    form: RfoForm,
    *,
    status: int = 200,
) -> HttpResponseBase:
    is_draft = last is not None and last.is_open
    recipients = recipients_now(incident, EventKind.RFO_PUBLISHED, at=now())
    context: dict[str, Any] = {
        "incident": incident,
        "form": form,
        "at": now(),
        "last": last,
        "draft": last if is_draft else None,
        "before": None if is_draft else last,
        "needs_summary": last is not None and (last.number > 1 or not is_draft),
        "seen": fingerprint(last),
        "conflict": status == CONFLICT,
        "standing": standing_of(last) if last and is_draft else None,
        "digest": words_digest(last) if last and is_draft else "",
        "comments": last.comments.select_related("by") if last else [],
        "view": rfo_view(last, Audience.INTERNAL) if last else None,
        "parts": parts(rfo_view(last, Audience.INTERNAL), partial(posted, zone=incident.page.zone))
        if last
        else {},
        "may_approve": last is not None and not last.writers.filter(pk=request.user.pk).exists(),
        "may_sign": last is not None
        and last.signatory is not None
        and last.signatory.user_id == request.user.pk,
        "told": recipients.notified,
        "recipients": recipients,
        "published": RfoVersion.objects.filter(rfo__incident=incident)
        .exclude(state__in=UNPUBLISHED)
        .select_related("rfo"),
        "public": page_view(incident.page, site_url=settings.SITE_URL).url,
    }
    return render(request, "console/rfo.html", context, status=status)


@door(of=finding.incident, write=Right.PUBLISH)
def detach(request: StaffRequest, code: str, attachment: str) -> HttpResponseBase:
    """Take a document off the draft."""
    document = get_object_or_404(Attachment, code=attachment, version__rfo__incident__code=code)
    if request.method == "POST":
        try:
            detach_document(document, by=staff(request.user), at=now())
        except Refused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{document.name} is taken off.")
    return redirect("console:rfo", code)


@door(of=finding.incident, write=Right.PUBLISH)
def publish(request: StaffRequest, code: str) -> HttpResponseBase:
    """Publish the draft, exactly as it was previewed."""
    incident = get_object_or_404(Incident.objects.unplanned().select_related("page"), code=code)
    if request.method != "POST":
        return redirect("console:rfo", code)
    draft = last_version(incident)
    if draft is None or not draft.is_open:
        messages.error(request, "This draft is published already, or there is none.")
        return redirect("console:rfo", code)
    try:
        format_again(draft)
        release(
            draft,
            digest=request.POST.get("seen", ""),
            accept="accept" in request.POST,
            by=staff(request.user),
            at=now(),
            notify="notify" in request.POST,
            hold=hold(),
        )
    except Refused as error:
        messages.error(request, str(error))
        return redirect("console:rfo", code)
    messages.success(request, f"{draft} is published.")
    return redirect("console:incident", code)
