"""The delivery log: how far each post's telling has come, what was tried of each row, and once more (DESIGN 10)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now

from incidents.console import finding
from incidents.console.access import StaffRequest, door, staff_only
from incidents.domain.deliveries import DeliveryState
from incidents.domain.field_rights import FieldClass
from incidents.domain.journal import TOLD
from incidents.models import Delivery, Event, Page, Subscriber
from incidents.operations.actors import staff
from incidents.operations.deliveries import replay
from incidents.operations.errors import Refused

POSTS, ROWS = 30, 100
"""On one screen."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One post and its deliveries by state."""

    event: Event
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> list[tuple[str, int]]:
        """Each state with its count, in the order of a delivery's life."""
        return [(state.value, self.counts.get(state.value, 0)) for state in DeliveryState]

    @property
    def state(self) -> str:
        """What the event itself is doing: held, withdrawn, being handed out, or handed out."""
        event = self.event
        if event.cancelled_at:
            return "withdrawn"
        if event.expanded_at:
            return "handed out"
        return "held" if event.hold_until > now() else "being handed out"


def tellings(events: Sequence[Event]) -> list[Telling]:
    """The posts with their counts: one query for all of them."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    rows = Delivery.objects.filter(event__in=events).order_by().values_list("event", "state")
    for event, state, count in rows.annotate(count=Count("pk")):
        counts[event][state] = count
    return [Telling(event, counts[event.pk]) for event in events]


@staff_only
def show_all(request: StaffRequest) -> HttpResponse:
    """The newest posts that people were to be told of."""
    told = Event.objects.filter(notifies=True, kind__in=TOLD, page__in=request.rights.pages())
    events = told.select_related("page", "incident", "update")
    shown = Paginator(events.order_by("-pk"), POSTS).get_page(request.GET.get("page"))
    context = {"tellings": tellings(list(shown)), "shown": shown, "at": now()}
    return render(request, "console/deliveries.html", context)


@door(of=finding.event)
def show_post(request: StaffRequest, pk: int) -> HttpResponse:
    """One post: its deliveries, of one state or all, found by address."""
    event = get_object_or_404(
        Event.objects.select_related("page", "incident", "update"), pk=pk, notifies=True
    )
    rows = Delivery.objects.filter(event=event).select_related("subscriber")
    context = {"telling": tellings([event])[0], **listed(request, rows, page=event.page)}
    return render(request, "console/post.html", context)


def listed(request: StaffRequest, rows: "QuerySet[Delivery]", *, page: Page) -> dict[str, Any]:
    """A screen of deliveries with what was tried, by the `state` and `q` of the address line.

    Whoever may not read addresses cannot search for one either: a list that grows or shrinks would answer.
    """
    state, question = request.GET.get("state", ""), request.GET.get("q", "").strip()[:200]
    if state in set(DeliveryState):
        rows = rows.filter(state=state)
    searched = [
        is_staff
        for is_staff, field in ((False, FieldClass.SUBSCRIBER_ADDRESS), (True, FieldClass.ALERT_ADDRESS))
        if request.rights.may_read(field, page)
    ]
    question = question if searched else ""
    if question:
        found = Subscriber.objects.filter(page=page, is_staff__in=searched).matching(question)
        rows = rows.filter(subscriber__in=found)
    shown = Paginator(rows.prefetch_related("tries").order_by("-pk"), ROWS).get_page(request.GET.get("page"))
    return {
        "shown": shown,
        "state": state,
        "question": question,
        "may_search": bool(searched),
        "carried": carried(state=state, q=question),
        "at": now(),
    }


def carried(**wanted: str) -> str:
    """What a link to another screen of the same list begins with."""
    words = urlencode({name: value for name, value in wanted.items() if value})
    return f"{words}&" if words else ""


@door(of=finding.delivery)
def send_again(request: StaffRequest, pk: int) -> HttpResponseBase:
    """Send one delivery once more, with the same id."""
    row = get_object_or_404(Delivery.objects.select_related("event__page", "subscriber"), pk=pk)
    if request.method == "POST":
        try:
            replay(row, by=staff(request.user), at=now())
        except Refused as error:
            messages.error(request, str(error))
        else:
            shown = request.rights.address_of(row.subscriber)
            messages.success(request, f"It is queued to be sent to {shown} again.")
    if request.POST.get("back") == "subscriber":
        return redirect("console:subscriber", row.subscriber.code)
    return redirect("console:post", row.event_id)
