"""Results rolled up by the hour, and what is past its keep forgotten: in small steps that may be cut off anywhere."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from django.db import transaction
from django.db.models import Max, Min, QuerySet

from incidents.domain.outcomes import Health
from incidents.models import ProbeHour, ProbeResult

KEPT_RESULTS = timedelta(days=14)
KEPT_HOURS = timedelta(days=400)
HOUR = timedelta(hours=1)
MOST_HOURS = 400
"""So many hours in one go: the rest comes with the next, an hour later."""
STEP = 5000
"""Rows that are deleted in one statement."""


@dataclass
class _Sum:
    """What one probe measured in one hour."""

    healths: Counter[str] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)

    def row(self, probe: int, hour: datetime) -> ProbeHour:
        """The sums as they are kept."""
        times = self.milliseconds
        return ProbeHour(
            probe_id=probe,
            hour=hour,
            **{health.value: self.healths[health.value] for health in Health},
            fastest=min(times, default=None),
            median=round(median(times), 3) if times else None,
            slowest=max(times, default=None),
        )


def roll_up_hours(*, at: datetime) -> int:
    """Roll up each hour that is over at `at` and has results; returns how many.

    The newest that was rolled up is done again, for results that came late. An hour is written in one transaction, so
    that a process that dies leaves it undone and never half done.
    """
    done = 0
    last = ProbeHour.objects.aggregate(hour=Max("hour"))["hour"]
    hour = _next(ProbeResult.objects.filter(at__gte=last) if last else ProbeResult.objects.all())
    while hour is not None and hour + HOUR <= at and done < MOST_HOURS:
        _roll_up(hour)
        done += 1
        hour = _next(ProbeResult.objects.filter(at__gte=hour + HOUR))
    return done


def _next(results: "QuerySet[ProbeResult]") -> datetime | None:
    """The hour of the first of the results."""
    first: datetime | None = results.aggregate(at=Min("at"))["at"]
    return first.replace(minute=0, second=0, microsecond=0) if first else None


@transaction.atomic
def _roll_up(hour: datetime) -> None:
    sums: dict[int, _Sum] = defaultdict(_Sum)
    results = ProbeResult.objects.filter(at__gte=hour, at__lt=hour + HOUR).order_by()
    for probe, health, total in results.values_list("probe_id", "health", "times__total").iterator():
        sums[probe].healths[health] += 1
        if total is not None and health not in (Health.FAILED, Health.INCONCLUSIVE):
            sums[probe].milliseconds.append(float(total))
    ProbeHour.objects.bulk_create(
        [each.row(probe, hour) for probe, each in sums.items()],
        update_conflicts=True,
        unique_fields=["probe", "hour"],
        update_fields=[*(health.value for health in Health), "fastest", "median", "slowest"],
        batch_size=1000,
    )


def forget_old(*, at: datetime) -> int:
    """Delete results older than 14 days and hours older than 400, in small steps; returns how many rows went."""
    results = ProbeResult.objects.filter(at__lt=at - KEPT_RESULTS)
    hours = ProbeHour.objects.filter(hour__lt=at - KEPT_HOURS)
    return _forget(results) + _forget(hours)


def _forget(rows: "QuerySet[ProbeResult] | QuerySet[ProbeHour]") -> int:
    """Each step is a transaction of its own, so that no writer waits long for the lock."""
    gone = 0
    while pks := list(rows.order_by("pk").values_list("pk", flat=True)[:STEP]):
        gone += rows.filter(pk__in=pks).delete()[0]
    return gone
