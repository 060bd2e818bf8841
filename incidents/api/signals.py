"""Alert intake: Prometheus Alertmanager's webhook, and signed events of anything else (Standard Webhooks).

An alert's own words are not published: they name machines that customers do not know. Public words come from the
annotations `status_title` and `status_body`; the component from the label `status_component` (its code or name) or
`component`; how bad it is from `status_component_status`, else from the severity.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from rest_framework.exceptions import APIException, NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

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
from incidents.domain.components import ComponentStatus
from incidents.domain.texts import shown
from incidents.models import Component, Page, SignalSource
from incidents.models.keys import Scope
from incidents.operations.credentials import unseal
from incidents.operations.signals import Heard, end_source, hear, is_first, make_source, may_post

SEVERITIES: Mapping[str, ComponentStatus] = {
    "critical": ComponentStatus.MAJOR_OUTAGE,
    "page": ComponentStatus.MAJOR_OUTAGE,
    "error": ComponentStatus.PARTIAL_OUTAGE,
    "warning": ComponentStatus.DEGRADED_PERFORMANCE,
    "info": ComponentStatus.OPERATIONAL,
}
NAME, BODY, LABELS = 255, 5_000, 50
LABEL_NAME, LABEL_VALUE = 128, 4_000


class Alertmanager(PageFrame):
    """What a Prometheus says is firing."""

    @described("Take alerts of Prometheus Alertmanager", sends=AlertmanagerBody, answers=HeardOut, ours=True)
    def post(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Firing opens an incident, or joins the one of its group or component; the last one resolved ends it."""
        sent = self.body(AlertmanagerBody, "")
        known = _components(self.page)
        group = _short(shown(sent.get("groupKey") or ""))
        heard = [_heard(each, group, known, at=self.at) for each in sent["alerts"]]
        found = hear(self.page, heard, sender=f"key {self.key.code}", at=self.at)
        return Response(HeardOut({"incidents": [each.code for each in found]}).data)


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
        heard = _event(event.validated_data, _components(source.page), at=at)
        with transaction.atomic():
            news = is_first(source, request.headers["webhook-id"], at=at)
            found = hear(source.page, [heard] if news else [], sender=f"source {source.code}", at=at)
        return Response(HeardOut({"incidents": [each.code for each in found]}).data)


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


def _components(page: Page) -> dict[str, Component]:
    """By code, and by name where only one has it."""
    rows = list(Component.objects.in_use().filter(page=page).select_related("group", "page"))
    names = [each.name.lower() for each in rows]
    by_name = {each.name.lower(): each for each in rows if names.count(each.name.lower()) == 1}
    full = {each.full_name.lower(): each for each in rows}
    return {**by_name, **full, **{each.code: each for each in rows}}


def _heard(alert: Mapping[str, Any], group: str, known: Mapping[str, Component], *, at: datetime) -> Heard:
    labels, notes = alert.get("labels") or {}, alert.get("annotations") or {}
    told = {**labels, **notes}
    called = shown(told.get("status_component") or told.get("component") or "", limit=NAME)
    severity = told.get("severity", "").lower()
    return Heard(
        fingerprint=_short(alert.get("fingerprint") or _print_of(labels)),
        firing=alert["status"] == "firing",
        began=min(alert.get("startsAt") or at, at),
        group=group,
        component=known.get(called.lower()),
        status=_status(told.get("status_component_status"), severity),
        title=told.get("status_title", "")[:NAME],
        body=told.get("status_body", "")[:BODY],
        labels=_labels(labels),
    )


def _event(event: Mapping[str, Any], known: Mapping[str, Component], *, at: datetime) -> Heard:
    return Heard(
        fingerprint=_short(event["key"]),
        firing=event["status"] == "firing",
        began=min(event.get("began_at") or at, at),
        group=_short(shown(event.get("group") or "")),
        component=known.get((event.get("component") or "").lower()),
        status=_status(event.get("component_status"), ""),
        title=event.get("title") or "",
        body=event.get("body") or "",
        labels=_labels({"component": event.get("component") or ""}),
    )


def _labels(given: Mapping[str, str]) -> dict[str, str]:
    """Names and values as staff may read them: a direction that is turned could name another machine to them."""
    first = list(given.items())[:LABELS]
    return {shown(name, limit=LABEL_NAME): shown(value, limit=LABEL_VALUE) for name, value in first}


def _status(said: str | None, severity: str) -> ComponentStatus:
    if said in {each.value for each in ComponentStatus}:
        return ComponentStatus(said)
    return SEVERITIES.get(severity, ComponentStatus.PARTIAL_OUTAGE)


def _print_of(labels: Mapping[str, str]) -> str:
    """Alertmanager always sends a fingerprint; who does not is known by the labels."""
    return hashlib.sha256(repr(sorted(labels.items())).encode()).hexdigest()


def _short(name: str, most: int = 128) -> str:
    """A name as the column takes it; a longer one by its digest."""
    return name if len(name) <= most else hashlib.sha256(name.encode()).hexdigest()
