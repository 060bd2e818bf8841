"""Postmortems: Statuspage's view of an incident's RFO. What the page asks of a publication is asked here too."""

from functools import cache, cached_property
from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.described import described
from incidents.api.incidents import IncidentFrame
from incidents.api.keys import may_read
from incidents.api.shapes.postmortems import (
    PostmortemBody,
    PostmortemIn,
    PostmortemOut,
    PublishBody,
    PublishIn,
)
from incidents.domain.field_rights import FieldClass, scopes_to
from incidents.domain.rfos import RfoKind, RfoState
from incidents.models import Incident, Rfo, RfoVersion
from incidents.models.keys import Scope
from incidents.operations.errors import Refused
from incidents.operations.renderings import format_again
from incidents.operations.reviews import release
from incidents.operations.rfos import RenderedLetter, checked_letter, discard_draft, draft_rfo, words_digest
from incidents.operations.versions import withdraw_rfo

CHANGED = "Changed through the API."
TAKEN_BACK = "This document was taken back by us. A new version will follow."


@cache
def taken_back() -> RenderedLetter:
    """The reason of a withdrawal that gives none, rendered once."""
    return checked_letter(TAKEN_BACK)


class PostmortemFrame(IncidentFrame):
    """Views that look an incident's RFO up."""

    reads = (Scope.READ, *scopes_to(FieldClass.RFO_DRAFT))
    writes = scopes_to(FieldClass.RFO_DRAFT)
    called = {"body": "body_draft", "state": "postmortem", "accept": "postmortem"}

    def rfo(self, incident: Incident) -> Rfo:
        """Raises NotFound where there is none, or only a withdrawn one."""
        found = Rfo.objects.filter(incident=incident).select_related("page", "incident__page").first()
        if found is None or self._last(found).kind == RfoKind.WITHDRAWN:
            raise NotFound("This incident has no postmortem.")
        return found

    def draft(self, rfo: Rfo) -> RfoVersion | None:
        """What is being written, if anything is."""
        last = self._last(rfo)
        return last if last.is_open else None

    def answer_rfo(self, rfo: Rfo) -> Response:
        """As Statuspage prints it; of a draft nothing for a key that may not read drafts, not even since when."""
        shows_draft = may_read(self.key, FieldClass.RFO_DRAFT)
        return Response(PostmortemOut(_postmortem(rfo, shows_draft=shows_draft)).data)

    def _last(self, rfo: Rfo) -> RfoVersion:
        return rfo.versions.select_related("rfo__incident__page", "rfo__page").latest("number")


def _postmortem(rfo: Rfo, *, shows_draft: bool) -> dict[str, Any]:
    everything = list(rfo.versions.order_by("number"))
    versions = everything if shows_draft else [each for each in everything if not each.is_open]
    draft = versions[-1] if versions and versions[-1].is_open else None
    public = [each for each in versions if each.state == RfoState.PUBLISHED]
    shown = next((each for each in reversed(public) if each.kind != RfoKind.WITHDRAWN), None)
    told = getattr(shown, "update", None) if shown else None
    return {
        "preview_key": None,
        "body": shown.body if shown else None,
        "body_updated_at": shown.published_at if shown else None,
        "body_draft": draft.body if draft else None,
        "body_draft_updated_at": draft.created_at if draft else None,
        "published_at": shown.published_at if shown else None,
        "notify_subscribers": bool(told and told.notify),
        "notify_twitter": False,
        "custom_tweet": None,
        "created_at": rfo.created_at,
        "updated_at": max(
            (each.published_at or each.created_at for each in versions), default=rfo.created_at
        ),
    }


