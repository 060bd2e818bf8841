"""RFOs: their versions drafted, reviewed, approved, published or scheduled, withdrawn; documents attached."""

from functools import cached_property
from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.bodies import DocumentParser
from incidents.api.described import AFTER, PER_PAGE, ErrorOut, described
from incidents.api.errors import Unprocessable
from incidents.api.frame import PageFrame
from incidents.api.paging import part
from incidents.api.shapes.rfos import (
    AttachmentOut,
    DraftBody,
    DraftIn,
    RfoOut,
    StandingOut,
    StepIn,
    VersionOut,
    WithdrawIn,
)
from incidents.domain.documents import SIZE_LIMIT
from incidents.domain.field_rights import FieldClass, scopes_to
from incidents.domain.rfos import RfoKind
from incidents.models import Incident, Rfo, RfoVersion
from incidents.models.keys import Scope
from incidents.operations.attachments import CheckedDocument, attach_checked, check_document
from incidents.operations.errors import Refused
from incidents.operations.renderings import format_again
from incidents.operations.reviews import ask_review, release, schedule, standing_of
from incidents.operations.rfos import RenderedLetter, checked_letter, draft_rfo
from incidents.operations.versions import withdraw_rfo

APPROVING = (
    "An API key does not approve an RFO. Somebody who did not write it approves it in the console, under the "
    "incident's RFO, with a fresh second factor."
)


class RfoFrame(PageFrame):
    """Views that look RFOs up. A key with the scope read alone sees none: drafts are not public."""

    reads = scopes_to(FieldClass.RFO_DRAFT)
    writes = (Scope.RFO,)

    def rows(self) -> "QuerySet[Rfo]":
        """Those of the page whose incident still stands."""
        versions = RfoVersion.objects.select_related("rfo", "signatory").prefetch_related("attachments")
        rows = Rfo.objects.filter(page=self.page, incident__deleted_at=None)
        return rows.select_related("incident__page", "page").prefetch_related(Prefetch("versions", versions))

    def rfo(self, code: str) -> Rfo:
        """By its code or its number. Raises NotFound."""
        rows = self.rows()
        found = rows.filter(number=code).first() or rows.filter(code=code).first()
        if found is None:
            raise NotFound(f"There is no RFO {code[:40]} on this page.")
        return found

    def draft(self, code: str) -> RfoVersion:
        """What is being written. Raises NotFound, and Refused where nothing is."""
        versions = RfoVersion.objects.filter(rfo=self.rfo(code))
        last = versions.select_related("rfo__incident__page", "rfo__page", "signatory").latest("number")
        if not last.is_open:
            raise Refused("rfo", "All of it is published. Draft the next version first.")
        return last

    def printed(self, code: str, *, status: int = 200) -> Response:
        """As it is now."""
        return Response(RfoOut(self.rfo(code)).data, status=status)


