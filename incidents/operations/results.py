"""What probes measure: claimed when due, recorded, and moved on from verdict to verdict."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from incidents.domain.hysteresis import RECENT, REPROBE, Track, step
from incidents.domain.journal import EventKind
from incidents.domain.outcomes import Health
from incidents.domain.schedules import LEASE, is_lost, next_slot
from incidents.models import Page, Probe, ProbeResult
from incidents.models.probes import TRACKED
from incidents.operations import bulk
from incidents.operations.actors import PROBES
from incidents.operations.journal import lock, record_unheard
from incidents.probes.results import Result

CONFIRMED = ("confirmed_at", "confirmed_outcome", "confirmed_code", "confirmed_subject")
"""What only a result that measured anything changes."""
MOVED = (*TRACKED, "latencies", "last_at", "last_outcome", "last_detail", "leased_until", "next_due")
"""What every result changes of a probe's row; its set-up is left to whoever edits it meanwhile."""
MEASURED = (*MOVED, *CONFIRMED)
READ = ("id", "code", "component_id", "threshold", "interval_seconds", "latencies", *TRACKED)
CLAIMED = (
    *("id", "component_id", "kind", "target", "config", "sealed", "allows_private", "next_due"),
    *("beaten_at", "beat_status"),
)
RESULT = [field.name for field in ProbeResult._meta.concrete_fields if not field.primary_key]


@dataclass(frozen=True, slots=True)
class Measured:
    """One result and the probe that it belongs to."""

    probe: Probe
    result: Result


@transaction.atomic
def claim_due(*, at: datetime, limit: int = 5000) -> list[Probe]:
    """Take what is due, so that two beats or two workers never run the same probe at once."""
    due = Probe.objects.due(at).order_by("next_due").select_for_update(skip_locked=True)
    claimed = list(due.only(*CLAIMED)[:limit])
    if claimed:
        Probe.objects.filter(pk__in=[probe.pk for probe in claimed]).update(leased_until=at + LEASE)
    return claimed


@transaction.atomic
def record_results(measured: Sequence[Measured], *, at: datetime) -> None:
    """Keep the evidence of a batch, move each probe's track on, and put it back into the schedule.

    A probe whose last results disagree with its verdict comes back after 5 s, and with it the other probes of its
    component, so that what is said of the component rests on evidence of one moment.
    """
    found = {each.probe.pk: each.result for each in measured}
    # Only what a result moves on: the set-up is left to whoever edits it meanwhile, a deleted probe stays deleted.
    rows = Probe.objects.filter(pk__in=found).select_for_update(of=("self",)).only(*READ)
    uncertain: set[int] = set()
    turned: list[Probe] = []
    moved: dict[int, Mapping[str, Any]] = {}
    confirmed: dict[int, Mapping[str, Any]] = {}
    for probe in rows:
        result, before = found[probe.pk], probe.verdict
        track = step(probe.track, result.health, at=at, threshold=probe.threshold)
        probe.track = track
        if probe.verdict != before:
            turned.append(probe)
        if track.is_uncertain:
            uncertain.add(probe.component_id)
        _note(probe, result, track, at=at)
        if result.health == Health.INCONCLUSIVE:
            moved[probe.pk] = {name: getattr(probe, name) for name in MOVED}
        else:
            confirmed[probe.pk] = {name: getattr(probe, name) for name in MEASURED}
    kept = (_result_row(pk, found[pk], at=at) for pk in (*moved, *confirmed))
    bulk.insert(ProbeResult, RESULT, kept)
    bulk.update(Probe, MOVED, moved)
    bulk.update(Probe, MEASURED, confirmed)
    _journal_turns(turned, at=at)
    if uncertain:
        soon = at + REPROBE
        Probe.objects.filter(component__in=uncertain, enabled=True, next_due__gt=soon).update(next_due=soon)


def _note(probe: Probe, result: Result, track: Track, *, at: datetime) -> None:
    """What staff see of the last run, what the page may vouch for, and when the next run is."""
    probe.last_at = at
    probe.last_outcome = result.outcome.value
    probe.last_detail = result.detail[:500]
    if result.health != Health.INCONCLUSIVE:
        probe.confirmed_at = at
        probe.confirmed_outcome = result.outcome.value
        probe.confirmed_code = result.code
        probe.confirmed_subject = result.subject
    probe.latencies = [*probe.latencies, _latency(result)][-RECENT:]
    probe.leased_until = None
    slot = next_slot(probe.code, timedelta(seconds=probe.interval_seconds), after=at)
    probe.next_due = min(slot, at + REPROBE) if track.is_uncertain else slot


def _latency(result: Result) -> float | None:
    """Milliseconds until an answer came, if one did."""
    if result.health in (Health.INCONCLUSIVE, Health.FAILED) and result.code is None:
        return None
    total = result.times.get("total")
    return None if total is None else round(total, 1)


def _journal_turns(turned: Sequence[Probe], *, at: datetime) -> None:
    """A changed verdict is shown on the page, so it is an event of the page. Pages are locked in one order."""
    if not turned:
        return
    named = Probe.objects.select_related("component__page").in_bulk([probe.pk for probe in turned])
    of_page: dict[Page, list[dict[str, Any]]] = defaultdict(list)
    for probe in sorted(turned, key=lambda each: each.pk):
        facts = {"probe": named[probe.pk].name, "verdict": probe.verdict, "found": probe.last_detail}
        of_page[named[probe.pk].component.page].append(facts)
    for page in sorted(of_page, key=lambda each: each.pk):
        record_unheard(lock(page), EventKind.PROBE_CHANGED, by=PROBES, at=at, data=of_page[page])


def _result_row(pk: int, result: Result, *, at: datetime) -> Mapping[str, Any]:
    return {
        "probe": pk,
        "at": at,
        "outcome": result.outcome.value,
        "health": result.health.value,
        "detail": result.detail[:500],
        "reply_code": result.code,
        "server": result.server[:255],
        "times": dict(result.times),
        "facts": dict(result.facts),
        "subject": result.subject[:255],
        "retransmissions": result.retransmissions,
        "trace": list(result.trace),
    }


@transaction.atomic
def mend_schedule(*, at: datetime) -> int:
    """Bring back runs that lie too far ahead because the clock was set back; returns how many."""
    ahead = Probe.objects.filter(enabled=True, next_due__gt=at + REPROBE).select_for_update(of=("self",))
    lost: dict[int, Mapping[str, Any]] = {}
    for probe in ahead.only("id", "code", "interval_seconds", "next_due").iterator():
        interval = timedelta(seconds=probe.interval_seconds)
        if is_lost(probe.next_due, interval, at=at):
            lost[probe.pk] = {"next_due": next_slot(probe.code, interval, after=at)}
    bulk.update(Probe, ["next_due"], lost)
    return len(lost)


@transaction.atomic
def give_back(*, probes: Sequence[Probe], at: datetime) -> None:
    """Void the claims of `at` on probes that were not run, so that the next run may take them at once.

    A lease of another time is another's, or one that was voided and taken again.
    """
    ours = Probe.objects.filter(pk__in=[probe.pk for probe in probes], leased_until=at + LEASE)
    ours.update(leased_until=None)
