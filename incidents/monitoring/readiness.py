"""Whether what the pages say can be believed: database, broker, and each engine's sign of life (DESIGN 6)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import current_app
from django.db.models import Min

from incidents.domain.pulses import Role
from incidents.domain.system_clocks import MAX_SKEW
from incidents.models import Probe, Pulse
from incidents.operations.system_clock import is_clock_doubted

GRACE = timedelta(seconds=15)
USUAL_INTERVAL = 30
"""Seconds; of an installation that probes nothing."""
BROKER_SECONDS = 1
CLOCK_DOUBTED = (
    "was set by more than an hour: deletion, giving up and timed announcements wait until it is confirmed"
)


@dataclass(frozen=True, slots=True)
class Readiness:
    """The words for each thing that was looked at; `silent` says since when each silent engine is silent."""

    checks: Mapping[str, str]
    is_ready: bool


def look(*, at: datetime) -> Readiness:
    """Look at everything; what cannot be looked at is not ready. Nothing is raised."""
    looks: Mapping[str, Callable[[datetime], dict[str, str]]] = {
        "database": _engines,
        "broker": _broker,
    }
    checks: dict[str, str] = {}
    for name, each in looks.items():
        try:
            checks |= {name: "ok", **each(at)}
        except Exception as error:  # noqa: BLE001  (whatever it is, it is not ready)
            checks[name] = f"cannot be reached: {type(error).__name__}"
    is_ready = all(words == "ok" for name, words in checks.items() if name != "clock")
    return Readiness(checks, is_ready)


def allowance() -> timedelta:
    """How old a sign of life may be: three of the shortest intervals that a page shows, and 15 s."""
    shortest = Probe.objects.filter(enabled=True, announces=True).aggregate(least=Min("interval_seconds"))[
        "least"
    ]
    return timedelta(seconds=3 * (shortest or USUAL_INTERVAL)) + GRACE


def ages(*, at: datetime) -> dict[Role, timedelta | None]:
    """How long ago each engine gave a sign of life; None for one that never did."""
    pulses = {pulse.role: pulse.at for pulse in Pulse.objects.all()}
    return {role: at - pulses[role.value] if role.value in pulses else None for role in Role}


def _engines(at: datetime) -> dict[str, str]:
    limit, found = allowance(), {}
    if is_clock_doubted(at=at):
        # For whoever watches. The pages can be believed all the same, so it takes no host out of service.
        found["clock"] = CLOCK_DOUBTED
    for role, age in ages(at=at).items():
        if age is None:
            found[role.value] = "has never run"
        elif age < -MAX_SKEW:
            found[role.value] = "unknown: its last sign of life lies in the future, so the clock was set back"
        elif age > limit:
            found[role.value] = f"silent since {at - age:%Y-%m-%d %H:%M:%S}Z"
        else:
            found[role.value] = "ok"
    return found


def _broker(at: datetime) -> dict[str, str]:
    del at
    quick = {
        "socket_timeout": BROKER_SECONDS
    }  # a broker that hangs is not waited for as long as a worker waits
    with current_app.connection_for_write(
        connect_timeout=BROKER_SECONDS, transport_options=quick
    ) as connection:
        connection.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
    return {}
