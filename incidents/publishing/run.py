"""One run of a page's publisher: render what a plan names, document by document, each stored as soon as it is good."""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from django.db import DatabaseError

from incidents.domain.tree import IncidentView, Snapshot
from incidents.models import Incident, Page
from incidents.operations.row_deadline import RowOverrun, row_deadline
from incidents.publishing.attachments import publish_attachments
from incidents.publishing.bundles import bundle
from incidents.publishing.confirmed import checked_at, fresh_seconds, stale, unsure
from incidents.publishing.freshness import page_confirmed
from incidents.publishing.months import Month, month_of, months_of, months_on
from incidents.publishing.prints import note_missing, prints_of
from incidents.publishing.signing import has_signatures, sign_versions
from incidents.publishing.signing_keys import NoKey, public_keys
from incidents.publishing.site import Document, documents
from incidents.publishing.snapshot import Reader
from incidents.publishing.store import DiskFull, PageFolder, Pointer
from incidents.publishing.subjects import About, Signature, Subject, attachment_path, attachments
from incidents.publishing.withdrawn import withdrawn_paths

log = logging.getLogger(__name__)

BATCH = 100
"""Incidents or months read at a time when everything is rendered, so that memory does not grow with history."""
LISTED = 300
"""Incidents of each of three months that are read for the history; a month's own page has all."""
THREAD = (
    *(About.INCIDENT, About.MAINTENANCE, About.RFO),
    *(About.VERSION, About.REVISION, About.LETTER),
)
WITNESSES = "/.well-known/dialtone-"
"""How the paths begin of documents that `integrity.py` writes."""
Key = TypeVar("Key")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Plan:
    """What to render: all documents, or those about the page that show one of the nouns, those that show state or
    today, and those of some incidents and components.
    """

    everything: bool = False
    page: bool = False
    nouns: frozenset[str] = frozenset()
    state: bool = False
    today: bool = False
    incidents: frozenset[int] = frozenset()
    components: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.everything or self.page or self.state or self.today or bool(self.incidents)

    def has(self, document: Document) -> bool:
        """Whether a document about the page is to be rendered."""
        by_clock = (self.state and document.shows_state) or (self.today and document.shows_today)
        by_event = self.page and (not document.only or bool(document.only & self.nouns))
        return self.everything or by_event or by_clock


