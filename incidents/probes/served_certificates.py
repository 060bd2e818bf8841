"""Is what stands on disk also what the server shows? A reload that was refused leaves the old set being served."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from incidents.probes.evidence import Evidence
from incidents.probes.resolving import resolve_target
from incidents.probes.sip_targets import read_target
from incidents.probes.sni_sweep import Sweep
from incidents.sip.errors import SipFailure
from incidents.sip.lint import Linted
from incidents.sip.pem import is_domain
from incidents.sip.tls import Secured, TlsSettings


@dataclass(frozen=True, slots=True)
class Compared:
    """The files that are not what is shown for their domain, and why some could not be compared."""

    stale: tuple[Linted, ...] = ()
    trouble: str = ""


async def compare(
    files: Sequence[Linted], served_at: str, *, evidence: Evidence, deadline: float
) -> Compared:
    """Ask the server at `served_at` (host:port) for the domain of each file, until `deadline` (loop time)."""
    own = [each for each in files if is_domain(each.domain) and not each.is_issuer]
    if not own:
        return Compared()
    place = read_target(served_at)
    try:
        found = await resolve_target(place.host, place.port_over("tls"), evidence=evidence, deadline=deadline)
        sweep = Sweep(found[0], TlsSettings(place.host, verify=False), deadline=deadline)
        with evidence.timed("tls"):
            answers = await sweep.ask(each.domain for each in own)
    except SipFailure as error:
        return Compared(trouble=f"the server at {served_at} could not be compared: {error}")
    return _difference(own, answers)


def _difference(files: Sequence[Linted], answers: Mapping[str, Secured | SipFailure]) -> Compared:
    """A domain may have several files, one for each type of key, of which a client is shown one."""
    on_disk: dict[str, set[str]] = {}
    for each in files:
        on_disk.setdefault(each.domain, set()).add(each.fingerprint)
    shown = {
        domain: sha256(answer.certificate).hexdigest()
        for domain, answer in answers.items()
        if isinstance(answer, Secured)
    }
    stale = tuple(
        each for each in files if each.domain in shown and shown[each.domain] not in on_disk[each.domain]
    )
    if len(shown) == len(on_disk):
        return Compared(stale)
    why = next((f": {error}" for error in answers.values() if isinstance(error, SipFailure)), " in time")
    return Compared(
        stale, f"{len(on_disk) - len(shown)} of {len(on_disk)} domains could not be compared{why}"
    )
