"""Subscribers of a page: listed, counted, added, changed, ended; their data takes a scope of its own."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.components import named
from incidents.api.described import AFTER, LIMIT, described
from incidents.api.errors import Unprocessable
from incidents.api.frame import PageFrame
from incidents.api.paging import part
from incidents.api.shapes.subscribers import (
    KINDS,
    STATES,
    SecretOut,
    SubscriberBody,
    SubscriberIn,
    SubscriberOut,
)
from incidents.domain.field_rights import FieldClass, scopes_to
from incidents.domain.subscribers import SubscriberState
from incidents.models import Incident, Subscriber
from incidents.models.keys import Scope
from incidents.operations.credentials import LostKey
from incidents.operations.endpoint_urls import UNREADABLE, at_address, destination
from incidents.operations.subscribers import (
    checked_channel,
    choose_components,
    end_subscription,
    normal,
    request_subscription,
    rotate_secret,
)
from incidents.operations.vouching import vouch_for

FILTERS = (
    OpenApiParameter("q", OpenApiTypes.STR, description="Part of an address; of an endpoint, of its host."),
    OpenApiParameter("type", OpenApiTypes.STR, enum=KINDS, description="Of this kind."),
    OpenApiParameter("state", OpenApiTypes.STR, enum=[*STATES.values(), "all"], description="In this state."),
    OpenApiParameter("page", OpenApiTypes.INT, description="Which part, from 0."),
    LIMIT,
    AFTER,
)


class SubscriberFrame(PageFrame):
    """Views that look subscribers up."""

    reads = scopes_to(FieldClass.SUBSCRIBER_ADDRESS)
    writes = (Scope.SUBSCRIBERS,)
    called = {"address": "email or endpoint", "contact_email": "email", "components": "component_ids"}

    def rows(self) -> "QuerySet[Subscriber]":
        """Those of the page that are told what the public is told."""
        rows = Subscriber.objects.public().filter(page=self.page, incident=None)
        return rows.select_related("page").prefetch_related("components")

    def subscriber(self, code: str) -> Subscriber:
        """One that was not ended; those are listed as unsubscribed. Raises NotFound."""
        return self.one(self.rows().exclude(state=SubscriberState.ENDED), code, "subscriber")

    def printed(self, row: Subscriber, *, status: int = 200) -> Response:
        """One of them as it is now."""
        return Response(SubscriberOut(self.rows().get(pk=row.pk)).data, status=status)

    def add(self, incident: Incident | None = None) -> Subscriber:
        """Somebody new: asked by mail to confirm, unless the key's owner vouches for them."""
        sent = self.body(SubscriberIn, "subscriber")
        channel, address, contact = _endpoint(sent)
        chosen = list(named(self.page, None, sent.get("component_ids")))
        if sent.get("skip_confirmation_notification"):
            return vouch_for(
                self.page,
                channel=channel,
                address=address,
                contact_email=contact,
                components=chosen,
                incident=incident,
                by=self.by,
                at=self.at,
            )
        request_subscription(
            self.page,
            channel=channel,
            address=address,
            contact_email=contact,
            components=chosen,
            incident=incident,
            at=self.at,
        )
        kind = checked_channel(channel)
        found = self.rows().filter(at_address(kind, normal("address", kind, address))).first()
        if found is None:
            raise Unprocessable("email: this mailbox gets no mail of ours, or was asked too often today.")
        return found


def _endpoint(sent: dict[str, Any]) -> tuple[str, str, str]:
    """Channel, address and contact of what was sent. Raises Unprocessable."""
    if sent.get("phone_number") or sent.get("type") in {"sms", "integration_partner"}:
        raise Unprocessable("type: we tell people by email, webhook, slack or teams.")
    email, endpoint = sent.get("email") or "", sent.get("endpoint") or ""
    if not endpoint:
        if sent.get("type") not in {None, "email"}:
            raise Unprocessable("endpoint: say where to post to.")
        return "email", email, ""
    return sent.get("type") or "webhook", endpoint, email


