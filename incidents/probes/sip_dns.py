"""The kind `sip_dns`: where does a SIP domain lead, and does every server that it names answer (RFC 3263)?"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from incidents.domain.outcomes import Outcome
from incidents.probes import sip_options
from incidents.probes.config import ConfigError, Names, described
from incidents.probes.evidence import Evidence
from incidents.probes.held_up import HELD_UP_SECONDS
from incidents.probes.kind import Cost, Kind
from incidents.probes.resolving import allowed, resolve_target
from incidents.probes.results import Result
from incidents.probes.sip_exchange import Exchange, Route
from incidents.probes.sip_names import Over, Server, SipNames, named_resolver, system_resolver
from incidents.probes.sip_targets import SipTarget, read_target
from incidents.probes.sip_verdicts import failure
from incidents.sip.errors import LocalFault, NotResolved, SipFailure
from incidents.sip.requests import options
from incidents.sip.resolution import Endpoint, Family, is_ip
from incidents.sip.tls import TlsSettings

DNS_PORT = 53
_AT_ONCE = 2
_ALL: tuple[Over, ...] = ("udp", "tcp", "tls")
_REQUEST_TIMEOUT, _SERVER_ERROR = 408, 500


@dataclass(frozen=True, slots=True)
class Config:
    """The options of `sip_dns`."""

    transport: Literal["any", "udp", "tcp", "tls"] = field(
        default="any", metadata=described("Which services of the domain to follow.")
    )
    expected_targets: tuple[str, ...] = field(
        default=(),
        metadata=described("host:port of each server that must be named, one a line. Empty: any will do."),
    )
    ask_targets: bool = field(
        default=True, metadata=described("Whether to send OPTIONS to every server that is named.")
    )
    resolver: str = field(
        default="",
        metadata=described(
            "The address of the name server to ask. Empty: the system's resolvers.", names=Names.ADDRESS
        ),
    )
    deadline_seconds: float = field(
        default=5.0, metadata=described("The time for everything.", minimum=0.5, maximum=30)
    )
    ca_file: str = field(
        default="", metadata=described("TLS: a PEM file of issuers to trust.", maximum=1024, names=Names.FILE)
    )
    verify_tls: bool = field(default=True, metadata=described("TLS: check the certificate for the domain."))
    family: Family = field(default="any", metadata=described("Which addresses to use."))

    def __post_init__(self) -> None:
        """Refuse servers that are none."""
        for name, values in (("resolver", [self.resolver]), ("expected_targets", self.expected_targets)):
            for value in filter(None, values):
                try:
                    place = read_target(value)
                except ConfigError as error:
                    raise ConfigError(name, f"{value[:60]}: {error.message}") from error
                if name == "resolver" and not is_ip(place.host):
                    raise ConfigError(name, "must be an IP address, with :port where it is not 53")


def facet(config: Config) -> str:
    """What tells it from its neighbours."""
    return "DNS" if config.transport == "any" else f"DNS {config.transport.upper()}"


def service(config: Config) -> str:
    """What customers lose when it fails."""
    del config
    return "The SIP domain in DNS"


def endpoint(target: str, config: Config) -> tuple[str, int]:
    """The domain; whose servers are asked is only known later."""
    del config
    place = read_target(target)
    return place.host.lower(), place.port or 0


def cost(config: Config) -> Cost:
    """What a run costs: mostly datagrams, each server being asked by one run once."""
    return Cost.DATAGRAM if config.transport in ("any", "udp") else Cost.CONNECTION


async def probe(target: str, config: Config) -> Result:
    """Look everything up and ask every server once.

    Raises:
        ConfigError: the target is none.
    """
    evidence, place = Evidence(), read_target(target)
    deadline = asyncio.get_running_loop().time() + config.deadline_seconds
    try:
        servers, ttl = await _find(place, config, evidence, deadline)
    except SipFailure as error:
        return failure(evidence, error)
    evidence.fact("targets", len(servers))
    if ttl is not None:
        evidence.fact("ttl_s", ttl)
    wrong = _differences(servers, config.expected_targets)
    asked = await _ask_all(servers, place, config, evidence, deadline) if config.ask_targets else {}
    if asyncio.get_running_loop().time() - deadline > HELD_UP_SECONDS:
        return failure(evidence, LocalFault("the prober itself was held up"))
    if not config.ask_targets and not wrong and all(server.endpoints for server in servers):
        evidence.fact("dead", 0)
        return evidence.result(Outcome.OK, f"leads to {len(servers)} server{'s' if len(servers) > 1 else ''}")
    return _judge(evidence, servers, asked, wrong)


async def _find(
    place: SipTarget, config: Config, evidence: Evidence, deadline: float
) -> tuple[Sequence[Server], int | None]:
    """By RFC 3263 section 4.2 an address or a port needs no NAPTR and no SRV."""
    overs: tuple[Over, ...] = _ALL if config.transport == "any" else (config.transport,)
    port = place.port_over(overs[0])
    if is_ip(place.host) or (place.port and not config.resolver):
        found = await resolve_target(
            place.host, port, family=config.family, evidence=evidence, deadline=deadline
        )
        return [Server(place.host, port, overs[0], found)], None
    names = _names(config, evidence, deadline)
    if not place.port:
        return await names.servers(place.host, overs, config.family), names.ttl
    found = await names.addresses(place.host, port, config.family)
    if not found:
        raise NotResolved(f"{place.host}: no address")
    return [Server(place.host, port, overs[0], found)], names.ttl


def _names(config: Config, evidence: Evidence, deadline: float) -> SipNames:
    if not config.resolver:
        return SipNames(system_resolver(), is_ours=True, evidence=evidence, deadline=deadline)
    named = read_target(config.resolver)
    (at,) = allowed((Endpoint(named.host, named.port or DNS_PORT),), host=named.host)
    return SipNames(named_resolver(at), is_ours=False, evidence=evidence, deadline=deadline)


def _differences(servers: Sequence[Server], expected: Sequence[str]) -> list[str]:
    if not expected:
        return []
    wanted = {(read_target(text).host.lower(), read_target(text).port) for text in expected}
    named = {(server.host.lower(), server.port) for server in servers}
    missing = [
        f"{host} is missing" for host, port in sorted(wanted, key=str) if not _is_in(host, port, named)
    ]
    extra = [
        f"{host}:{port} is new" for host, port in sorted(named) if not {(host, port), (host, None)} & wanted
    ]
    return missing + extra


def _is_in(host: str, port: int | None, named: set[tuple[str, int]]) -> bool:
    return any(host == other and port in (None, number) for other, number in named)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What became of asking one server: a failure, a code that says it is down, or an answer after retransmissions."""

    error: SipFailure | None = None
    down: str = ""
    retransmissions: int = 0

    @property
    def trouble(self) -> str:
        """What is wrong, in words; nothing if nothing is."""
        if self.error is not None:
            return str(self.error)
        times = self.retransmissions
        return self.down or (f"only after {times} retransmission{'s' if times > 1 else ''}" if times else "")


