"""Who would be told, in numbers, before anything is posted."""

from collections.abc import Mapping

from django.db.models import Count, QuerySet

from incidents.channels.kinds import KINDS
from incidents.models import Subscriber


def audience(subscribers: "QuerySet[Subscriber]") -> str:
    """`1,204 by E-mail, 12 by Webhook`; empty where there is nobody."""
    counted = (
        subscribers.order_by().values("channel").annotate(count=Count("pk")).values_list("channel", "count")
    )
    return in_words(dict(counted))


def in_words(counts: Mapping[str, int]) -> str:
    """Counts by the name of the channel as `audience` writes them."""
    return ", ".join(f"{counts[name]:,} by {kind.label}" for name, kind in KINDS.items() if counts.get(name))