class Postmortem(PostmortemFrame):
    """The postmortem of an incident."""

    @described("Get a postmortem", answers=PostmortemOut)
    def get(self, request: Request, page_id: str, incident_id: str) -> Response:  # noqa: ARG002
        """The draft is `null` for a key without the scope rfo."""
        return self.answer_rfo(self.rfo(self.incident(incident_id)))

    @cached_property
    def sent(self) -> dict[str, Any]:
        """The body, checked."""
        found: dict[str, Any] = self.body(PostmortemIn, "postmortem")
        return found

    @cached_property
    def letter(self) -> RenderedLetter:
        """What was sent, rendered."""
        return checked_letter(self.sent.get("body_draft") or self.sent.get("body") or "")

    def before_transaction(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """Render the words that are written by this request, if its incident is there."""
        self.incident(kwargs["incident_id"])
        _ = taken_back() if request.method == "DELETE" else self.letter

    @described("Draft a postmortem", sends=PostmortemBody, answers=PostmortemOut)
    def put(self, request: Request, page_id: str, incident_id: str) -> Response:  # noqa: ARG002
        """The letter of the RFO's draft: its first version, or the next one after what is published."""
        incident = self.incident(incident_id)
        draft = draft_rfo(
            incident,
            body=self.letter,
            change_summary=self.sent.get("change_summary") or self._summary(incident),
            by=self.by,
            at=self.at,
        )
        return self.answer_rfo(draft.rfo)

    post = described("Draft a postmortem", sends=PostmortemBody, answers=PostmortemOut)(put)

    @described("Delete a postmortem", status=204)
    def delete(self, request: Request, page_id: str, incident_id: str) -> Response:  # noqa: ARG002
        """Throws a draft away; what was published is withdrawn, and says so."""
        rfo = self.rfo(self.incident(incident_id))
        if draft := self.draft(rfo):
            discard_draft(draft, by=self.by, at=self.at)
        if rfo.versions.filter(state=RfoState.PUBLISHED).exists():
            withdraw_rfo(rfo, reason=taken_back(), notify=False, by=self.by, at=self.at)
        elif not rfo.versions.exists():
            Rfo.objects.filter(pk=rfo.pk).delete()
        return Response(status=204)

    def _summary(self, incident: Incident) -> str:
        last = RfoVersion.objects.filter(rfo__incident=incident).order_by("number").last()
        if last is None or (last.is_open and last.number == 1):
            return ""
        return (last.change_summary if last.is_open else "") or CHANGED


class PublishPostmortem(PostmortemFrame):
    """Its publication."""

    def before_transaction(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """Format the draft where that is still to be done."""
        if draft := self.draft(self.rfo(self.incident(kwargs["incident_id"]))):
            format_again(draft)

    @described("Publish a postmortem", sends=PublishBody, answers=PostmortemOut)
    def put(self, request: Request, page_id: str, incident_id: str) -> Response:  # noqa: ARG002
        """If it has been approved and signed as the page asks (Set-up, RFOs); warnings of the checks may stand."""
        rfo, sent = self.rfo(self.incident(incident_id)), self.body(PublishIn, "postmortem")
        draft = self.draft(rfo)
        if draft is None:
            raise Refused("state", "There is no draft. Write one first.")
        release(
            draft,
            digest=words_digest(draft),
            accept=True,
            notify=sent.get("notify_subscribers") is not False,
            by=self.by,
            at=self.at,
        )
        return self.answer_rfo(rfo)

    post = described("Publish a postmortem", sends=PublishBody, answers=PostmortemOut)(put)


class RevertPostmortem(PostmortemFrame):
    """Its end."""

    def before_transaction(self, request: Request, *args: Any, **kwargs: Any) -> None:  # noqa: ARG002
        """Render the reason, if the incident is there."""
        self.incident(kwargs["incident_id"])
        taken_back()

    @described("Revert a postmortem", answers=PostmortemOut, writes=True)
    def put(self, request: Request, page_id: str, incident_id: str) -> Response:  # noqa: ARG002
        """Withdraws what is published, and keeps its words as the draft of the next version."""
        incident = self.incident(incident_id)
        rfo = self.rfo(incident)
        shown = rfo.versions.filter(state=RfoState.PUBLISHED).last()
        if shown is None or self.draft(rfo):
            raise Refused(
                "state", "Nothing of it is published, or a draft of the next version is being written."
            )
        withdraw_rfo(rfo, reason=taken_back(), notify=False, by=self.by, at=self.at)
        kept = RenderedLetter(shown.body, shown.body_html)
        draft_rfo(incident, body=kept, change_summary=CHANGED, by=self.by, at=self.at)
        return self.answer_rfo(rfo)

    post = described("Revert a postmortem", answers=PostmortemOut, writes=True)(put)
