"""Detached signatures beside the files of published RFO versions: kept as documents, the same on every host.

A signature that fits its file stays, whichever of our keys made it; one that fits no longer is made again, or goes.
Only a version for which the sealed audit vouches is signed: rows alone bring nobody a signature. The facts of a version
from before format 3 do not cover the title that its files print, so such a version is signed with the title that it has
at first; once a signature fits its file no longer, it gets no new one.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from incidents.domain.rfo_views import RfoView
from incidents.operations.seals import is_vouched
from incidents.publishing.rfo_documents import as_json, as_markdown, sums
from incidents.publishing.signing_keys import NoKey, public_keys, signer_of, the_signer
from incidents.publishing.store import PageFolder
from incidents.publishing.subjects import Signature, Subject, version_path, versions

log = logging.getLogger(__name__)

ENDING = ".sig"
SUMS = "/SHA256SUMS"
FORMS = (".pdf", ".json", ".md", SUMS)
"""What of a version is signed, by the endings of its paths."""
Files = Sequence[tuple[str, bytes]]
"""Paths and bytes."""


def signature(form: str) -> Callable[[Subject], bytes]:
    """The renderer of `/rfo/<number>/v<n><form>.sig`."""
    return lambda subject: subject.signatures[f"{version_path(subject.the_rfo)}{form}{ENDING}"].content


def sign_versions(folder: PageFolder, subject: Subject) -> Mapping[str, Signature]:
    """The signatures of all versions of the subject's incident, by their paths: new ones where files have none that
    fits, and those that fit nothing are taken away. Raises NoKey where it cannot be known which fit.
    """
    public_keys()
    found: dict[str, Signature] = {}
    for version in versions(subject.the_incident):
        try:
            files = list(_files(folder, subject, version))
        except Exception:  # its last good files stay, and so do their signatures; its rendering says why
            log.warning("a version cannot be rendered, so it is not signed again", exc_info=True)
            continue
        kept = _kept(folder, files)
        bare = [each for each in files if f"{each[0]}{ENDING}" not in kept]
        may_sign = not bare or _may_sign(folder, version, bare)
        mine = kept | _made(subject, version, bare) if bare and may_sign else kept
        for path, _ in files:
            if f"{path}{ENDING}" not in mine:
                folder.remove(f"{path}{ENDING}")
        found |= mine
    return found


def published_signatures(folder: PageFolder, subject: Subject) -> Mapping[str, Signature]:
    """Those that lie beside the files and fit; for who renders without the private key."""
    found: dict[str, Signature] = {}
    for version in versions(subject.the_incident):
        found |= _kept(folder, list(_files(folder, subject, version)))
    return found


def has_signatures(folder: PageFolder, subject: Subject) -> bool:
    """Whether any lies beside the files of the subject's versions, whether it fits or not."""
    paths = (version_path(each) for each in versions(subject.the_incident))
    return any(folder.file_of(f"{path}{form}{ENDING}").exists() for path in paths for form in FORMS)


def _kept(folder: PageFolder, files: Files) -> dict[str, Signature]:
    """The signatures that are there and fit."""
    try:
        keys, found = public_keys(), {}
    except NoKey:
        return {}
    for path, content in files if keys else ():
        kept = folder.read(f"{path}{ENDING}")
        raw = kept.fresh.bodies["identity"] if kept else b""
        if raw and (signer := signer_of(content, raw, keys)):
            found[f"{path}{ENDING}"] = Signature(raw, signer)
    return found


def _may_sign(folder: PageFolder, version: RfoView, bare: Files) -> bool:
    """Whether files without a signature that fits may get one, as far as title and page go.

    The checksums follow the other files, and change when the PDF is made: they alone show no other title. The note
    comes before the signature goes, so that whoever dies in between leaves one of the two.
    """
    path = version_path(version)
    if version.names_its_titles:
        return True
    if any(folder.read(f"{each}{ENDING}") for each, _ in bare if each != f"{path}{SUMS}"):
        folder.sign_no_more(path)
    if folder.may_sign(path):
        return True
    name = {"rfo": f"{version.number} v{version.version}"}
    log.error(
        "a version has no record of title and page, and was signed with others; it is not signed", extra=name
    )
    return False


def _made(subject: Subject, version: RfoView, files: Files) -> dict[str, Signature]:
    """New signatures of files; none where no seal vouches for the version, or there is no key."""
    incident = subject.the_incident
    name = {"rfo": f"{version.number} v{version.version}"}
    if not is_vouched(version, incident=incident.pk, code=incident.code):
        log.error("no sealed audit line vouches for a version; it is not signed", extra=name)
        return {}
    try:
        signer = the_signer(at=subject.snapshot.at)
    except NoKey as error:
        log.error("a version is published without signatures", extra={**name, "error": str(error)})  # noqa: TRY400
        return {}
    return {f"{path}{ENDING}": Signature(signer.sign(content), signer.key.id) for path, content in files}


def _files(folder: PageFolder, subject: Subject, version: RfoView) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each file of a version that there is; its PDF as soon as it is made."""
    path, about_it = version_path(version), replace(subject, rfo=version)
    if f"{path}.pdf" in subject.prints and (pdf := folder.read(f"{path}.pdf")):
        yield f"{path}.pdf", pdf.fresh.bodies["identity"]
    yield f"{path}.json", as_json(about_it)
    yield f"{path}.md", as_markdown(about_it)
    yield f"{path}{SUMS}", sums(about_it)
