"""What probes measure: claimed when due, recorded, and moved on from verdict to verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db import transaction

from incidents.domain.hysteresis import REPROBE, Track, step
from incidents.domain.journal import EventKind
from incidents.domain.outcomes import Health
from incidents.models import Probe, ProbeResult
from incidents.operations.actors import PROBES
from incidents.operations.journal import lock, record
from incidents.probes.results import Result

LEASE = timedelta(seconds=60)
"""Longer than any batch lasts: after it, a claim of a dead process is void."""
MEASURED = [
    *(field.name for field in fields(Track)),
    "last_at",
    "confirmed_at",
    "confirmed_outcome",
    "confirmed_code",
    "confirmed_subject",
    "last_outcome",
    "last_detail",
    "leased_until",
    "next_due",
]
"""What a result changes of a probe's row; its set-up is left to whoever edits it meanwhile."""
KEPT_RESULTS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Measured:
    """One result and the probe that it belongs to."""

    probe: Probe
    result: Result


@transaction.atomic
def claim_due(*, at: datetime, limit: int = 5000) -> list[Probe]:
    """Take what is due, so that two beats or two workers never run the same probe at once."""
    due = Probe.objects.due(at).select_related("component__page", "component__group")
    claimed = list(due.order_by("next_due").select_for_update(skip_locked=True, of=("self",))[:limit])
    Probe.objects.filter(pk__in=[probe.pk for probe in claimed]).update(leased_until=at + LEASE)
    return claimed


@transaction.atomic
def record_results(measured: Sequence[Measured], *, at: datetime) -> None:
    """Keep the evidence of a batch, move each probe's track on, and put it back into the schedule.

    A probe whose last results disagree with its verdict comes back after 5 s, and with it the other probes of its
    component, so that what is said of the component rests on evidence of one moment.
    """
    ProbeResult.objects.bulk_create([_result_row(each, at=at) for each in measured])
    fresh = Probe.objects.select_related("component__page").in_bulk([each.probe.pk for each in measured])
    uncertain: set[int] = set()
    turned: list[Probe] = []
    for each in measured:
        probe = fresh.get(each.probe.pk)
        if probe is None:
            continue  # deleted while it ran
        before = probe.verdict
        probe.track = step(probe.track, each.result.health, at=at, threshold=probe.threshold)
        if probe.verdict != before:
            turned.append(probe)
        _note(probe, each.result, at=at)
        if probe.track.is_uncertain:
            uncertain.add(probe.component_id)
        probe.save(update_fields=MEASURED)
    _journal_turns(turned, at=at)
    soon = at + REPROBE
    Probe.objects.filter(component__in=uncertain, enabled=True, next_due__gt=soon).update(next_due=soon)


def _note(probe: Probe, result: Result, *, at: datetime) -> None:
    """What staff see of the last run, what the page may vouch for, and when the next run is."""
    probe.last_at = at
    probe.last_outcome = result.outcome.value
    probe.last_detail = result.detail[:500]
    if result.health != Health.INCONCLUSIVE:
        probe.confirmed_at = at
        probe.confirmed_outcome = result.outcome.value
        probe.confirmed_code = result.code
        probe.confirmed_subject = result.subject
    probe.leased_until = None
    probe.next_due = at + _wait(probe)


def _journal_turns(turned: Sequence[Probe], *, at: datetime) -> None:
    """A changed verdict is shown on the page, so it is an event of the page. Pages are locked in one order."""
    for probe in sorted(turned, key=lambda each: (each.component.page_id, each.pk)):
        page = lock(probe.component.page)
        data = {"probe": probe.name, "verdict": probe.verdict, "found": probe.last_detail}
        record(page, EventKind.PROBE_CHANGED, by=PROBES, at=at, data=data)


def forget_old_results(*, at: datetime) -> int:
    """Delete evidence older than 14 days and return how many rows went."""
    deleted, _ = ProbeResult.objects.filter(at__lt=at - KEPT_RESULTS).delete()
    return deleted


def _wait(probe: Probe) -> timedelta:
    usual = timedelta(seconds=probe.interval_seconds)
    return min(usual, REPROBE) if probe.track.is_uncertain else usual


def _result_row(measured: Measured, *, at: datetime) -> ProbeResult:
    result = measured.result
    return ProbeResult(
        probe=measured.probe,
        at=at,
        outcome=result.outcome.value,
        health=result.health.value,
        detail=result.detail[:500],
        reply_code=result.code,
        server=result.server[:255],
        times=dict(result.times),
        facts=dict(result.facts),
        subject=result.subject[:255],
        retransmissions=result.retransmissions,
        trace=list(result.trace),
    )


@transaction.atomic
def give_back(*, probes: Sequence[Probe], at: datetime) -> None:
    """Void the claims of `at` on probes that were not run, so that the next run may take them at once.

    A lease of another time is another's, or one that was voided and taken again.
    """
    ours = Probe.objects.filter(pk__in=[probe.pk for probe in probes], leased_until=at + LEASE)
    ours.update(leased_until=None)