class Run:
    """Renders into one page's folder. `failed` are the paths, incidents and months whose last good bytes stay."""

    def __init__(self, page: Page, folder: PageFolder, reader: Reader, before: Pointer | None) -> None:
        self.failed: list[str] = []
        self.page = page
        self._folder = folder
        self._reader = reader
        self._months = set(before.months) if before else set()
        self._lacking_at = before.lacking_at if before else ""
        self._publishes_all = False
        self._were_unsure = set(before.unconfirmed) if before else set()
        self._written: set[str] = set()
        self._snapshot: Snapshot | None = None

    def render(self, plan: Plan, *, first_out: Callable[[], None]) -> None:
        """Carry out the plan. What people reload during an outage comes first, and `first_out` is called once it is in
        place; incidents and months come before the rest, because the page's history lists them.
        """
        snapshot = self._snapshot = self._reader.snapshot()
        subject = Subject(snapshot, self._reader.zone)
        self._publishes_all = plan.everything
        self._render_page(subject, plan, urgent=True)
        if plan.everything:
            pks = list(Incident.objects.filter(page=self.page).values_list("pk", flat=True))
            began = Incident.objects.filter(page=self.page).values_list("started_at", flat=True)
            firsts = months_of(began, self._reader.zone)
            self._months &= {f"{first:%Y-%m}" for first in firsts}
        else:
            first_out()
            pks = sorted(plan.incidents | _open_on(snapshot, plan.components))
            firsts = set()
        for some in batches(pks):
            for incident in self._each(partial(self._read, snapshot=snapshot), some, name="incident {}"):
                self._render_incident(replace(subject, incident=incident))
                firsts |= _months_of(incident, self._reader)
        for few in batches(sorted(firsts)):
            for month in self._each(self._reader.months, few, name="history of {:%Y-%m}"):
                self._render_month(replace(subject, month=month))
        self._render_page(self._with_history(subject), plan, urgent=False)
        self._render_components(subject, plan)
        if plan.everything and not self.failed:
            self._prune()

    def pointer(self, revision: int, *, revision_at: str, published_at: datetime) -> Pointer:
        """What is current after what was rendered so far."""
        assert self._snapshot is not None  # noqa: S101  (asked only after `render`)
        checked = checked_at(self._snapshot)
        if self._publishes_all:
            self._lacking_at = published_at.isoformat() if self.failed else ""
        return Pointer(
            revision=revision,
            revision_at=revision_at,
            published_at=published_at.isoformat(),
            fresh_seconds=fresh_seconds(self._snapshot),
            unconfirmed=tuple(sorted(unsure(self._snapshot))),
            confirmed=page_confirmed(self._snapshot),
            checked_at=checked.isoformat() if checked else "",
            months=tuple(sorted(self._months)),
            lacking_at=self._lacking_at,
        )

    def _read(self, pks: Collection[int], snapshot: Snapshot) -> tuple[IncidentView, ...]:
        """The incidents, out of the snapshot where it has them all."""
        known = {each.pk: each for each in (*snapshot.recent_incidents, *snapshot.recent_maintenances)}
        return tuple(known[pk] for pk in pks) if known.keys() >= set(pks) else self._reader.incidents(pks)

    def _each(
        self, read: Callable[[Sequence[Key]], Sequence[Found]], keys: Sequence[Key], *, name: str
    ) -> Sequence[Found]:
        """What is read of a batch; where that fails, of each alone, so that one bad row keeps back only its own."""
        try:
            return read(keys)
        except DatabaseError:
            raise
        except Exception:
            if len(keys) > 1:
                return [found for key in keys for found in self._each(read, [key], name=name)]
            what = name.format(keys[0])
            log.exception("something could not be read; its last good documents stay", extra={"what": what})
            self.failed.append(what)
            return []

    def _render_incident(self, subject: Subject) -> None:
        incident = subject.the_incident
        prints = prints_of(self._folder, incident)
        note_missing(self._folder, incident, prints)
        subject = replace(subject, prints=prints)
        subject = replace(subject, signatures=self._signatures(subject))
        self._publish_keys(subject)
        for path, document, each in documents(subject, about=THREAD):
            if document.made_once:
                self._written.add(path)
            else:
                self._write(path, document, each)
        try:
            publish_attachments(self._folder, incident)
        except DiskFull:
            raise
        except OSError:
            log.exception("an attached document could not be published", extra={"incident": incident.code})
            self.failed.append(f"attachments of {incident.code}")
        self._written |= {attachment_path(each) for each in attachments(incident)}
        for path in withdrawn_paths(incident):
            if path not in self._written:
                self._folder.remove(path)

    def _signatures(self, subject: Subject) -> Mapping[str, Signature]:
        """Those of the incident's versions; where the keys cannot be read, none is taken away for that."""
        try:
            return sign_versions(self._folder, subject)
        except NoKey:
            log.exception("the public keys cannot be read; the signatures stay as they are")
            if has_signatures(self._folder, subject):
                self.failed.append(f"signatures of {subject.the_incident.code}")
            return {}

    def _publish_keys(self, subject: Subject) -> None:
        """The public keys of what is signed, before a document links them."""
        used = {each.key for each in subject.signatures.values()}
        keys = tuple(key for key in public_keys() if key.id in used) if used else ()
        for path, document, each in documents(replace(subject, keys=keys), about=(About.KEY,)):
            if not self._folder.file_of(path).exists():
                self._write(path, document, each)

    def _render_month(self, subject: Subject) -> None:
        month = subject.the_month
        for path, document, each in documents(subject, about=(About.MONTH,)):
            if month.entries:
                self._write(path, document, each)
                self._months.add(month.key)
            else:
                self._folder.remove(path)
                self._months.discard(month.key)

    def _render_page(self, subject: Subject, plan: Plan, *, urgent: bool) -> None:
        for path, document, each in documents(subject, about=(About.PAGE, About.LOOK, About.LOGO)):
            if plan.has(document) and document.urgent == urgent:
                self._write(path, document, each)

    def _with_history(self, subject: Subject) -> Subject:
        latest = listed_months(self._reader, subject, 1)
        return replace(subject, latest=latest, months=tuple(sorted(self._months)))

    def _render_components(self, subject: Subject, plan: Plan) -> None:
        """Those that changed, those whose confirmation came or went, and at midnight the past of all."""
        whole = plan.everything or plan.today
        turned = unsure(subject.snapshot) ^ self._were_unsure
        chosen = {
            each.code: each
            for each in (*subject.snapshot.components, *subject.snapshot.retired)
            if whole or each.code in plan.components or each.code in turned
        }
        for some in batches(list(chosen)):
            pasts = self._reader.pasts(some)
            for code in some:
                about_it = replace(subject, component=chosen[code], past=pasts.get(code))
                for path, document, each in documents(about_it, about=(About.COMPONENT, About.SHOWCASE)):
                    self._write(path, document, each)

    def _write(self, path: str, document: Document, subject: Subject) -> None:
        self._written.add(path)
        try:
            with row_deadline():
                raw = document.render(subject)
                silent = (
                    document.render(replace(subject, snapshot=stale(subject.snapshot)))
                    if document.shows_state
                    else None
                )
            self._folder.write(
                bundle(
                    path,
                    document.media_type,
                    raw,
                    stale=silent,
                    asks=document.query,
                    framable=document.framable,
                    saved_as=document.saved_as.format(**subject.names()),
                )
            )
        except DiskFull:  # nor do the others find room: the next sweep begins again
            raise
        except (Exception, RowOverrun):  # one document that fails must not keep the others from the public
            log.exception("a document could not be rendered; the last good one stays", extra={"path": path})
            self.failed.append(path)

    def _prune(self) -> None:
        """Take away documents of what no longer exists; what witnesses the audit is not written here."""
        self._folder.keep_only(self._written, below=WITNESSES)


def listed_months(reader: Reader, subject: Subject, number: int) -> tuple[Month, ...]:
    """The three months of page `number` (from 1) of the history."""
    snapshot = subject.snapshot
    return reader.months(months_on(number, month_of(snapshot.at, snapshot.page.zone)), most=LISTED)


def batches(items: Sequence[Key]) -> Iterator[Sequence[Key]]:
    """The items, BATCH at a time."""
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


def _open_on(snapshot: Snapshot, components: Collection[str]) -> set[int]:
    """The open incidents that name one of the components: their own page says how bad these are now."""
    return {
        incident.pk
        for incident in snapshot.open_incidents
        if any(each.code in components for each in incident.affected)
    }


def _months_of(incident: IncidentView, reader: Reader) -> set[date]:
    """Every month in which the incident may have been listed: backdating moves its start."""
    instants = {incident.started_at, incident.created_at, *(update.at for update in incident.updates)}
    return months_of(instants, reader.zone)
