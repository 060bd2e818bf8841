"""The relay: from events to delivery rows, from rows to channels, from answers back to rows (DESIGN 10).

Any number may run at once, and each may be killed on any line: what it had claimed is free again when the lease ends.
No transaction is open while something is sent.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from django.urls import reverse

from incidents.channels.kinds import KINDS
from incidents.channels.messages import Answer, Recipient, Verdict
from incidents.domain.journal import EventKind
from incidents.models import Delivery
from incidents.notifying.composer import compose
from incidents.operations.credentials import LostKey, unseal
from incidents.operations.deliveries import claim, delivery_key, expand, expandable, settle, unwanted
from incidents.operations.tokens import Purpose, make_token

log = logging.getLogger(__name__)

BUDGET_SECONDS = 120.0
"""No new batch is begun after this long, well within a task's time limit; the next sweep goes on."""
LOST_KEY = (
    "The signing key of this webhook was encrypted with another CREDENTIALS_KEY. Set that key again, or let the "
    "owner end the subscription and subscribe anew."
)


def relay_due(
    *,
    at: datetime | None = None,
    budget: float = BUDGET_SECONDS,
    alive: Callable[[], None] = lambda: None,
) -> Counter[str]:
    """Expand and send what is due until nothing is left, or the time is over; what became of it, counted.

    `at` stands in for the clock, for tests and replays. `alive` is called between batches.
    """
    counts: Counter[str] = Counter()
    ends = time.monotonic() + budget
    while time.monotonic() < ends:
        alive()
        grown = _expand_some(at or datetime.now(UTC))
        batch = claim(at=at or datetime.now(UTC))
        if batch:
            counts.update(_deliver(batch, at=at))
        elif not grown:
            break
    return counts


def _expand_some(at: datetime) -> bool:
    """One batch of rows for each event that is due, so that the first are sent before the last are written."""
    events = list(expandable(at))
    for event in events:
        expand(event, at=at)
    return bool(events)


def _deliver(batch: Sequence[Delivery], *, at: datetime | None) -> Counter[str]:
    """Send one claimed batch, which is of one event and one channel, and write down what became of it."""
    gone = unwanted(batch)
    answers = [
        Answer(delivery_key(delivery), Verdict.REFUSED, "The subscription was ended.")
        for delivery in batch
        if delivery.pk in gone
    ]
    rest = [delivery for delivery in batch if delivery.pk not in gone]
    if rest:
        answers += _send(rest, at=at or datetime.now(UTC))
    settle(answers, at=at or datetime.now(UTC))
    return Counter(answer.verdict.value for answer in answers)


def _send(deliveries: Sequence[Delivery], *, at: datetime) -> list[Answer]:
    event = deliveries[0].event
    asked = event.kind == EventKind.SUBSCRIBER_REQUESTED
    kind = KINDS["email"] if asked else KINDS[deliveries[0].subscriber.channel]
    try:
        notice = compose(event, at=at)
        doors = _doors(notice.page_url)
        ready = [_recipient(each, doors=doors, asked=asked, at=at) for each in deliveries]
        recipients = [each for each in ready if isinstance(each, Recipient)]
        unready = [each for each in ready if isinstance(each, Answer)]
        return unready + (kind.send(notice, recipients) if recipients else [])
    except Exception as error:  # a fault of ours must neither stop the other batches nor lose this one
        log.exception("a batch could not be sent", extra={"event_pk": event.pk, "channel": kind.name})
        detail = f"our own fault: {type(error).__name__}: {error}"[:1000]
        return [Answer(delivery_key(delivery), Verdict.RETRY, detail) for delivery in deliveries]


def _recipient(
    delivery: Delivery, *, doors: Mapping[Purpose, str], asked: bool, at: datetime
) -> Recipient | Answer:
    """Where the notice goes, and the links that are this reader's own; or why it cannot go there."""
    subscriber = delivery.subscriber
    try:
        secret = "" if asked else unseal(subscriber.secret)
    except LostKey:
        return Answer(delivery_key(delivery), Verdict.REFUSED, LOST_KEY)
    links = {purpose: door + make_token(subscriber, purpose, at=at) for purpose, door in doors.items()}
    return Recipient(
        key=delivery_key(delivery),
        address=(subscriber.contact_email or subscriber.address) if asked else subscriber.address,
        secret=secret,
        leave_url=links[Purpose.LEAVE],
        manage_url=links[Purpose.MANAGE],
        action_url=links[Purpose.CONFIRM] if asked else "",
    )


def _doors(url: str) -> dict[Purpose, str]:
    """Where links of each purpose lead, all but their token; looked up once a batch."""
    return {
        purpose: url + reverse(f"subscriptions:{purpose.value}", args=["token"]).removesuffix("token")
        for purpose in Purpose
    }
