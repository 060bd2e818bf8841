"""A document rendered on demand: in a viewer's own zone, or because it is not published yet."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings

from incidents.formatting.pdf import NoPdf
from incidents.models import Incident, Page
from incidents.publishing.confirmed import stale
from incidents.publishing.months import FIRST_YEAR, month_of
from incidents.publishing.prints import prints_of
from incidents.publishing.publisher import the_store
from incidents.publishing.run import listed_months
from incidents.publishing.signing import published_signatures
from incidents.publishing.site import Document, documents
from incidents.publishing.snapshot import Reader, one_instant
from incidents.publishing.store import PageFolder, Pointer
from incidents.publishing.subjects import About, Subject

WHOLE = frozenset({About.PAGE, About.COMPONENT, About.SHOWCASE})
"""Subjects whose documents show how the page is now."""


class NoSuchDocument(LookupError):
    """The page has nothing at this path."""


def render(
    page: Page,
    document: Document,
    names: Mapping[str, str],
    *,
    at: datetime,
    zone: ZoneInfo | None = None,
    pointer: Pointer | None = None,
    is_silent: bool = False,
) -> bytes:
    """The document's bytes as of `at`, with times in `zone`; `names` are the placeholders of its path, and `page` the
    page of history that is asked for, from 1.

    `pointer` tells which months the published history lists; with `is_silent`, what is monitored shows as not
    confirmed, as in the stale renderings. Raises NoSuchDocument and NoPdf.
    """
    if document.is_kept:
        return _kept(page, document.pattern.format(**names))
    with one_instant():
        is_whole = document.about in WHOLE
        has_uptimes = document.about == About.PAGE
        reader = Reader(page, at=at, site_url=settings.SITE_URL, zone=zone, has_uptimes=has_uptimes)
        snapshot = reader.snapshot() if is_whole else reader.frame()
        subject = Subject(
            stale(snapshot) if is_silent else snapshot, reader.zone, months=pointer.months if pointer else ()
        )
        subject = _about(document.about, subject, reader, page, names)
        path = document.pattern.format(**names)
        found = {lies_at: each for lies_at, _, each in documents(subject, about=(document.about,))}
    if path not in found:
        raise NoSuchDocument(path)
    if document.made_once:
        return _made_once(path, document, found[path], the_store().page(page.code))
    return document.render(found[path])


def _kept(page: Page, path: str) -> bytes:
    """A document as it was published; it takes what this process need not have, so there is no other."""
    kept = the_store().page(page.code).read(path)
    if kept is None:
        raise NoSuchDocument(path)
    return kept.fresh.bodies["identity"]


def _made_once(path: str, document: Document, subject: Subject, folder: PageFolder) -> bytes:
    """What takes long: the one that is kept, or a new one as long as that has not failed a short while ago."""
    kept = folder.read(path)
    if kept:
        return kept.fresh.bodies["identity"]
    if folder.rests(subject.the_incident.pk):
        raise NoPdf(f"{path} could not be made and rests.")
    return document.render(subject)


def _about(about: About, subject: Subject, reader: Reader, page: Page, names: Mapping[str, str]) -> Subject:
    if about in {About.LOOK, About.LOGO}:
        if not any(documents(subject, about=(about,))):
            raise NoSuchDocument(about)
        return subject
    if about == About.PAGE:
        listed = listed_months(reader, subject, int(names.get("page", 1)))
        if not listed:
            raise NoSuchDocument(about)
        return replace(subject, latest=listed)
    if about in {About.COMPONENT, About.SHOWCASE}:
        return _component(subject, reader, names["code"])
    if about == About.MONTH:
        (month,) = reader.months([_month(names, subject)])
        if not month.entries:
            raise NoSuchDocument(month.key)
        return replace(subject, month=month)
    incidents = Incident.objects.filter(page=page)
    if about in {About.VERSION, About.REVISION, About.LETTER}:
        chosen = incidents.filter(rfos__number=names["number"])
    else:
        chosen = incidents.filter(code=names["code"])
    found = reader.incidents(list(chosen.values_list("pk", flat=True)))
    if not found:
        raise NoSuchDocument(about)
    (incident,) = found
    folder = the_store().page(page.code)
    subject = replace(subject, incident=incident, prints=prints_of(folder, incident))
    return replace(subject, signatures=published_signatures(folder, subject))


def _component(subject: Subject, reader: Reader, code: str) -> Subject:
    everything = (*subject.snapshot.components, *subject.snapshot.retired)
    found = next((each for each in everything if each.code == code), None)
    if found is None:
        raise NoSuchDocument(code)
    return replace(subject, component=found, past=reader.pasts([code]).get(code))


def _month(names: Mapping[str, str], subject: Subject) -> date:
    """A month that has begun on the page, within the years that every zone can count; others have no document."""
    try:
        first = date(int(names["year"]), int(names["month"]), 1)
    except (ValueError, OverflowError) as error:
        raise NoSuchDocument(About.MONTH) from error
    if first.year < FIRST_YEAR or first > month_of(subject.snapshot.at, subject.snapshot.page.zone):
        raise NoSuchDocument(About.MONTH)
    return first
