"""Heads of the audit leave the database: every page publishes where its chain ended, what was published, and the keys.

A publication is a row first. Documents follow from the newest row, and a process that dies in between leaves them to
the next sweep. What the database contradicts is never overwritten: the published documents are what it is compared
with.
"""

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction

from incidents.domain.published import Publication, Published, read_publication
from incidents.models import HeadPublication, Page, RfoVersion
from incidents.models.addresses import page_address
from incidents.operations.heads import contradictions, digest_of, publish_heads, published_versions
from incidents.publishing.bundles import bundle
from incidents.publishing.integrity_documents import INTEGRITY, KEYS, IntegrityView, VersionEntry
from incidents.publishing.publisher import PATIENCE, the_store
from incidents.publishing.signing import ENDING
from incidents.publishing.signing_keys import NoKey, PublicKey, Signer, public_keys, signer_of, the_signer
from incidents.publishing.site import documents
from incidents.publishing.snapshot import Reader, one_instant
from incidents.publishing.store import PageFolder, Store
from incidents.publishing.subjects import About, Signature, Subject

log = logging.getLogger(__name__)


def read_published(store: Store) -> Published:
    """What the published documents of all pages say, those of pages included that the database no longer has."""
    found = Published()
    for code in store.codes():
        if document := store.page(code).read(INTEGRITY):
            text = document.fresh.bodies["identity"].decode()
            found.publications.append(read_publication(text, source=f"the documents of page {code}"))
    return found


def publish_integrity(
    *, at: datetime, after_restore: bool = False, everything: bool = False
) -> HeadPublication | None:
    """Publish the heads that are due, and bring every page's documents up to the newest publication.

    Returns the publication that was made, if one was. `after_restore` publishes although the database contradicts what
    was published before; `everything` renders documents as well that are up to date, since SITE_URL may have changed.
    One process at a time does so; another one leaves it to that, and with `everything` waits for it.
    """
    store = the_store()
    try:
        with store.witness(PATIENCE if everything else 0.0):
            published = read_published(store)
            addresses = [
                f"{page_address(page, site_url=settings.SITE_URL)}{INTEGRITY}"
                for page in Page.objects.order_by("pk")
            ]
            made = publish_heads(published, addresses=addresses, at=at, after_restore=after_restore)
            _log(at=at)
            _publish_documents(
                store, Published() if after_restore else published, at=at, everything=everything
            )
            return made
    except TimeoutError:
        level = logging.WARNING if everything else logging.DEBUG
        log.log(level, "another process publishes heads of the audit")
        return None


@transaction.atomic
def _log(*, at: datetime) -> None:
    """One line a day, for whoever keeps logs elsewhere; the row says that it was written."""
    for row in HeadPublication.objects.select_for_update().filter(day__isnull=False, logged_at=None):
        facts = {
            "heads": " ".join(row.heads),
            "rfo_versions": row.versions,
            "rfos_sha256": row.versions_sha256,
        }
        if row.faults:
            log.error("audit heads contradict what was published", extra={**facts, "faults": row.faults})
        else:
            log.info("audit heads", extra=facts)
        HeadPublication.objects.filter(pk=row.pk).update(logged_at=at)


def _publish_documents(store: Store, published: Published, *, at: datetime, everything: bool) -> None:
    newest = HeadPublication.objects.filter(faults=[]).last()
    if newest is None:
        return
    known = _public_keys()
    row = read_publication("\n".join(newest.heads))
    behind = [
        page
        for page in Page.objects.all()
        if _is_behind(store.page(page.code), newest, known, everything=everything)
    ]
    if not behind:
        return
    said = Published([*published.publications, row])
    faults = [*contradictions(said)]
    if digest_of(published_versions()) != newest.versions_sha256:
        faults.append("RFO versions have changed since the publication")
    if faults:
        log.error("the published audit heads stay as they are", extra={"faults": faults})
        return
    signer = _signer(at=at)
    for page in behind:
        try:
            _publish_page(page, store.page(page.code), newest, row, signer, at=at)
        except Exception:  # one page's misfortune keeps no other back, and the next sweep tries again
            log.exception("the audit heads of a page could not be published", extra={"page": page.name})


