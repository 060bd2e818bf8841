"""The kind `tls_certificate`: what does a TLS port show to each of its names, and until when is it good?

Identity is judged by RFC 5922, names are asked for by SNI (RFC 6066). What is refused is fetched a second time without
verifying, so that the evidence says why.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from incidents.probes import sip_options
from incidents.probes.config import ConfigError, Names, described
from incidents.probes.dialling import dial
from incidents.probes.evidence import Evidence
from incidents.probes.kind import Cost, Kind
from incidents.probes.resolving import resolve_target
from incidents.probes.results import Result
from incidents.probes.shown_certificates import Shown, expected_now, judge, read_shown
from incidents.probes.sip_targets import TLS_PORT, read_target
from incidents.probes.sip_verdicts import failure
from incidents.probes.sni_sweep import Sweep
from incidents.sip.errors import HandshakeFailed, NoReply, Refused, SipFailure, Stalled
from incidents.sip.flaws import LADDER
from incidents.sip.resolution import Endpoint, Family
from incidents.sip.tls import TlsSettings

MOST_DOMAINS = 2000
MAX_LABEL = 63
_EXPLAINED = 5
_NO_USE_TO_LOOK = (Refused, NoReply, Stalled)


@dataclass(frozen=True, slots=True)
class Config:
    """The options of `tls_certificate`."""

    server_name: str = field(
        default="",
        metadata=described("The domain to be proved, also sent as SNI. Empty: the target's own host."),
    )
    domains: tuple[str, ...] = field(
        default=(),
        metadata=described(
            "Customer domains to ask for as well, each by SNI, one a line; two at a time.", most=MOST_DOMAINS
        ),
    )
    ca_file: str = field(
        default="",
        metadata=described(
            "A PEM file on the prober of issuers to trust as well.", maximum=1024, names=Names.FILE
        ),
    )
    verify_tls: bool = field(
        default=True,
        metadata=described(
            "Whether chain, dates and name must hold. If not, all that is wrong is a warning."
        ),
    )
    warn_days: int = field(
        default=LADDER[0],
        metadata=described(
            "From so many days before its end a certificate is a warning, again at 14, 7, 3 and 1.",
            minimum=1,
            maximum=365,
        ),
    )
    min_tls: Literal["1.2", "1.3"] = field(
        default="1.2", metadata=described("A server that speaks older versions of TLS only is a warning.")
    )
    deadline_seconds: float = field(
        default=10.0, metadata=described("The time for everything.", minimum=0.5, maximum=40)
    )
    family: Family = field(default="any", metadata=described("Which addresses of the target's name to use."))

    def __post_init__(self) -> None:
        """Refuse domains that are none."""
        for place, names in (("server_name", (self.server_name,)), ("domains", self.domains)):
            for name in filter(None, names):
                _check_domain(place, name)


def _check_domain(place: str, name: str) -> None:
    try:
        named = read_target(name)
    except ConfigError as error:
        raise ConfigError(place, f"{name[:60]}: {error.message}") from error
    if named.port or named.user or any(len(label) > MAX_LABEL for label in named.host.split(".")):
        raise ConfigError(place, f"{name[:60]}: must be a domain alone")


def facet(config: Config) -> str:
    """What tells it from its neighbours."""
    return "Certificates" if config.domains else "Certificate"


def service(config: Config) -> str:
    """What customers lose when it fails."""
    del config
    return "TLS"


def endpoint(target: str, config: Config) -> tuple[str, int]:
    """Host and port, however the target is written."""
    del config
    place = read_target(target)
    return place.host.lower(), place.port_over("tls")


def cost(config: Config) -> Cost:
    """What a run costs the server."""
    del config
    return Cost.HANDSHAKE


async def probe(target: str, config: Config) -> Result:
    """Shake hands for each name.

    Raises:
        ConfigError: the target is none.
    """
    evidence = Evidence()
    place = read_target(target)
    named = (config.server_name,) if config.server_name else () if config.domains else (place.host,)
    names = tuple(dict.fromkeys((*named, *config.domains)))
    deadline = asyncio.get_running_loop().time() + config.deadline_seconds
    expected = expected_now(warn_days=config.warn_days, min_tls=config.min_tls)
    try:
        found = await resolve_target(
            place.host, place.port or TLS_PORT, family=config.family, evidence=evidence, deadline=deadline
        )
        endpoint = await _first(found, evidence, deadline)
        settings = TlsSettings(names[0], config.verify_tls, config.ca_file)
        sweep = Sweep(endpoint, settings, deadline=deadline)
        with evidence.timed("tls"):
            answers = await sweep.ask(names)
        shown = {name: read_shown(answer, name, expected) for name, answer in answers.items()}
        shown |= await _explain(sweep, shown, evidence)
    except SipFailure as error:
        return failure(evidence, error, subject=names[0])
    return judge(evidence, shown, names, expected)


async def _first(found: Sequence[Endpoint], evidence: Evidence, deadline: float) -> Endpoint:
    """The first address that accepts: all names are asked for there."""
    if len(found) == 1:
        return found[0]
    connected, endpoint = await dial(found, evidence=evidence, deadline=deadline)
    connected.close()
    return endpoint


async def _explain(sweep: Sweep, shown: Mapping[str, Shown], evidence: Evidence) -> Mapping[str, Shown]:
    """The trace: what a good name was shown, and of a few bad ones what a client that takes anything would see."""
    good = next((each for each in shown.values() if each.certificate), None)
    for line in good.lines if good else ():
        evidence.note(line)
    explained = dict(shown)
    bad = [(name, each.error) for name, each in shown.items() if each.error is not None]
    for place, (name, error) in enumerate(bad):
        evidence.note(f"{name}: {error}")
        if place < _EXPLAINED and not isinstance(error, _NO_USE_TO_LOOK):
            explained[name] = Shown(error=await _second_look(sweep, name, error, evidence))
    for name, each in shown.items():
        if each.findings:
            evidence.note(f"{name}: {each.words}")
    return explained


async def _second_look(sweep: Sweep, name: str, error: SipFailure, evidence: Evidence) -> SipFailure:
    """Note what there is to see; the error, with what it leaves open said."""
    try:
        secured = await sweep.look(name)
    except TimeoutError:
        return error
    except SipFailure as again:
        evidence.note(f"second look: {again}")
        return error
    seen = read_shown(secured, name, expected_now(warn_days=1, min_tls="1.2"))
    for place, line in enumerate((*seen.lines, *(finding.words for finding in seen.findings))):
        evidence.note(line if place else f"second look: {line}")
    if isinstance(error, HandshakeFailed):
        return HandshakeFailed(f"{error}; the server speaks {secured.version} {secured.cipher} at best")
    return error


KIND = Kind(
    "tls_certificate",
    "TLS certificates",
    Config,
    probe,
    sip_options.check_target,
    facet,
    service,
    endpoint,
    cost,
    interval=300,
)
