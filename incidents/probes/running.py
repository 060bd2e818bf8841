"""Running probes: one, or thousands under the caps of DESIGN 9; what goes wrong in here is a result too."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from incidents.domain.outcomes import Outcome
from incidents.probes.config import ConfigError, build
from incidents.probes.evidence import Evidence
from incidents.probes.kinds import KINDS, Kind
from incidents.probes.results import Result
from incidents.probes.targets import host_of

# A kind keeps its own deadline; this much later it is taken for stuck.
GRACE_SECONDS = 2.0
DEFAULT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Job:
    """One probe of a batch; `key` is the caller's own name for it."""

    key: str
    kind: str
    target: str
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A job whose kind and options are known to be good."""

    kind: Kind
    target: str
    config: Any


async def run(kind: str, target: str, options: Mapping[str, object]) -> Result:
    """Probe once; only a cancellation is raised, the probe's own faults become the outcome *internal*."""
    ready = _prepare(kind, target, options)
    return ready if isinstance(ready, Result) else await _run(ready)


async def run_batch(
    jobs: Sequence[Job], *, concurrency: int = 2000, tls: int = 50, per_target: int = 2
) -> list[Result]:
    """Run every job and give their results in the same order.

    At most `concurrency` run at once, at most `tls` of those with a TLS handshake, and at most `per_target` of
    one facet on one host: a host that is dead over UDP does not hold up its own TLS probe, and no server meets
    more than that many of our handshakes at a time. A probe's deadline starts when it may run.
    """
    everywhere, handshakes = asyncio.Semaphore(concurrency), asyncio.Semaphore(tls)
    places: defaultdict[tuple[str, str], asyncio.Semaphore] = defaultdict(
        lambda: asyncio.Semaphore(per_target)
    )

    async def one(job: Job) -> Result:
        ready = _prepare(job.kind, job.target, job.options)
        if isinstance(ready, Result):
            return ready
        # The narrowest first, so that nobody holds a wide permit while waiting for a narrow one.
        async with places[host_of(job.target), ready.kind.facet(ready.config)]:
            if not ready.kind.handshakes(ready.config):
                async with everywhere:
                    return await _run(ready)
            async with handshakes, everywhere:
                return await _run(ready)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(job)) for job in jobs]
    return [task.result() for task in tasks]


def _prepare(kind: str, target: str, options: Mapping[str, object]) -> _Ready | Result:
    chosen = KINDS.get(kind)
    if chosen is None:
        return Evidence().result(Outcome.INTERNAL, f"no such kind of probe: {kind}")
    try:
        chosen.check_target(target)
        return _Ready(chosen, target, build(chosen.config, options))
    except ConfigError as error:
        return Evidence().result(Outcome.INTERNAL, str(error))


async def _run(ready: _Ready) -> Result:
    seconds = getattr(ready.config, "deadline_seconds", DEFAULT_SECONDS)
    try:
        async with asyncio.timeout(seconds + GRACE_SECONDS):
            return await ready.kind.probe(ready.target, ready.config)
    except TimeoutError:
        return Evidence().result(Outcome.INTERNAL, f"the probe overran its deadline of {seconds:g} s")
    except Exception as error:  # noqa: BLE001  (a fault of ours must never read as one of the target's)
        return Evidence().result(Outcome.INTERNAL, f"the probe failed: {type(error).__name__}: {error}")
