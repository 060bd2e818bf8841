"""What a TLS port showed to each of its names: what is odd about it, how it is told, and the verdict."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509

from incidents.domain.outcomes import Outcome
from incidents.probes.evidence import Evidence
from incidents.probes.results import Result
from incidents.probes.sip_verdicts import failure
from incidents.sip.certificate import Certificate, UnreadableCertificate, read_certificate
from incidents.sip.chains import date_flaws, key_bits, key_words, leaf_flaws, read_chain
from incidents.sip.errors import SipFailure
from incidents.sip.flaws import LADDER, Finding, Flaw, rung
from incidents.sip.identity import domain_identities, proves
from incidents.sip.tls import Secured

_NAMED = 3
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Expected:
    """What is looked for besides a proof: days before the end that are too few, the least version of TLS."""

    at: datetime
    warn_days: int = LADDER[0]
    least_version: str = "TLSv1.2"


@dataclass(frozen=True, slots=True)
class Shown:
    """What one name was shown: a certificate with what is odd about it, or a failure."""

    secured: Secured | None = None
    parsed: x509.Certificate | None = None
    certificate: Certificate | None = None
    findings: tuple[Finding, ...] = ()
    error: SipFailure | None = None

    @property
    def words(self) -> str:
        """What is odd."""
        return "; ".join(finding.words for finding in self.findings)

    @property
    def lines(self) -> Iterator[str]:
        """Version, cipher, key and the certificate's facts."""
        if self.secured:
            key = f", {key_words(self.parsed)}" if self.parsed else ""
            yield f"{self.secured.version} {self.secured.cipher}{key}"
        yield from self.certificate.evidence if self.certificate else ()

    def days_left(self, at: datetime) -> float:
        """Days until the certificate ends; 0 where there is none."""
        return (self.certificate.not_after - at).total_seconds() / _DAY if self.certificate else 0.0


def read_shown(answer: Secured | SipFailure, name: str, expected: Expected) -> Shown:
    """Look at what came of one handshake."""
    if isinstance(answer, SipFailure):
        return Shown(error=answer)
    chain, malformed = read_chain([answer.certificate])
    if not chain:
        return Shown(answer, findings=tuple(malformed))
    odd = [*leaf_flaws(chain[0]), *date_flaws(chain[0], at=expected.at, warn_days=expected.warn_days)]
    if answer.version < expected.least_version:
        odd.append(Finding(Flaw.OLD_PROTOCOL, f"speaks {answer.version} only, not {expected.least_version}"))
    try:
        certificate = read_certificate(answer.certificate)
    except UnreadableCertificate:
        return Shown(answer, chain[0], findings=tuple(odd))  # which is said of the extensions
    if not proves(certificate.names, name):
        shown = ", ".join(domain_identities(certificate.names)[:_NAMED]) or "nobody"
        odd.append(Finding(Flaw.WRONG_NAME, f"is for {shown}, not for {name}"))
    return Shown(answer, chain[0], certificate, tuple(odd))


def judge(evidence: Evidence, shown: Mapping[str, Shown], names: Sequence[str], expected: Expected) -> Result:
    """The result for all `names`, of which those in `shown` were asked."""
    bad = {name: each.error for name, each in shown.items() if each.error}
    odd = {name: each for name, each in shown.items() if each.findings}
    _facts(evidence, shown, len(bad), expected)
    if bad and len(bad) == len(shown):
        first, error = next(iter(bad.items()))
        return failure(evidence, error, subject=first)
    if bad:
        told = "; ".join(f"{name}: {error}" for name, error in list(bad.items())[:_NAMED])
        detail = f"{len(bad)} of {len(shown)} names are refused: {told}"
        return evidence.result(Outcome.DEGRADED, detail, subject=next(iter(bad)))
    if odd:
        first = min(odd, key=lambda name: odd[name].days_left(expected.at))
        others = f", and {len(odd) - 1} more of {len(shown)} names" if len(odd) > 1 else ""
        return evidence.result(Outcome.WARNING, f"{first}: {odd[first].words}{others}", subject=first)
    if len(shown) < len(names):
        words = f"only {len(shown)} of {len(names)} names could be asked in time"
        return evidence.result(Outcome.WARNING, words)
    what = f"all {len(shown)} names are" if len(shown) > 1 else f"{names[0]} is"
    days = int(min(each.days_left(expected.at) for each in shown.values()))
    return evidence.result(Outcome.OK, f"{what} proved, the first ends in {days} days")


def _facts(evidence: Evidence, shown: Mapping[str, Shown], bad: int, expected: Expected) -> None:
    evidence.fact("checked", len(shown))
    evidence.fact("bad", bad)
    keys = [bits for each in shown.values() if each.parsed and (bits := key_bits(each.parsed))]
    if keys:
        evidence.fact("key_bits", min(keys))
    ends = [each.certificate.not_after for each in shown.values() if each.certificate]
    if ends:
        days_left(evidence, min(ends), at=expected.at, warn_days=expected.warn_days)


def days_left(evidence: Evidence, ends: datetime, *, at: datetime, warn_days: int) -> None:
    """Keep how long the first of the certificates lasts, and the rung of the ladder that it stands on."""
    evidence.fact("days_left", (ends - at).total_seconds() / _DAY)
    step = rung(ends - at, warn_days=warn_days)
    if step is not None:
        evidence.fact("rung", step)


def expected_now(*, warn_days: int, min_tls: str) -> Expected:
    """What is expected at this moment."""
    return Expected(datetime.now(UTC), warn_days, f"TLSv{min_tls}")
