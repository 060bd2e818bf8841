"""Running probes: one, or thousands under the caps of DESIGN 9; what goes wrong in here is a result too."""

import asyncio
import resource
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from incidents.domain.outcomes import Outcome
from incidents.probes.config import ConfigError, build
from incidents.probes.evidence import Evidence
from incidents.probes.held_up import watched
from incidents.probes.kind import Cost, Kind
from incidents.probes.kinds import KINDS
from incidents.probes.resolving import PRIVATE_ALLOWED
from incidents.probes.results import Result

# A kind keeps its own deadline; this much later it is taken for stuck.
GRACE_SECONDS = 2.0
DEFAULT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Job:
    """One probe of a batch; `key` is the caller's own name for it.

    `private` says whether it may reach addresses of our own network. The options may hold a password. With a `fault`
    of ours it is not even tried.
    """

    key: str
    kind: str
    target: str
    options: Mapping[str, object] = field(default_factory=dict, repr=False)
    private: bool = True
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Caps:
    """How much of a batch may run at once (DESIGN 9).

    `handshakes` are TLS, over all targets. `connections` and `datagrams` count one facet of one endpoint: a
    server may die of a few simultaneous handshakes, while datagrams cost it no more than its customers' do. What
    is silent on one port or transport does not hold up another.
    """

    everywhere: int = 2000
    handshakes: int = 50
    connections: int = 2
    datagrams: int = 50


USUAL_CAPS = Caps()
SILENCE = frozenset({Outcome.TIMEOUT, Outcome.STALLED})
"""Outcomes that rest on a clock alone; a machine without time makes them by itself."""
SPARE_FILES = 200
"""For the database, the broker, logs and whatever else a process has open."""


def at_once(wanted: int) -> int:
    """How many probes may run at once: `wanted`, or as many as this process may have sockets.

    The soft limit is raised to the hard one first. A run that found no socket would be inconclusive, and many of them a
    page of services that nobody vouches for.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        soft = hard
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(1, min(wanted, soft - SPARE_FILES))


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: `every` so often results are handed over; nothing starts that might not end `within`."""

    every: float
    within: float


@dataclass(frozen=True, slots=True)
class _Ready:
    """A job whose kind and options are known to be good."""

    kind: Kind
    target: str
    config: Any
    private: bool

    @property
    def deadline(self) -> float:
        """The seconds that the kind gives itself."""
        return float(getattr(self.config, "deadline_seconds", DEFAULT_SECONDS))

    @property
    def at_most(self) -> float:
        """The seconds after which it has ended, by itself or by us."""
        return self.deadline + GRACE_SECONDS


async def run(kind: str, target: str, options: Mapping[str, object]) -> Result:
    """Probe once; only a cancellation is raised, the probe's own faults become the outcome *internal*."""
    ready = _prepare(Job("", kind, target, options))
    return ready if isinstance(ready, Result) else await _run(ready)


async def run_batch(jobs: Sequence[Job], *, caps: Caps = USUAL_CAPS) -> list[Result]:
    """Run every job, however long it takes, and give their results in the same order."""
    gates = _Gates(caps)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(gates.run(job)) for job in jobs]
    return [task.result() for task in tasks]


async def run_slices(
    jobs: Sequence[Job], *, pace: Pace, caps: Caps = USUAL_CAPS
) -> AsyncGenerator[dict[str, Result], None]:
    """Hand over, by their jobs' keys, the results that have come since the last time.

    A slice may be empty. A job whose key never comes was not started, because its turn came too late.
    """
    gates = _Gates(caps, within=pace.within)
    running = {asyncio.create_task(gates.run(job)): job.key for job in jobs}
    try:
        while running:
            finished, _ = await asyncio.wait(running, timeout=pace.every)
            ended = {running.pop(task): task for task in finished}
            yield {
                key: task.result()
                for key, task in ended.items()
                if not isinstance(task.exception(), _TooLate)
            }
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


class _TooLate(Exception):
    """A job's turn did not come while it could still have ended in time."""


class _Gates:
    """The permits of one batch, and until when they are worth waiting for."""

    def __init__(self, caps: Caps, *, within: float | None = None) -> None:
        self._everywhere = asyncio.Semaphore(caps.everywhere)
        self._handshakes = asyncio.Semaphore(caps.handshakes)
        self._endpoints: dict[tuple[str, int, str], asyncio.Semaphore] = {}
        self._caps = caps
        self._ends = None if within is None else asyncio.get_running_loop().time() + within

    async def run(self, job: Job) -> Result:
        """Run `job` when its turn comes; its deadline starts only then.

        Raises:
            _TooLate: it did not come in time.
        """
        ready = _prepare(job)
        if isinstance(ready, Result):
            return ready
        async with AsyncExitStack() as permits:
            try:
                async with asyncio.timeout_at(None if self._ends is None else self._ends - ready.at_most):
                    for permit in self._permits(ready):
                        await permits.enter_async_context(permit)
            except TimeoutError:
                raise _TooLate from None
            return await _run(ready)

    def _permits(self, ready: _Ready) -> Iterator[asyncio.Semaphore]:
        """The narrowest first, so that nobody holds a wide permit while waiting for a narrow one."""
        kind, config = ready.kind, ready.config
        cost = kind.cost(config)
        if cost != Cost.NOTHING:
            place = (*kind.endpoint(ready.target, config), kind.facet(config))
            width = self._caps.datagrams if cost == Cost.DATAGRAM else self._caps.connections
            yield self._endpoints.setdefault(place, asyncio.Semaphore(width))
        if cost == Cost.HANDSHAKE:
            yield self._handshakes
        yield self._everywhere


def _prepare(job: Job) -> _Ready | Result:
    if job.fault:
        return Evidence().result(Outcome.INTERNAL, job.fault)
    kind = KINDS.get(job.kind)
    if kind is None:
        return Evidence().result(Outcome.INTERNAL, f"no such kind of probe: {job.kind}")
    try:
        kind.check_target(job.target)
        return _Ready(kind, job.target, build(kind.config, job.options), job.private)
    except ConfigError as error:
        return Evidence().result(Outcome.INTERNAL, str(error))
    except Exception as error:  # noqa: BLE001  (options that nobody foresaw are one probe's fault, not the batch's)
        return Evidence().result(
            Outcome.INTERNAL, f"its options cannot be used: {type(error).__name__}: {error}"
        )


async def _run(ready: _Ready) -> Result:
    PRIVATE_ALLOWED.set(ready.private)  # of this task alone: each job has one of its own
    try:
        with watched() as ourselves:
            async with asyncio.timeout(ready.at_most):
                result = await ready.kind.probe(ready.target, ready.config)
            late = ourselves.held_up_for
    except TimeoutError:
        return Evidence().result(Outcome.INTERNAL, f"the probe overran its deadline of {ready.deadline:g} s")
    except Exception as error:  # noqa: BLE001  (a fault of ours must never read as one of the target's)
        return Evidence().result(Outcome.INTERNAL, f"the probe failed: {type(error).__name__}: {error}")
    if late and result.outcome in SILENCE:
        words = f"the prober itself was held up for {late:.1f} s, so that silence says nothing"
        return Evidence().result(Outcome.INTERNAL, words)
    return result
