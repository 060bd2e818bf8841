"""Numbers that scripts send: series are made, changed and deleted, and points added to them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import isfinite

from django.db import transaction

from incidents.domain.texts import UncleanText, clean
from incidents.models import Metric, MetricPoint, Page
from incidents.operations.actors import Actor
from incidents.operations.audit import note
from incidents.operations.components import checked_name
from incidents.operations.errors import Refused
from incidents.operations.journal import lock
from incidents.operations.wording import checked_line

KEPT = timedelta(days=400)
MOST_AT_ONCE = 10_000
AHEAD = timedelta(minutes=5)
BATCH = 500

Points = Sequence[tuple[datetime, float]]


@transaction.atomic
def save_metric(
    metric: Metric | None,
    *,
    page: Page,
    name: str,
    suffix: str = "",
    decimal_places: int = 2,
    tooltip: str = "",
    by: Actor,
    at: datetime,
) -> Metric:
    """Make a metric, or write one anew. Raises Refused naming the field."""
    page = lock(page)
    if not 0 <= decimal_places <= 5:  # noqa: PLR2004  (as Statuspage)
        raise Refused("decimal_places", "A number from 0 to 5.")
    metric = metric or Metric(page=page, created_at=at)
    metric.name, metric.suffix = checked_name("name", name), checked_line("suffix", suffix, limit=20)
    try:
        metric.tooltip = clean(tooltip, limit=500)
    except UncleanText as error:
        raise Refused("tooltip", str(error)) from error
    metric.decimal_places, metric.updated_at = decimal_places, at
    metric.save()
    _note(metric, "metric.saved", by=by, at=at)
    return metric


@transaction.atomic
def delete_metric(metric: Metric, *, by: Actor, at: datetime) -> None:
    """Throw a metric away with all its numbers."""
    lock(metric.page)
    _note(metric, "metric.deleted", by=by, at=at)
    metric.delete()


@transaction.atomic
def add_points(points: Mapping[Metric, Points], *, at: datetime) -> int:
    """Add numbers to one or more metrics, all of them or none; one for an instant that has a number replaces it.

    Raises Refused for too many, for what is no number, and for instants to come or long past.
    """
    if sum(map(len, points.values())) > MOST_AT_ONCE:
        raise Refused("data", f"Send {MOST_AT_ONCE:,} points at a time, no more.")
    rows: dict[tuple[int, datetime], MetricPoint] = {}
    for metric, series in points.items():
        for instant, value in series:
            _check_point(metric, instant, value, at=at)
            rows[metric.pk, instant] = MetricPoint(metric=metric, at=instant, value=value)
    MetricPoint.objects.bulk_create(
        rows.values(),
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["metric", "at"],
        update_fields=["value"],
    )
    return len(rows)


@transaction.atomic
def clear_points(metric: Metric, *, by: Actor, at: datetime) -> None:
    """Throw the numbers of a metric away; it stays."""
    metric.points.all().delete()
    _note(metric, "metric.cleared", by=by, at=at)


def forget_points(*, at: datetime) -> int:
    """Delete what is older than KEPT; how many."""
    return MetricPoint.objects.filter(at__lt=at - KEPT).delete()[0]


def _check_point(metric: Metric, instant: datetime, value: float, *, at: datetime) -> None:
    if not isfinite(value):
        raise Refused("value", f"{metric}: a value must be a finite number.")
    if not at - KEPT <= instant <= at + AHEAD:
        raise Refused(
            "timestamp", f"{metric}: {instant.isoformat()} lies ahead, or over {KEPT.days} days ago."
        )


def _note(metric: Metric, what: str, *, by: Actor, at: datetime) -> None:
    note(what, by=by, at=at, subject=f"metric {metric.code}", data={"name": metric.name}, page=metric.page)
