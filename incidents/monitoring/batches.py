"""One run of all probes that are due: claim, measure in one asyncio loop, write in bulk, judge (DESIGN 9)."""

import asyncio
from datetime import UTC, datetime

from django.conf import settings

from incidents.models import Probe
from incidents.monitoring import heartbeat
from incidents.monitoring.verdicts import judge
from incidents.operations.probes import Measured, claim_due, record_results
from incidents.probes.running import Job, run_batch


def probe_due(*, at: datetime | None = None) -> int:
    """Run every probe that is due at `at` (now, without it) and return how many ran.

    No row is touched while the loop runs. A process that dies in the middle leaves leases, which run out.
    """
    claimed = claim_due(at=at or datetime.now(UTC))
    if claimed:
        results = asyncio.run(
            run_batch([_job(probe) for probe in claimed], concurrency=settings.PROBE_CONCURRENCY)
        )
        done = at or datetime.now(UTC)
        measured = [Measured(probe, result) for probe, result in zip(claimed, results, strict=True)]
        record_results(measured, at=done)
        judge({probe.component_id for probe in claimed}, at=done)
    heartbeat.beat()
    return len(claimed)


def _job(probe: Probe) -> Job:
    return Job(key=str(probe.pk), kind=probe.kind, target=probe.target, options=probe.config)
