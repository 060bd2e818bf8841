"""The sweep that makes the PDFs of published RFO versions: after everything else is out, and each only once.

Making one takes seconds, which neither a person's click nor another publisher of the page may wait for. The note in
the page's folder (`prints.py`) stays until all is made and told of, so whatever dies in between, the sweep goes on.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings

from incidents.domain.sweeps import SweepKind
from incidents.formatting.pdf import PressBusy, Unavailable, press
from incidents.models import Incident, Page
from incidents.operations.sweeps import Place, each_row
from incidents.publishing.bundles import bundle
from incidents.publishing.prints import prints_of
from incidents.publishing.publisher import publish_page, the_store
from incidents.publishing.site import Document, documents
from incidents.publishing.snapshot import Reader, one_instant
from incidents.publishing.store import DiskFull, PageFolder
from incidents.publishing.subjects import About, Subject

log = logging.getLogger(__name__)

TURN_SECONDS = 5.0
"""After so long a sweep begins no further incident, so that others get their turn in the same worker."""
NO_PAUSE = timedelta()
"""The note of an incident that could not be printed rests already."""
REST_SECONDS = 3600.0
"""How long an incident rests of which something could not be printed, so that it does not busy the machine for ever."""
BUSY_REST_SECONDS = 60.0
"""The same where the machine gave no time or no room, which says nothing of the incident."""


def print_due(*, at: datetime, turn: float = TURN_SECONDS) -> int:
    """Make the PDFs that are missing, and publish what tells of them; returns how many were made.

    One process at a time does so, for `turn` seconds and a last one. What cannot be made is logged, rests for a while
    and keeps nothing else back.
    """
    made, end = 0, time.monotonic() + turn
    if press.is_resting:
        return made
    try:
        with the_store().press():
            for page in Page.objects.all():
                folder = the_store().page(page.code)
                rows = (_Wanted(pk, page, folder) for pk in folder.wanted() if time.monotonic() < end)
                work, away = partial(_print_incident, at=at), (Unavailable,)
                made += sum(
                    each_row(SweepKind.PDF, rows, work, place=_place, at=at, passes=away, pause=NO_PAUSE)
                )
    except TimeoutError:
        log.debug("another process makes PDFs")
    except Unavailable:
        log.debug("no PDF can be made here for now; the notes stay")
    return made


class NotPrinted(RuntimeError):
    """Some PDF of an incident could not be made; the others are."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An incident with an RFO whose PDF is missing; `pk` is the incident's."""

    pk: int
    page: Page
    folder: PageFolder


def _place(wanted: _Wanted) -> Place:
    incident = Incident.objects.filter(pk=wanted.pk).first()
    title, code = (incident.title, incident.code) if incident else ("", "")
    return Place(wanted.page.pk, title, f"/console/incidents/{code}/rfo" if code else "/console/")


def _print_incident(wanted: _Wanted, *, at: datetime) -> int:
    """How many of the incident's PDFs were made. What fails rests for a while before it is tried again.

    Raises Unavailable where none can be made at all, NotPrinted and whatever else went wrong.
    """
    page, folder, incident = wanted.page, wanted.folder, wanted.pk
    try:
        subject = _read(page, incident, at=at)
        if subject is None:
            folder.unwant(incident)
            return 0
        done = [_print(folder, *each) for each in _missing(folder, subject)]
        publish_page(page.pk, again=[incident])
    except Unavailable:
        raise
    except (PressBusy, DiskFull) as error:
        log.warning("a PDF has to wait", extra={"incident": incident, "error": str(error)})
        folder.postpone(incident, BUSY_REST_SECONDS)
        return 0
    except Exception:
        folder.postpone(incident, REST_SECONDS)
        raise
    if not all(done):
        folder.postpone(incident, REST_SECONDS)
        raise NotPrinted(f"{len(done) - sum(done)} of {len(done)} PDFs could not be made.")
    return sum(done)


def _read(page: Page, incident: int, *, at: datetime) -> Subject | None:
    with one_instant():
        reader = Reader(page, at=at, site_url=settings.SITE_URL, has_uptimes=False)
        views = reader.incidents([incident])
        return Subject(reader.frame(), reader.zone, incident=views[0]) if views else None


def _missing(folder: PageFolder, subject: Subject) -> list[tuple[str, Document, Subject]]:
    """Path, row and subject of each PDF of the incident that is not there yet."""
    prints = prints_of(folder, subject.the_incident)
    found = documents(subject, about=(About.VERSION,))
    return [each for each in found if each[1].made_once and each[0] not in prints]


def _print(folder: PageFolder, path: str, document: Document, subject: Subject) -> bool:
    """Make one PDF and put it in place. Raises Unavailable where none can be made at all, and PressBusy."""
    try:
        content = document.render(subject)
    except (Unavailable, PressBusy):
        raise
    except Exception:  # whatever one version holds, the others are printed
        log.exception("an RFO could not be printed; it is tried again later", extra={"path": path})
        return False
    name = document.saved_as.format(**subject.names())
    with folder.lock():
        folder.write(bundle(path, document.media_type, content, saved_as=name))
    return True