class Subscribers(SubscriberFrame):
    """All subscribers of a page."""

    @described("List subscribers", answers=SubscriberOut, many=True, asks=FILTERS)
    def get(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Newest first; those that are active unless another state, or all, is asked for."""
        found = part(request, self._filtered(request), first=0)
        return found.answer(SubscriberOut)

    @described("Create a subscriber", sends=SubscriberBody, answers=SubscriberOut, status=201)
    def post(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """A mail asks them to confirm; `skip_confirmation_notification` says that they have agreed elsewhere."""
        return self.printed(self.add(), status=201)

    def _filtered(self, request: Request) -> "QuerySet[Subscriber]":
        rows, asked = self.rows(), request.query_params
        names = {name: state for state, name in STATES.items()} | {"pending": SubscriberState.PENDING}
        state = asked.get("state", "active")
        if state != "all":
            if state not in names:
                raise Unprocessable(f"state: one of {', '.join([*names, 'all'])}.")
            rows = rows.filter(state=names[state])
        if kind := asked.get("type"):
            if kind not in KINDS:
                raise Unprocessable(f"type: one of {', '.join(KINDS)}.")
            rows = rows.filter(channel=kind)
        if asked.get("q"):
            rows = rows.filter(pk__in=Subscriber.objects.filter(page=self.page).matching(asked["q"][:255]))
        return rows


class Unsubscribed(SubscriberFrame):
    """Those that have ended their subscription."""

    @described("List unsubscribed subscribers", answers=SubscriberOut, many=True, asks=FILTERS[3:])
    def get(self, request: Request, page_id: str) -> Response:  # noqa: ARG002
        """Newest first."""
        found = part(request, self.rows().filter(state=SubscriberState.ENDED), first=0)
        return found.answer(SubscriberOut)


class OneSubscriber(SubscriberFrame):
    """One subscriber."""

    @described("Get a subscriber", answers=SubscriberOut)
    def get(self, request: Request, page_id: str, subscriber_id: str) -> Response:  # noqa: ARG002
        """In whatever state."""
        return self.printed(self.subscriber(subscriber_id))

    @described("Change a subscriber", sends=SubscriberBody, answers=SubscriberOut)
    def patch(self, request: Request, page_id: str, subscriber_id: str) -> Response:  # noqa: ARG002
        """Which components they hear of; an empty list is all."""
        row, sent = self.subscriber(subscriber_id), self.body(SubscriberIn, "subscriber")
        if sent.get("component_ids") is not None:
            chosen = list(named(self.page, None, sent["component_ids"]))
            choose_components(
                row, components=chosen, only_major=row.only_major, topics=row.topics, at=self.at
            )
        return self.printed(row)

    put = described("Change a subscriber", sends=SubscriberBody, answers=SubscriberOut)(patch)

    @described("Unsubscribe a subscriber", answers=SubscriberOut, writes=True)
    def delete(self, request: Request, page_id: str, subscriber_id: str) -> Response:  # noqa: ARG002
        """They hear nothing more, claimed deliveries included."""
        row = self.subscriber(subscriber_id)
        end_subscription(row, by=self.by, at=self.at)
        return self.printed(row)


class ResendConfirmation(SubscriberFrame):
    """The mail that asks to confirm, again."""

    @described("Resend a confirmation", status=201, writes=True)
    def post(self, request: Request, page_id: str, subscriber_id: str) -> Response:  # noqa: ARG002
        """Not more often than a mailbox can bear; an owner who has confirmed gets none."""
        ask_again(self.subscriber(subscriber_id), at=self.at)
        return Response(status=201)


class RotateSecret(SubscriberFrame):
    """A webhook's signing secret."""

    @described("Replace a webhook's secret", answers=SecretOut, writes=True, ours=True)
    def post(self, request: Request, page_id: str, subscriber_id: str) -> Response:  # noqa: ARG002
        """The new one is shown this once; the old one signs beside it for a day."""
        row = self.subscriber(subscriber_id)
        secret = rotate_secret(row, at=self.at)
        row.refresh_from_db()
        said = {"id": row.code, "secret": secret, "old_secret_until": row.old_secret_until}
        return Response(SecretOut(said).data)


def ask_again(row: Subscriber, *, at: Any) -> None:
    """Mail the owner of an unconfirmed subscription once more. Raises Unprocessable for one that is not."""
    if row.state != SubscriberState.PENDING:
        raise Unprocessable(
            f"subscriber: {row.code} is {STATES[SubscriberState(row.state)]}, not unconfirmed."
        )
    try:
        address = destination(row)
    except LostKey as error:
        raise Unprocessable(f"subscriber: the endpoint of {row.code} {UNREADABLE}.") from error
    request_subscription(
        row.page,
        channel=row.channel,
        address=address,
        contact_email=row.contact_email,
        components=list(row.components.all()),
        only_major=row.only_major,
        topics=row.topics,
        incident=row.incident,
        at=at,
    )
