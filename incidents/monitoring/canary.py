"""When everything fails at once the fault may be our own uplink: a canary elsewhere tells (DESIGN 9)."""

from collections.abc import Sequence
from dataclasses import replace

from asgiref.sync import async_to_sync
from django.conf import settings

from incidents.domain.outcomes import Health, Outcome, health_of
from incidents.operations.results import Measured
from incidents.probes.results import Result
from incidents.probes.running import Job, run_batch

SECONDS = 3.0
_WORDS = "every target and every canary failed at once: our own uplink is taken to be the fault"


def excused(measured: Sequence[Measured]) -> list[Measured]:
    """The results, as inconclusive ones if all of them failed and every canary fails too.

    Without CANARY_TARGETS nothing is ever excused: an outage that we cannot tell from our own must be told.
    """
    conclusive = [each for each in measured if each.result.health != Health.INCONCLUSIVE]
    all_failed = bool(conclusive) and all(each.result.health == Health.FAILED for each in conclusive)
    if not all_failed or not settings.CANARY_TARGETS or _sings():
        return list(measured)
    return [replace(each, result=_of_ours(each.result)) for each in measured]


def _of_ours(result: Result) -> Result:
    if result.health == Health.INCONCLUSIVE:
        return result
    outcome = Outcome.INTERNAL
    return replace(
        result, outcome=outcome, health=health_of(outcome), detail=f"{_WORDS} ({result.outcome.value})"
    )


def _sings() -> bool:
    """Whether one canary at least answers: `sip:host` with OPTIONS over UDP, `host:port` by accepting TCP."""
    jobs = [_job(target) for target in settings.CANARY_TARGETS]
    results = async_to_sync(run_batch)(jobs)
    return any(result.health not in (Health.FAILED, Health.INCONCLUSIVE) for result in results)


def _job(target: str) -> Job:
    kind = "sip_options" if target.lower().startswith("sip:") else "tcp_connect"
    return Job(target, kind, target, {"deadline_seconds": SECONDS})