class Rfos(RfoFrame):
    """All RFOs of a page."""

    @described("List RFOs", answers=RfoOut, many=True, asks=(PER_PAGE, AFTER), ours=True)
    def get(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Newest first, drafts among them."""
        found = part(request, self.rows())
        return found.answer(RfoOut)

    @described("Draft an RFO", sends=DraftBody, answers=RfoOut, status=201, ours=True)
    def post(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """The first version for `incident_id`, or the next one; a draft that there is gets these words."""
        draft = self.write(self.incident, self.sent)
        return self.printed(draft.rfo.code, status=201)

    @cached_property
    def sent(self) -> dict[str, Any]:
        """The body, checked."""
        found: dict[str, Any] = self.body(DraftIn, "rfo")
        return found

    @cached_property
    def incident(self) -> Incident:
        """What it is about. Raises Unprocessable."""
        incidents = Incident.objects.filter(page=self.page).select_related("page")
        incident = incidents.filter(code=self.sent.get("incident_id", "")).first()
        if incident is None:
            raise Unprocessable("incident_id: there is no such incident on this page.")
        return incident

    @cached_property
    def letter(self) -> RenderedLetter:
        """Its words, rendered."""
        return checked_letter(self.sent.get("body") or "")

    def before_transaction(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """Render the letter, if its incident is there."""
        _ = self.incident, self.letter

    def write(self, incident: Incident, sent: dict[str, Any]) -> RfoVersion:
        """Those words as its draft."""
        return draft_rfo(
            incident,
            body=self.letter,
            kind=RfoKind(sent.get("kind") or RfoKind.FINAL),
            signatory_name=sent.get("signatory_name") or "",
            signatory_title=sent.get("signatory_title") or "",
            change_summary=sent.get("change_summary") or "",
            by=self.by,
            at=self.at,
        )


class OneRfo(RfoFrame):
    """One RFO."""

    @described("Get an RFO", answers=RfoOut, ours=True)
    def get(self, request: Request, page_id: str, rfo_id: str) -> Response:  # noqa: ARG002
        """With all its versions."""
        return self.printed(rfo_id)


class OneVersion(RfoFrame):
    """One version of an RFO."""

    @described("Get a version of an RFO", answers=VersionOut, ours=True)
    def get(self, request: Request, page_id: str, rfo_id: str, number: int) -> Response:  # noqa: ARG002
        """By its number, from 1."""
        for each in self.rfo(rfo_id).versions.all():
            if each.number == number:
                return Response(VersionOut(each).data)
        raise NotFound(f"This RFO has no version {number}.")


class RfoStanding(RfoFrame):
    """How far the draft has come."""

    @described("Check an RFO's draft", answers=StandingOut, ours=True)
    def get(self, request: Request, page_id: str, rfo_id: str) -> Response:  # noqa: ARG002
        """What lacks until it may be published, and what the checks have found."""
        standing = standing_of(self.draft(rfo_id))
        said = {"digest": standing.digest, "lacks": standing.lacks, "faults": standing.faults}
        return Response(StandingOut(said).data)


class ReviewRfo(RfoFrame):
    """The draft is ready to be read by others."""

    @described("Ask for an RFO's review", answers=RfoOut, writes=True, ours=True)
    def post(self, request: Request, page_id: str, rfo_id: str) -> Response:  # noqa: ARG002
        """Approvals can be given from then on."""
        ask_review(self.draft(rfo_id), by=self.by, at=self.at)
        return self.printed(rfo_id)


class ApproveRfo(RfoFrame):
    """An approval is a second person's, and a key is no person."""

    @described(
        "Approve an RFO's draft (always refused)", sends=StepIn, answers=ErrorOut, status=403, ours=True
    )
    def post(self, request: Request, page_id: str, rfo_id: str) -> Response:  # noqa: ARG002
        """Always 403: a person approves in the console, with a fresh second factor."""
        raise PermissionDenied(APPROVING)


class PublishRfo(RfoFrame):
    """It becomes public, now or by itself at its time."""

    def before_transaction(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """Format the draft where that is still to be done."""
        format_again(self.draft(kwargs["rfo_id"]))

    @described("Publish an RFO", sends=StepIn, answers=RfoOut, ours=True)
    def post(self, request: Request, page_id: str, rfo_id: str) -> Response:  # noqa: ARG002
        """If it is approved and signed as the page asks, and these are its words."""
        sent, draft = self.body(StepIn, "rfo"), self.draft(rfo_id)
        step: dict[str, Any] = {
            "digest": sent["digest"],
            "accept": sent.get("accept_warnings") is True,
            "notify": sent.get("notify_subscribers") is not False,
            "by": self.by,
            "at": self.at,
        }
        if sent.get("publish_at"):
            schedule(draft, publish_at=sent["publish_at"], **step)
        else:
            release(draft, **step)
        return self.printed(rfo_id)


class WithdrawRfo(RfoFrame):
    """All that is published of it is taken back."""

    @cached_property
    def sent(self) -> dict[str, Any]:
        """The body, checked."""
        found: dict[str, Any] = self.body(WithdrawIn, "rfo")
        return found

    @cached_property
    def reason(self) -> RenderedLetter:
        """Why, rendered."""
        return checked_letter(self.sent["reason"])

    def before_transaction(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """Render the reason, if the RFO is there."""
        self.rfo(kwargs["rfo_id"])
        _ = self.reason

    @described("Withdraw an RFO", sends=WithdrawIn, answers=RfoOut, ours=True)
    def post(self, request: Request, page_id: str, rfo_id: str) -> Response:  # noqa: ARG002
        """A last version says why."""
        notify = self.sent.get("notify_subscribers") is not False
        withdraw_rfo(self.rfo(rfo_id), reason=self.reason, notify=notify, by=self.by, at=self.at)
        return self.printed(rfo_id)


class RfoAttachments(RfoFrame):
    """Documents of the draft."""

    parser_classes = [DocumentParser]

    @cached_property
    def document(self) -> CheckedDocument:
        """What was sent, checked."""
        sent = self.request.FILES.get("file")
        if sent is None:
            raise Unprocessable("file: send the document as the field `file` of a multipart form.")
        return check_document(sent.name or "", sent.read(SIZE_LIMIT + 1))

    def before_transaction(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """Check the document, if there is a draft to attach it to."""
        self.draft(kwargs["rfo_id"])
        _ = self.document

    @described(
        "Attach a document to an RFO's draft",
        sends={
            "multipart/form-data": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}},
                "required": ["file"],
            }
        },
        answers=AttachmentOut,
        status=201,
        ours=True,
        also=(415,),
    )
    def post(self, request: Request, page_id: str, rfo_id: str) -> Response:  # noqa: ARG002
        """PDF, DOCX, PNG, JPEG or TXT, as `file` of a multipart form; PDFs are rewritten and pictures redrawn."""
        made = attach_checked(self.draft(rfo_id), self.document, by=self.by, at=self.at)
        return Response(AttachmentOut(made).data, status=201)