def _signer(*, at: datetime) -> Signer | None:
    try:
        return the_signer(at=at)
    except NoKey as error:
        log.error("the audit heads are published without a signature", extra={"error": str(error)})  # noqa: TRY400
        return None


def _public_keys() -> tuple[PublicKey, ...]:
    """All public keys; none where they cannot be read, which whoever signs says."""
    try:
        return public_keys()
    except NoKey:
        return ()


def _is_behind(
    folder: PageFolder, newest: HeadPublication, keys: tuple[PublicKey, ...], *, everything: bool
) -> bool:
    """Whether a page that is published tells an older publication or other keys, or died before it was seen."""
    if folder.pointer() is None:
        return False
    document, listed = folder.read(INTEGRITY), folder.read(KEYS)
    if everything or document is None or listed is None:
        return True
    ids = [each["id"] for each in json.loads(listed.fresh.bodies["identity"])["keys"]]
    said: Publication = read_publication(document.fresh.bodies["identity"].decode())
    is_seen = folder.pointer_file.stat().st_mtime_ns >= folder.file_of(INTEGRITY).stat().st_mtime_ns
    return said.code != newest.code or ids != [key.id for key in keys] or not is_seen


def _publish_page(
    page: Page,
    folder: PageFolder,
    newest: HeadPublication,
    row: Publication,
    signer: Signer | None,
    *,
    at: datetime,
) -> None:
    """Keys and signature first and the document last, since that says what is published; then readers look again."""
    keys = _public_keys()
    with one_instant():
        reader = Reader(page, at=at, site_url=settings.SITE_URL, has_uptimes=False)
        view = _view(page, folder, newest, row, keys)
        subject = Subject(reader.frame(), reader.zone, integrity=view, keys=keys)
    found = list(documents(subject, about=(About.KEY, About.INTEGRITY)))
    rendered = {path: document.render(each) for path, document, each in found}
    if signer:
        made = Signature(signer.sign(rendered[INTEGRITY]), signer.key.id)
        subject = replace(subject, signatures={f"{INTEGRITY}{ENDING}": made})
        found = list(documents(subject, about=(About.KEY, About.INTEGRITY)))
    with folder.lock():
        if not signer:
            folder.remove(f"{INTEGRITY}{ENDING}")
        for path, document, each in sorted(found, key=lambda each: each[0] == INTEGRITY):
            name = document.saved_as
            folder.write(bundle(path, document.media_type, document.render(each), saved_as=name))
        if pointer := folder.pointer():
            folder.point(pointer)


def _view(
    page: Page, folder: PageFolder, newest: HeadPublication, row: Publication, keys: tuple[PublicKey, ...]
) -> IntegrityView:
    names = {"": "installation", page.code: page.name}
    heads = [(names[head.chain], head) for head in row.heads if head.chain in names]
    return IntegrityView(newest.code, _iso(newest.at), heads, _entries(page, folder, keys))


def _entries(page: Page, folder: PageFolder, keys: tuple[PublicKey, ...]) -> list[VersionEntry]:
    rows = RfoVersion.objects.filter(rfo__page=page).exclude(published_at=None)
    known = {(row.rfo.number, row.number): row for row in rows.select_related("rfo")}
    found = []
    for facts in published_versions(page):
        row = known[facts.rfo, facts.version]
        path = f"/rfo/{facts.rfo}/v{facts.version}.json"
        document, kept = folder.read(path), folder.read(f"{path}{ENDING}")
        raw = kept.fresh.bodies["identity"] if kept else b""
        signer = signer_of(document.fresh.bodies["identity"], raw, keys) if document and raw else ""
        published = _iso(row.published_at) if row.published_at else ""
        found.append(VersionEntry(facts, row.kind, published, raw if signer else b"", signer))
    return found


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
