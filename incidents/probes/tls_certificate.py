"""The kind `tls_certificate`: what does a TLS port show to each of its names, and until when is it good?

Identity is judged by RFC 5922, names are asked for by SNI (RFC 6066). What is refused is fetched a second time without
verifying, so that the evidence says why.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from incidents.domain.outcomes import Outcome
from incidents.probes import sip_options
from incidents.probes.config import ConfigError, described
from incidents.probes.evidence import Evidence
from incidents.probes.kind import Cost, Kind
from incidents.probes.resolving import resolve_target
from incidents.probes.results import Result
from incidents.probes.sip_targets import TLS_PORT, read_target
from incidents.probes.sip_verdicts import failure
from incidents.probes.sni_sweep import shaking, sweep
from incidents.sip.certificate import Certificate, UnreadableCertificate, read_certificate
from incidents.sip.chains import key_words, leaf_flaws, read_chain
from incidents.sip.errors import NotResolved, SipFailure
from incidents.sip.flaws import LADDER, Finding, expiry
from incidents.sip.resolution import Endpoint, Family
from incidents.sip.tls import Secured, TlsSettings, look

MOST_DOMAINS = 2000
_EXPLAINED = 5
_NAMED = 3
_DAY = 86_400


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
        default="", metadata=described("A PEM file on the prober of issuers to trust as well.", maximum=1024)
    )
    warn_days: int = field(
        default=LADDER[0],
        metadata=described(
            "From so many days before its end a certificate is a warning, again at 14, 7, 3 and 1.",
            minimum=1,
            maximum=365,
        ),
    )
    deadline_seconds: float = field(
        default=10.0, metadata=described("The time for everything.", minimum=0.5, maximum=40)
    )
    family: Family = field(default="any", metadata=described("Which addresses of the target's name to use."))

    def __post_init__(self) -> None:
        """Refuse domains that are none."""
        for domain in (*self.domains, *filter(None, [self.server_name])):
            try:
                named = read_target(domain)
            except ConfigError as error:
                place = "domains" if domain in self.domains else "server_name"
                raise ConfigError(place, f"{domain[:60]}: {error.message}") from error
            if named.port or named.user:
                raise ConfigError("domains", f"{domain[:60]}: must be a domain alone")


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a name was shown: a certificate with what is odd about it, or a failure."""

    certificate: Certificate | None
    findings: tuple[Finding, ...]
    error: SipFailure | None


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
    try:
        found = await resolve_target(
            place.host, place.port or TLS_PORT, family=config.family, evidence=evidence, deadline=deadline
        )
        shown = await _ask(found, names, config, evidence, deadline)
        await _explain(found[0], shown, evidence, deadline)
    except SipFailure as error:
        return failure(evidence, error, subject=names[0])
    return _judge(evidence, shown, names)


async def _ask(
    found: Sequence[Endpoint], names: Sequence[str], config: Config, evidence: Evidence, deadline: float
) -> Mapping[str, _Shown]:
    """All names at the first address; a second is for those who connect once, which a sweep does not."""
    settings = TlsSettings(names[0], verify=True, ca_file=config.ca_file)
    with evidence.timed("tls"):
        left = deadline - asyncio.get_running_loop().time()
        answers = await sweep(names, shaking(found[0], settings, seconds=left), deadline=deadline)
    at = datetime.now(UTC)
    return {name: _shown(answer, at, config.warn_days) for name, answer in answers.items()}


def _shown(answer: Secured | SipFailure, at: datetime, warn_days: int) -> _Shown:
    if isinstance(answer, SipFailure):
        return _Shown(None, (), answer)
    try:
        certificate = read_certificate(answer.certificate)
    except UnreadableCertificate as error:
        return _Shown(None, (), error)
    chain, _ = read_chain([answer.certificate])
    ends = expiry(certificate.not_after, at=at, warn_days=warn_days)
    return _Shown(certificate, (*([ends] if ends else []), *leaf_flaws(chain[0])), None)


async def _explain(
    endpoint: Endpoint, shown: Mapping[str, _Shown], evidence: Evidence, deadline: float
) -> None:
    """The trace: what a good name was shown, and of a few bad ones what a client that takes anything would see."""
    good = next((each.certificate for each in shown.values() if each.certificate), None)
    for line in good.evidence if good else ():
        evidence.note(line)
    bad = [(name, each) for name, each in shown.items() if each.error]
    for place, (name, each) in enumerate(bad):
        evidence.note(f"{name}: {each.error}")
        if place < _EXPLAINED:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(deadline):
                    for line in await _second_look(endpoint, name):
                        evidence.note(line)
    for name, each in shown.items():
        if each.findings:
            evidence.note(f"{name}: {'; '.join(finding.words for finding in each.findings)}")


async def _second_look(endpoint: Endpoint, name: str) -> Sequence[str]:
    try:
        secured = await look(endpoint, name)
        chain, malformed = read_chain([secured.certificate])
        facts = read_certificate(secured.certificate).evidence if chain else ()
    except SipFailure as error:
        return (f"second look: {error}",)
    words = [finding.words for finding in malformed or leaf_flaws(chain[0])]
    key = f", {key_words(chain[0])}" if chain else ""
    return (f"second look: {secured.version} {secured.cipher}{key}", *facts, *words)


def _judge(evidence: Evidence, shown: Mapping[str, _Shown], names: Sequence[str]) -> Result:
    bad = {name: each.error for name, each in shown.items() if each.error}
    odd = {name: each for name, each in shown.items() if each.findings}
    days = [_days_left(each.certificate) for each in shown.values() if each.certificate]
    evidence.fact("checked", len(shown))
    evidence.fact("bad", len(bad))
    if days:
        evidence.fact("days_left", min(days))
    if bad and len(bad) == len(shown):
        first = next(iter(bad))
        return failure(evidence, bad[first] or NotResolved(first), subject=first)
    if bad:
        return evidence.result(Outcome.DEGRADED, _told(bad, len(shown)), subject=next(iter(bad)))
    if len(shown) < len(names):
        words = f"only {len(shown)} of {len(names)} names could be asked in time"
        return evidence.result(Outcome.WARNING, words)
    if odd:
        first = min(odd, key=lambda name: _days_left(odd[name].certificate))
        words = "; ".join(finding.words for finding in odd[first].findings)
        others = f", and {len(odd) - 1} more of {len(shown)} names" if len(odd) > 1 else ""
        return evidence.result(Outcome.WARNING, f"{first}: {words}{others}", subject=first)
    what = f"all {len(shown)} names are" if len(shown) > 1 else f"{names[0]} is"
    return evidence.result(Outcome.OK, f"{what} proved, the first ends in {int(min(days))} days")


def _told(bad: Mapping[str, SipFailure | None], checked: int) -> str:
    def each() -> Iterator[str]:
        for name, error in list(bad.items())[:_NAMED]:
            yield f"{name}: {error}"

    return f"{len(bad)} of {checked} names are refused: {'; '.join(each())}"


def _days_left(certificate: Certificate | None) -> float:
    return (certificate.not_after - datetime.now(UTC)).total_seconds() / _DAY if certificate else 0.0


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
