"""While the wall clock is in doubt, what a probe concludes from a date says nothing: it is no failure of its target."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from incidents.domain.outcomes import Health, Outcome, health_of
from incidents.operations.beats import PASSIVE
from incidents.operations.results import Measured
from incidents.operations.system_clock import is_clock_doubted
from incidents.probes.results import Result

DATED = frozenset({Outcome.TLS_VERIFY, Outcome.BAD_CERTIFICATE})
"""A certificate that has expired, or is not valid yet, by our own clock."""
_WORDS = "not judged: the clock of the monitoring host was set and is not confirmed yet"


def excuse_dated(measured: Sequence[Measured], *, at: datetime) -> list[Measured]:
    """The results; those that a date made bad are inconclusive ones while the clock is in doubt.

    Those are certificates, and heartbeats that have not come for a time that may not have passed.
    """
    if not any(_is_dated(each) for each in measured) or not is_clock_doubted(at=at):
        return list(measured)
    return [replace(each, result=_not_judged(each)) if _is_dated(each) else each for each in measured]


def _is_dated(measured: Measured) -> bool:
    result, kind = measured.result, measured.probe.kind
    if result.health in (Health.OK, Health.INCONCLUSIVE):
        return False
    return (
        result.outcome in DATED
        or kind == "tls_certificate"
        or (kind in PASSIVE and result.outcome == Outcome.TIMEOUT)
    )


def _not_judged(measured: Measured) -> Result:
    result = measured.result
    outcome = Outcome.INTERNAL
    words = f"{_WORDS} ({result.outcome.value}: {result.detail})"
    return replace(result, outcome=outcome, health=health_of(outcome), detail=words)
