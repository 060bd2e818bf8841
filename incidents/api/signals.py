"""Alert intake: Prometheus Alertmanager's webhook, and signed events of anything else (Standard Webhooks).

What the bodies say is read in `alert_bodies`.
"""

from datetime import UTC, datetime

from django.db import transaction
from django.db.models import QuerySet
from rest_framework.exceptions import APIException, NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from incidents.api.alert_bodies import (
    ComponentNames,
    alertmanager_alert,
    alertmanager_group,
    group_of,
    signed_event,
)
from incidents.api.bodies import AnyBody, check_address
from incidents.api.described import PAGE_NUMBER, PER_PAGE, described
from incidents.api.frame import PageFrame
from incidents.api.paging import part
from incidents.api.shapes.signals import (
    AlertmanagerBody,
    EventIn,
    HeardOut,
    NewSourceOut,
    SourceBody,
    SourceIn,
    SourceOut,
)
from incidents.models import SignalSource
from incidents.models.keys import Scope
from incidents.operations.credentials import unseal
from incidents.operations.signals import Intake, end_source, hear, is_first, make_source, may_post


class Alertmanager(PageFrame):
    """What a Prometheus says is firing."""

    @described("Take alerts of Prometheus Alertmanager", sends=AlertmanagerBody, answers=HeardOut, ours=True)
    def post(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Firing opens an incident, or joins the one of its group or component; the last one resolved ends it."""
        sent = self.body(AlertmanagerBody, "")
        known, name = ComponentNames(self.page), group_of(sent)
        heard = [alertmanager_alert(each, name, known, at=self.at) for each in sent["alerts"]]
        group = alertmanager_group(sent, known, at=self.at)
        found = hear(self.page, heard, sender=f"key {self.key.code}", at=self.at, group=group)
        return taken(found)


def taken(found: Intake) -> Response:
    """The incidents, and the notes on single alerts."""
    said = {"incidents": [each.code for each in found.incidents], "notes": found.notes}
    return Response(HeardOut(said).data)


class SourceFrame(PageFrame):
    """Views that look senders of events up."""

    reads = (Scope.ADMIN,)
    writes = (Scope.ADMIN,)

    def rows(self) -> "QuerySet[SignalSource]":
        """Those of the page."""
        return SignalSource.objects.filter(page=self.page).select_related("page")


class Sources(SourceFrame):
    """All senders of a page."""

    @described("List event sources", answers=SourceOut, many=True, asks=(PAGE_NUMBER, PER_PAGE), ours=True)
    def get(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Newest first, ended ones among them."""
        found = part(request, self.rows())
        return found.answer(SourceOut)

    @described("Create an event source", sends=SourceBody, answers=NewSourceOut, status=201, ours=True)
    def post(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Its secret is shown this once."""
        sent = self.body(SourceIn, "event_source")
        source, secret = make_source(self.page, name=sent.get("name") or "", by=self.by, at=self.at)
        return Response(NewSourceOut(source, context={"secret": secret}).data, status=201)


class OneSource(SourceFrame):
    """One sender."""

    @described("End an event source", answers=SourceOut, writes=True, ours=True)
    def delete(self, request: Request, page_id: str, source_id: str) -> Response:  # noqa: ARG002
        """Its signature opens nothing from now on."""
        source = self.one(self.rows(), source_id, "event source")
        end_source(source, by=self.by, at=self.at)
        source.refresh_from_db()
        return Response(SourceOut(source).data)


class EventThrottle(SimpleRateThrottle):
    """So many knocks a minute at one source's door, whoever knocks."""

    rate = "600/min"

    def get_cache_key(self, request: Request, view: APIView) -> str:  # noqa: ARG002  (DRF's shape)
        """Counted by source."""
        return f"events:{view.kwargs['source_id'][:64]}"


class Unsigned(APIException):
    """A signature that does not fit: 401."""

    status_code = 401


class Events(APIView):
    """Where a sender posts its signed events."""

    authentication_classes = []
    permission_classes = []
    throttle_classes = [EventThrottle]
    parser_classes = [AnyBody]

    @described("Take a signed event", sends=EventIn, answers=HeardOut, ours=True)
    def post(self, request: Request, source_id: str) -> Response:
        """Signed as Standard Webhooks has it; the same `webhook-id` again changes nothing."""
        check_address(request)
        rows = SignalSource.objects.filter(code=source_id, ended_at=None)
        source = rows.select_related("page", "made_by").first()
        if source is None:
            raise NotFound("There is no such event source.")
        _ = request.data  # reads the body, within its bounds
        _check_signature(source, request)
        if not may_post(source):
            raise Unsigned(
                "This event source is inactive: the person who created it no longer has the right to open incidents "
                "on its page. Ask an admin of the page to create another source."
            )
        event = EventIn(data=request.data)
        event.is_valid(raise_exception=True)
        at = datetime.now(UTC)
        heard = signed_event(event.validated_data, ComponentNames(source.page), at=at)
        with transaction.atomic():
            news = is_first(source, request.headers["webhook-id"], at=at)
            found = hear(source.page, [heard] if news else [], sender=f"source {source.code}", at=at)
        return taken(found)


def _check_signature(source: SignalSource, request: Request) -> None:
    headers = {name.lower(): value for name, value in request.headers.items()}
    raw: bytes = request._request.body
    try:
        Webhook(unseal(source.secret)).verify(raw.decode(), headers)
    except (WebhookVerificationError, ValueError) as error:
        raise Unsigned(
            "The signature does not fit: sign id, timestamp and body with the source's secret, and send it within "
            f"five minutes ({error})."
        ) from error
