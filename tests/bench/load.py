"""Load on one server at a time: wrk on its own core for a moment, and what the server's CPU spent on it."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.bench.cores import LOAD_CORE, cpu_seconds, on
from tests.peers.programs import require

CONNECTIONS = 32
SECONDS = 1
ROUNDS = 5
_COUNT = re.compile(r"(\d+) requests in ")
_RATE = re.compile(r"Requests/sec:\s*([\d.]+)")
_ERRORS = re.compile(r"Socket errors|Non-2xx or 3xx responses")


@dataclass(frozen=True)
class Target:
    """One address of one server; `process` is the one that started all of it."""

    url: str
    process: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cost:
    """What a target cost: the server's CPU time in microseconds a request, and requests a second of the clock."""

    microseconds: float
    rate: float

    @property
    def per_core_second(self) -> float:
        """Requests that one core can answer in a second, were it to do nothing else."""
        return 1e6 / self.microseconds


def costs(targets: Sequence[Target]) -> list[Cost]:
    """The median cost of each target; a round loads all of them one after the other, so that all see the same day."""
    rounds = [[load(target) for target in targets] for _ in range(ROUNDS)]
    return [
        Cost(median(cost.microseconds for cost in found), median(cost.rate for cost in found))
        for found in zip(*rounds, strict=True)
    ]


def load(target: Target) -> Cost:
    """One round of one target. Fails for any answer that is an error, and for any connection that breaks."""
    headers = [word for name, value in target.headers.items() for word in ("-H", f"{name}: {value}")]
    command = [require("wrk", "wrk"), "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *headers, target.url]
    before = cpu_seconds(target.process)
    said = subprocess.run(
        on(LOAD_CORE, *command), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    ).stdout
    spent = cpu_seconds(target.process) - before
    count, rate = _COUNT.search(said), _RATE.search(said)
    assert count and rate and not _ERRORS.search(said), said
    return Cost(spent / int(count[1]) * 1e6, float(rate[1]))
