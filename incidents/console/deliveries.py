"""How the telling goes: deliveries by state, for the console's home (DESIGN 10)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from incidents.domain.deliveries import UNFINISHED, DeliveryState
from incidents.models import Delivery, Event, Page

WINDOW = timedelta(days=1)
LATE = timedelta(minutes=5)
"""A row that has been due for this long says that no worker takes it."""


@dataclass(frozen=True, slots=True)
class DeliveryHealth:
    """Rows still to send whatever their age, finished ones of the last day, and events not yet fanned out."""

    counts: dict[str, int]
    unexpanded: int
    oldest_due: datetime | None
    at: datetime

    @property
    def waited(self) -> timedelta:
        """How long the oldest of what is due has been waiting."""
        return max(self.at - self.oldest_due, timedelta()) if self.oldest_due else timedelta()

    @property
    def is_late(self) -> bool:
        """Whether something has waited so long that the worker is probably dead."""
        return self.waited >= LATE

    @property
    def rows(self) -> list[tuple[str, int]]:
        """Each state with its count, in the order of a delivery's life."""
        return [(state.value, self.counts.get(state.value, 0)) for state in DeliveryState]


def delivery_health(pages: Collection[Page] | None = None, *, at: datetime) -> DeliveryHealth:
    """Three queries over indexed columns; of some pages, or of all."""
    own = Q() if pages is None else Q(event__page__in=pages)
    of_page = Q() if pages is None else Q(page__in=pages)
    finished = [state for state in DeliveryState if state not in UNFINISHED]
    shown = Q(state__in=UNFINISHED) | Q(state__in=finished, due_at__gte=at - WINDOW)
    counted = Delivery.objects.filter(shown & own).order_by().values("state").annotate(count=Count("pk"))
    oldest = Delivery.objects.filter(own, state=DeliveryState.DUE).aggregate(oldest=Min("due_at"))["oldest"]
    waiting = (
        Event.objects.to_expand(at).filter(of_page).aggregate(count=Count("pk"), oldest=Min("hold_until"))
    )
    return DeliveryHealth(
        counts={row["state"]: row["count"] for row in counted},
        unexpanded=waiting["count"],
        oldest_due=min(filter(None, (oldest, waiting["oldest"])), default=None),
        at=at,
    )
