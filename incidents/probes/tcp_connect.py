"""The kind `tcp_connect`: does a TCP port accept, and, if asked for, say what it should?"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from incidents.domain.outcomes import Outcome
from incidents.probes.config import ConfigError, described
from incidents.probes.dialling import dial
from incidents.probes.evidence import Evidence
from incidents.probes.kind import Cost, Kind
from incidents.probes.resolving import resolve_target
from incidents.probes.results import Result
from incidents.probes.sip_targets import read_target
from incidents.probes.sip_verdicts import failure
from incidents.sip.errors import Refused, SipFailure
from incidents.sip.resolution import Family

MOST_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Config:
    """The options of `tcp_connect`."""

    send: str = field(default="", metadata=described("A line to send once connected. Empty: nothing."))
    expect: str = field(
        default="",
        metadata=described(
            f"Text that the first {MOST_BYTES} bytes must contain. Empty: to accept is enough."
        ),
    )
    deadline_seconds: float = field(
        default=5.0, metadata=described("The time for everything.", minimum=0.5, maximum=30)
    )
    family: Family = field(default="any", metadata=described("Which addresses of the target's name to use."))


def check_target(target: str) -> None:
    """Raise `ConfigError` for what is no host:port."""
    if read_target(target).port is None:
        raise ConfigError("target", "names no port; write host:port")


def facet(config: Config) -> str:
    """What tells it from its neighbours."""
    del config
    return "TCP port"


def service(config: Config) -> str:
    """What customers lose when it fails."""
    del config
    return "TCP connections"


def endpoint(target: str, config: Config) -> tuple[str, int]:
    """Host and port, however the target is written."""
    del config
    place = read_target(target)
    return place.host.lower(), place.port or 0


def cost(config: Config) -> Cost:
    """What a run costs the server."""
    del config
    return Cost.CONNECTION


async def probe(target: str, config: Config) -> Result:
    """Connect once.

    Raises:
        ConfigError: the target is none.
    """
    check_target(target)
    evidence, place = Evidence(), read_target(target)
    deadline = asyncio.get_running_loop().time() + config.deadline_seconds
    try:
        found = await resolve_target(
            place.host, place.port or 0, family=config.family, evidence=evidence, deadline=deadline
        )
        connected, _ = await dial(found, evidence=evidence, deadline=deadline)
    except SipFailure as error:
        return failure(evidence, error)
    reader, writer = await asyncio.open_connection(sock=connected, limit=MOST_BYTES)
    try:
        return await _talk(reader, writer, config, evidence, deadline)
    finally:
        writer.transport.abort()


async def _talk(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    config: Config,
    evidence: Evidence,
    deadline: float,
) -> Result:
    if config.send:
        writer.write(config.send.encode() + b"\r\n")
    if not config.expect:
        return evidence.result(Outcome.OK, "accepted the connection")
    heard, wanted, ended = b"", config.expect.encode(), False
    with suppress(TimeoutError), evidence.timed("reply"):
        async with asyncio.timeout_at(deadline):
            while wanted not in heard and len(heard) < MOST_BYTES and not ended:
                try:
                    more = await reader.read(MOST_BYTES - len(heard))
                except OSError as error:
                    return failure(evidence, Refused((error.strerror or "connection lost").lower()))
                heard, ended = heard + more, not more
    evidence.note(f"received {heard[:200].decode('utf-8', 'replace')}")
    if wanted in heard:
        return evidence.result(Outcome.OK, f"said {config.expect}")
    if not heard and ended:
        return evidence.result(Outcome.REFUSED, "connection closed without a word")
    if not heard:
        return evidence.result(Outcome.STALLED, "accepted the connection, never said a word")
    return evidence.result(Outcome.WRONG_REPLY, f"said something else than {config.expect}")


KIND = Kind(
    "tcp_connect",
    "TCP port",
    Config,
    probe,
    check_target,
    facet,
    service,
    endpoint,
    cost,
)
