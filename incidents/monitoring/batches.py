"""One run of all probes that are due: claim, measure in one asyncio loop, write slice by slice, judge (DESIGN 9)."""

import gc
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from datetime import UTC, datetime

from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings

from incidents.domain.pulses import Role
from incidents.models import Probe
from incidents.monitoring import canary, heartbeat
from incidents.monitoring.clock_doubt import excuse_dated
from incidents.monitoring.verdicts import judge
from incidents.operations.credentials import LostKey
from incidents.operations.probes import options_of
from incidents.operations.results import Measured, claim_due, give_back, record_results
from incidents.probes.results import Result
from incidents.probes.running import Caps, Job, Pace, at_once, run_slices

log = logging.getLogger(__name__)

# A slice is a little longer than the usual deadline, so that a host that has died is judged in one piece. With 47 s
# in all, probes of the usual deadline start for 40 s, and the last results are written well within a lease.
RARE = (50_000, 20, 50)
"""The thresholds of `gc` during a run. With them a process of 5,000 silent probes stays below 200 MB."""
USUAL_PACE = Pace(every=6.0, within=47.0)


def probe_due(*, at: datetime | None = None, pace: Pace = USUAL_PACE) -> int:
    """Run every probe that is due at `at` (now, without it) and return how many ran.

    Results are kept, judged and signalled as alive slice by slice; what could not start in time is given back and
    comes first in the next run. A process that dies in the middle leaves leases, which run out.
    """
    claimed_at = at or datetime.now(UTC)
    waiting = {str(probe.pk): probe for probe in _longest_due_first(claim_due(at=claimed_at))}
    claimed = len(waiting)

    def keep(results: Mapping[str, Result]) -> None:
        _keep([Measured(waiting.pop(key), result) for key, result in results.items()], at=at)

    if waiting:
        with _rare_collections():
            async_to_sync(_measure)([_job(probe) for probe in waiting.values()], pace, keep)
    if waiting:
        give_back(probes=list(waiting.values()), at=claimed_at)
    heartbeat.beat(Role.PROBES)
    return claimed - len(waiting)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Let the garbage collector look less often: among thousands of runs alive at once its looks cost half the time."""
    usual = gc.get_threshold()
    gc.set_threshold(*RARE)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


async def _measure(jobs: list[Job], pace: Pace, keep: Callable[[Mapping[str, Result]], None]) -> None:
    """Run the probes in a loop of their own; `keep` runs in the caller's thread, and holds up no probe."""
    slices = run_slices(jobs, pace=pace, caps=Caps(everywhere=at_once(settings.PROBE_CONCURRENCY)))
    async with aclosing(slices):
        async for results in slices:
            await sync_to_async(keep)(results)


def _keep(measured: list[Measured], *, at: datetime | None) -> None:
    if measured:
        done = at or datetime.now(UTC)
        measured = excuse_dated(canary.excused(measured), at=done)
        record_results(measured, at=done)
        judge({each.probe.component_id for each in measured}, at=done)
    heartbeat.beat(Role.PROBES)


def _longest_due_first(probes: list[Probe]) -> list[Probe]:
    """Fair to what was given back: a failing probe is due again so soon that it would always come before it."""
    return sorted(probes, key=lambda probe: probe.next_due)


def _job(probe: Probe) -> Job:
    options, fault = {}, ""
    try:
        options = options_of(probe)
    except LostKey as error:
        fault = str(error)
    except Exception as error:  # what is stored of one probe, however broken, stops no other
        log.exception("a probe's options could not be read", extra={"probe": probe.pk})
        fault = f"its options could not be read: {type(error).__name__}"
    return Job(str(probe.pk), probe.kind, probe.target, options, probe.allows_private, fault)
