"""Detached signatures beside the files of published RFO versions: kept as documents, the same on every host.

A signature that fits its file stays, whichever of our keys made it; one that fits no longer is made again, or goes.
Only a version for which the sealed audit vouches is signed: rows alone bring nobody a signature.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from incidents.domain.rfo_views import RfoView
from incidents.domain.tree import IncidentView
from incidents.operations.seals import is_vouched
from incidents.publishing.rfo_documents import as_json, as_markdown, sums
from incidents.publishing.signing_keys import NoKey, Signer, public_keys, signer_of, the_signer
from incidents.publishing.store import PageFolder
from incidents.publishing.subjects import Signature, Subject, version_path, versions

log = logging.getLogger(__name__)

ENDING = ".sig"
FORMS = (".pdf", ".json", ".md", "/SHA256SUMS")
"""What of a version is signed, by the endings of its paths."""


def signature(form: str) -> Callable[[Subject], bytes]:
    """The renderer of `/rfo/<number>/v<n><form>.sig`."""
    return lambda subject: subject.signatures[f"{version_path(subject.the_rfo)}{form}{ENDING}"].content


def sign_versions(folder: PageFolder, subject: Subject) -> Mapping[str, Signature]:
    """The signatures of all versions of the subject's incident, by their paths; new ones where files have none."""
    incident, found = subject.the_incident, dict[str, Signature]()
    if not versions(incident):
        return found
    try:
        found = dict(_kept(folder, subject))
        signer: Signer | None = None
        for version in versions(incident):
            bare = [each for each in _files(folder, subject, version) if f"{each[0]}{ENDING}" not in found]
            if not bare:
                continue
            if not is_vouched(version, incident=incident.pk, code=incident.code):
                name = f"{version.number} v{version.version}"
                log.error("no sealed audit line vouches for a version; it is not signed", extra={"rfo": name})
                continue
            signer = signer or the_signer(at=subject.snapshot.at)
            found |= {
                f"{path}{ENDING}": Signature(signer.sign(content), signer.key.id) for path, content in bare
            }
    except NoKey as error:
        log.error("RFOs are published without signatures", extra={"error": str(error)})  # noqa: TRY400  (it says all)
    return found


def published_signatures(folder: PageFolder, subject: Subject) -> Mapping[str, Signature]:
    """Those that lie beside the files and fit; for who renders without the private key."""
    try:
        return dict(_kept(folder, subject))
    except NoKey:
        return {}


def remove_stale(folder: PageFolder, incident: IncidentView, found: Mapping[str, Signature]) -> None:
    """Take away signatures that no longer fit their files."""
    for version in versions(incident):
        for form in FORMS:
            path = f"{version_path(version)}{form}{ENDING}"
            if path not in found:
                folder.remove(path)


def _kept(folder: PageFolder, subject: Subject) -> Iterator[tuple[str, Signature]]:
    keys = public_keys() if versions(subject.the_incident) else ()
    for version in versions(subject.the_incident) if keys else ():
        for path, content in _files(folder, subject, version):
            kept = folder.read(f"{path}{ENDING}")
            raw = kept.fresh.bodies["identity"] if kept else b""
            if raw and (signer := signer_of(content, raw, keys)):
                yield f"{path}{ENDING}", Signature(raw, signer)


def _files(folder: PageFolder, subject: Subject, version: RfoView) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each file of a version that there is; its PDF as soon as it is made."""
    path, about_it = version_path(version), replace(subject, rfo=version)
    if f"{path}.pdf" in subject.prints and (pdf := folder.read(f"{path}.pdf")):
        yield f"{path}.pdf", pdf.fresh.bodies["identity"]
    yield f"{path}.json", as_json(about_it)
    yield f"{path}.md", as_markdown(about_it)
    yield f"{path}/SHA256SUMS", sums(about_it)
