"""Readers of a page, and the steps of the queue as tests take them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from incidents.channels.kinds import KINDS
from incidents.channels.messages import Answer, Verdict
from incidents.domain.subscribers import SubscriberState
from incidents.models import Delivery, Page, Subscriber
from incidents.operations.deliveries import claim, delivery_key, settle
from incidents.operations.fanout import expand, expandable
from tests.factories import BEGAN

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
LATER = BEGAN + 40 * 24 * HOUR


def reader(
    page: Page, name: str = "ada", *, channel: str = "email", since: datetime = BEGAN - HOUR
) -> Subscriber:
    return Subscriber.objects.create(
        page=page,
        channel=channel,
        address=f"{name}@example.com",
        state=SubscriberState.ACTIVE,
        nonce=name,
        created_at=since,
        confirmed_at=since,
    )


def expand_all(at: datetime = LATER) -> None:
    while events := list(expandable(at)):
        for event in events:
            expand(event, at=at)


def take(at: datetime) -> list[Delivery]:
    """What is claimed next, of whichever channel has something."""
    for channel in KINDS:
        if rows := claim(channel, at=at, limit=500):
            found = Delivery.objects.select_related("event", "subscriber").in_bulk([row.pk for row in rows])
            return [found[row.pk] for row in rows]
    return []


def told(subscriber: Subscriber) -> list[str]:
    return [row.event.kind for row in Delivery.objects.filter(subscriber=subscriber).select_related("event")]


def answer(rows: Iterable[Delivery], verdict: Verdict, *, at: datetime, wait: float | None = None) -> None:
    settle([Answer(delivery_key(row), verdict, "words", wait) for row in rows], at=at)


def states(subscriber: Subscriber) -> list[str]:
    return list(Delivery.objects.filter(subscriber=subscriber).order_by("pk").values_list("state", flat=True))
