"""The kind `sip_options`: does a SIP server answer OPTIONS over this transport (RFC 3261 section 11)?"""

from dataclasses import dataclass, field

from incidents.probes.config import Names, described
from incidents.probes.evidence import Evidence
from incidents.probes.kind import Cost, Kind
from incidents.probes.results import Result
from incidents.probes.sip_exchange import COSTS, Exchange, Route, Transport
from incidents.probes.sip_targets import read_target
from incidents.probes.sip_verdicts import failure, read_codes, verdict
from incidents.sip.errors import SipFailure
from incidents.sip.requests import options
from incidents.sip.resolution import Family
from incidents.sip.tls import TlsSettings


@dataclass(frozen=True, slots=True)
class Config:
    """The options of `sip_options`."""

    transport: Transport = field(
        default="udp",
        metadata=described(
            "How customers reach the server. Probe each apart: UDP may answer while TLS is dead."
        ),
    )
    deadline_seconds: float = field(
        default=5.0,
        metadata=described(
            "The time for everything, from the name to the last byte.", minimum=0.5, maximum=30
        ),
    )
    server_name: str = field(
        default="",
        metadata=described("TLS: the domain to be proved, also sent as SNI. Empty: the target's own host."),
    )
    ca_file: str = field(
        default="",
        metadata=described(
            "TLS: a PEM file on the prober of issuers to trust as well.", maximum=1024, names=Names.FILE
        ),
    )
    verify_tls: bool = field(
        default=True,
        metadata=described("TLS: check the certificate's chain, dates and name. Off: any will do."),
    )
    expected_codes: str = field(
        default="2xx",
        metadata=described("Reply codes or classes that are healthy, such as 2xx or 200, 404."),
    )
    family: Family = field(default="any", metadata=described("Which addresses of the target's name to use."))

    def __post_init__(self) -> None:
        """Refuse codes that are none."""
        read_codes("expected_codes", self.expected_codes)


def check_target(target: str) -> None:
    """Raise `ConfigError` for a target that is none."""
    read_target(target)


def facet(config: Config) -> str:
    """The transport, as people say it."""
    return config.transport.upper()


def service(config: Config) -> str:
    """What customers lose when it fails."""
    return f"SIP over {config.transport.upper()}"


def endpoint(target: str, config: Config) -> tuple[str, int]:
    """Host and port, however the target is written."""
    place = read_target(target)
    return place.host.lower(), place.port_over(config.transport)


def cost(config: Config) -> Cost:
    """What a run costs the server."""
    return COSTS[config.transport]


async def probe(target: str, config: Config) -> Result:
    """Ask once.

    Raises:
        ConfigError: the target is none.
    """
    evidence = Evidence()
    place = read_target(target)
    settings = TlsSettings(config.server_name or place.host, config.verify_tls, config.ca_file)
    route = Route(config.transport, config.family, settings, config.deadline_seconds)
    exchange = Exchange(place, route, evidence)
    try:
        answer = await exchange.ask(lambda over, local: options(place.uri, transport=over, local=local))
    except SipFailure as error:
        return failure(
            evidence, error, retransmissions=exchange.retransmissions, subject=settings.server_name
        )
    return verdict(evidence, answer, read_codes("expected_codes", config.expected_codes))


KIND = Kind(
    "sip_options",
    "SIP OPTIONS",
    Config,
    probe,
    check_target,
    facet,
    service,
    endpoint,
    cost,
)
