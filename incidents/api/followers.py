"""Subscribers of one incident: told of it and of nothing else."""

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.described import LIMIT, PAGE_NUMBER, PER_PAGE, described
from incidents.api.paging import part
from incidents.api.shapes.subscribers import SubscriberBody, SubscriberOut
from incidents.api.subscribers import SubscriberFrame, ask_again
from incidents.models import Incident, Subscriber
from incidents.operations.subscribers import end_subscription


class FollowerFrame(SubscriberFrame):
    """Views about those who follow an incident."""

    def incident(self) -> Incident:
        """The one in the path. Raises NotFound."""
        rows = Incident.objects.filter(page=self.page).select_related("page")
        return self.one(rows, self.kwargs["incident_id"], "incident")

    def rows(self) -> "QuerySet[Subscriber]":
        """Those who follow it."""
        rows = Subscriber.objects.public().filter(page=self.page, incident=self.incident())
        return rows.select_related("page", "incident").prefetch_related("components")


class Followers(FollowerFrame):
    """All of them."""

    @described(
        "List an incident's subscribers",
        answers=SubscriberOut,
        many=True,
        asks=(PAGE_NUMBER, PER_PAGE, LIMIT),
    )
    def get(self, request: Request, page_id: str, incident_id: str) -> Response:  # noqa: ARG002
        """Newest first."""
        found = part(request, self.rows())
        return found.answer(SubscriberOut)

    @described("Create an incident's subscriber", sends=SubscriberBody, answers=SubscriberOut, status=201)
    def post(self, request: Request, page_id: str, incident_id: str) -> Response:  # noqa: ARG002
        """A mail asks them to confirm, unless the key's owner vouches for them."""
        return self.printed(self.add(self.incident()), status=201)


class OneFollower(FollowerFrame):
    """One of them."""

    @described("Get an incident's subscriber", answers=SubscriberOut)
    def get(self, request: Request, page_id: str, incident_id: str, subscriber_id: str) -> Response:  # noqa: ARG002
        """In whatever state."""
        return self.printed(self.subscriber(subscriber_id))

    @described("Unsubscribe an incident's subscriber", answers=SubscriberOut, writes=True)
    def delete(self, request: Request, page_id: str, incident_id: str, subscriber_id: str) -> Response:  # noqa: ARG002
        """They hear nothing more of it."""
        row = self.subscriber(subscriber_id)
        end_subscription(row, by=self.by, at=self.at)
        return self.printed(row)


class ResendFollower(FollowerFrame):
    """The mail that asks to confirm, again."""

    @described("Resend an incident subscriber's confirmation", status=201, writes=True)
    def post(self, request: Request, page_id: str, incident_id: str, subscriber_id: str) -> Response:  # noqa: ARG002
        """Not more often than a mailbox can bear."""
        ask_again(self.subscriber(subscriber_id), at=self.at)
        return Response(status=201)
