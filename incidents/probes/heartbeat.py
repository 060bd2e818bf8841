"""The kind `heartbeat`: the monitored thing calls us, and its silence is what we find.

It is for what cannot be asked from outside: a nightly job, a registrar's replication, a gateway behind NAT.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from incidents.domain.outcomes import Outcome
from incidents.domain.system_clocks import MAX_SKEW
from incidents.probes.config import ConfigError, described
from incidents.probes.evidence import Evidence
from incidents.probes.kind import Cost, Kind
from incidents.probes.results import Result
from incidents.probes.sip_targets import read_target


@dataclass(frozen=True, slots=True)
class Config:
    """The options of `heartbeat`."""

    period_seconds: int = field(
        default=60, metadata=described("How often it calls.", minimum=5, maximum=604_800)
    )
    grace_seconds: int = field(
        default=30, metadata=described("How late a call may come.", minimum=0, maximum=86_400)
    )
    beaten_at: str = field(
        default="",
        metadata=described("When it last called, as ISO 8601; filled in by monitoring.", hidden=True),
    )
    beat_status: int = field(
        default=0,
        metadata=described(
            "The exit status that came with the call; filled in by monitoring.",
            minimum=0,
            maximum=255,
            hidden=True,
        ),
    )

    def __post_init__(self) -> None:
        """Refuse an instant that is none."""
        try:
            called = datetime.fromisoformat(self.beaten_at) if self.beaten_at else None
        except ValueError as error:
            raise ConfigError("beaten_at", "must be an instant as ISO 8601") from error
        if called is not None and called.tzinfo is None:
            raise ConfigError("beaten_at", "must name its offset from UTC")


def check_target(target: str) -> None:
    """Raise `ConfigError` for what is no host: the machine that calls, so that its faults are known as one."""
    read_target(target)


def facet(config: Config) -> str:
    """What tells it from its neighbours."""
    del config
    return "Heartbeat"


def service(config: Config) -> str:
    """What customers know it as."""
    del config
    return "The heartbeat"


def endpoint(target: str, config: Config) -> tuple[str, int]:
    """The machine that calls; it is never dialled."""
    del config
    return read_target(target).host.lower(), 0


def cost(config: Config) -> Cost:
    """Nothing: we only listen."""
    del config
    return Cost.NOTHING


async def probe(target: str, config: Config) -> Result:
    """Look at when it last called.

    Raises:
        ConfigError: the target is none.
    """
    check_target(target)
    evidence = Evidence()
    if not config.beaten_at:
        return evidence.result(Outcome.INTERNAL, "it has not called yet")
    called = datetime.fromisoformat(config.beaten_at)
    ago = datetime.now(UTC) - called
    evidence.note(f"last call {called:%b %d, %Y - %H:%M:%S UTC}, exit status {config.beat_status}")
    evidence.fact("seconds_ago", max(0.0, ago.total_seconds()))
    if ago < -MAX_SKEW:
        return evidence.result(Outcome.INTERNAL, "its last call lies in the future: the clock was set back")
    if ago > timedelta(seconds=config.period_seconds + config.grace_seconds):
        words = f"no call since {called:%b %d, %H:%M:%S UTC}, expected every {config.period_seconds} s"
        return evidence.result(Outcome.TIMEOUT, words)
    if config.beat_status:
        words = f"called with exit status {config.beat_status}"
        return evidence.result(Outcome.ERROR_CODE, words, code=config.beat_status)
    return evidence.result(Outcome.OK, f"called {max(0, int(ago.total_seconds()))} s ago")


KIND = Kind(
    "heartbeat",
    "Heartbeat",
    Config,
    probe,
    check_target,
    facet,
    service,
    endpoint,
    cost,
    passive=True,
)