async def _ask_all(
    servers: Sequence[Server], place: SipTarget, config: Config, evidence: Evidence, deadline: float
) -> dict[Server, _Asked]:
    """Every server that has an address, all side by side, at most two at a time of one address."""
    turns: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_AT_ONCE))

    async def ask(server: Server) -> _Asked:
        async with turns[server.endpoints[0].ip]:
            return await _ask(server, place, config, evidence, deadline)

    living = [server for server in servers if server.endpoints]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ask(server)) for server in living]
    return {server: task.result() for server, task in zip(living, tasks, strict=True)}


async def _ask(
    server: Server, place: SipTarget, config: Config, evidence: Evidence, deadline: float
) -> _Asked:
    settings = TlsSettings(place.host, config.verify_tls, config.ca_file)
    left = deadline - asyncio.get_running_loop().time()
    exchange = Exchange(place, Route(server.over, config.family, settings, max(0.1, left)), evidence)
    try:
        response = await exchange.first(
            server.endpoints,
            lambda line: line.ask(options(place.uri, transport=line.transport, local=line.local)),
        )
    except SipFailure as error:
        evidence.note(f"{server}: {error}")
        return _Asked(error=error)
    if response.code == _REQUEST_TIMEOUT or response.code >= _SERVER_ERROR:
        return _Asked(down=f"{response.code} {response.reason}".strip())
    return _Asked(retransmissions=exchange.retransmissions)


def _judge(
    evidence: Evidence, servers: Sequence[Server], asked: dict[Server, _Asked], wrong: Sequence[str]
) -> Result:
    """Some dead is degraded, all dead is as the first of them; what we could not ask ourselves counts as neither."""
    dangling = [f"{server.host} has no address" for server in servers if not server.endpoints]
    ours = [each.error for each in asked.values() if isinstance(each.error, LocalFault)]
    failed = [each for each in asked.values() if each.down or (each.error and each.error not in ours)]
    dead = len(dangling) + len(failed)
    evidence.fact("dead", dead)
    if dead + len(ours) == len(servers):
        return _all_dead(evidence, failed, ours, dangling)
    troubles = [
        *wrong,
        *dangling,
        *(f"{server}: {each.trouble}" for server, each in asked.items() if each.trouble),
    ]
    retransmissions = sum(each.retransmissions for each in asked.values())
    if dead or wrong or retransmissions:
        return evidence.result(Outcome.DEGRADED, "; ".join(troubles), retransmissions=retransmissions)
    if ours:
        words = f"{len(servers) - len(ours)} of {len(servers)} servers answer, the others cannot be asked from here"
        return evidence.result(Outcome.OK, words)
    which = "1 server answers" if len(servers) == 1 else f"all {len(servers)} servers answer"
    return evidence.result(Outcome.OK, which)


def _all_dead(
    evidence: Evidence, failed: Sequence[_Asked], ours: Sequence[SipFailure], dangling: Sequence[str]
) -> Result:
    if not failed:
        return failure(evidence, NotResolved("; ".join(dangling)) if dangling else ours[0])
    if failed[0].error is not None:
        return failure(evidence, failed[0].error)
    return evidence.result(Outcome.ERROR_CODE, "; ".join(each.trouble for each in failed))


KIND = Kind(
    "sip_dns",
    "SIP domain (DNS)",
    Config,
    probe,
    sip_options.check_target,
    facet,
    service,
    endpoint,
    cost,
    interval=60,
)
