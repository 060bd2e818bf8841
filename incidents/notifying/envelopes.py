"""From claimed rows to notices and recipients: what each is told, where it goes, and the links that are its own."""

import logging
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from django.urls import reverse

from incidents.channels.kinds import KINDS
from incidents.channels.messages import Answer, Notice, Recipient, Verdict
from incidents.domain.journal import TO_OWNERS
from incidents.models import Event
from incidents.notifying.composer import compose
from incidents.operations.credentials import LostKey, unseal
from incidents.operations.deliveries import Claimed
from incidents.operations.endpoint_urls import destination
from incidents.operations.row_deadline import RowOverrun, row_deadline
from incidents.operations.tokens import Purpose, make_token

log = logging.getLogger(__name__)

FRESH_SECONDS = 10.0
"""A composed notice serves the next rows of its event for so long."""
MOST_KEPT = 16
LOST_KEY = (
    "The URL or the signing key of this endpoint cannot be read: it was encrypted with another CREDENTIALS_KEY. Set "
    "that key again, or let the owner end the subscription and subscribe again."
)
Batch = tuple[Notice, list[Recipient]]


class Envelopes:
    """Keeps the notices of a run, so that a fan-out of many batches composes once."""

    def __init__(self) -> None:
        self._notices: dict[int, tuple[float, Notice]] = {}

    def filled(
        self, rows: Sequence[Claimed], *, channel: str, at: datetime
    ) -> tuple[list[Batch], list[Answer]]:
        """The rows as batches of one notice each, and the answers of those that cannot be sent."""
        events: dict[int, list[Claimed]] = defaultdict(list)
        for row in rows:
            events[row.event].append(row)
        batches: list[Batch] = []
        unready: list[Answer] = []
        for event, mine in events.items():
            try:
                with row_deadline():
                    notice = self._notice(event, at=at)
                    made = [_recipient(row, notice, channel, at=at) for row in mine]
            except (
                Exception,
                RowOverrun,
            ) as error:  # a fault of ours must neither stop the other batches nor lose this one
                log.exception("a batch could not be sent", extra={"event_pk": event, "channel": channel})
                detail = f"our own fault: {type(error).__name__}: {error}"[:1000]
                unready += [Answer(row.key, Verdict.RETRY, detail) for row in mine]
                continue
            batches.append((notice, [each for each in made if isinstance(each, Recipient)]))
            unready += [each for each in made if isinstance(each, Answer)]
        return [batch for batch in batches if batch[1]], unready

    def _notice(self, event: int, *, at: datetime) -> Notice:
        kept = self._notices.get(event)
        if kept and time.monotonic() - kept[0] < FRESH_SECONDS:
            return kept[1]
        notice = compose(Event.objects.select_related("page", "subscriber").get(pk=event), at=at)
        if len(self._notices) >= MOST_KEPT:
            self._notices.clear()
        self._notices[event] = (time.monotonic(), notice)
        return notice


def _recipient(row: Claimed, notice: Notice, channel: str, *, at: datetime) -> Recipient | Answer:
    """Where the notice goes, and the links that are this reader's own; or why it cannot go there."""
    to_owner = row.kind in TO_OWNERS
    try:
        secrets = () if to_owner or not KINDS[channel].signs else _secrets(row, at=at)
        address = row.contact_email if to_owner and row.contact_email else destination(row)
    except LostKey:
        return Answer(row.key, Verdict.REFUSED, LOST_KEY)
    doors = _doors(notice.page_url)

    def link(purpose: Purpose) -> str:
        return doors[purpose] + make_token(row, purpose, at=at)

    return Recipient(
        key=row.key,
        address=address,
        secrets=secrets,
        leave_url=link(Purpose.LEAVE),
        manage_url="" if KINDS[channel].is_machine else link(Purpose.MANAGE),
        action_url=link(Purpose.CONFIRM) if to_owner else "",
    )


def _secrets(row: Claimed, *, at: datetime) -> tuple[str, ...]:
    """The key that signs, and the one before it until its time is over."""
    overlaps = row.old_secret_until is not None and row.old_secret_until > at
    sealed = [row.secret, *([row.old_secret] if overlaps else [])]
    return tuple(filter(None, map(unseal, sealed)))


@lru_cache(maxsize=64)
def _doors(url: str) -> Mapping[Purpose, str]:
    """Where links of each purpose lead, all but their token."""
    return {
        purpose: url + reverse(f"subscriptions:{purpose.value}", args=["token"]).removesuffix("token")
        for purpose in Purpose
    }
