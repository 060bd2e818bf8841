"""The one table of public documents: where each lies, what it is about, who renders it, what touches it (DESIGN 6).

To add a document: a renderer, a row here, a template, a test. Paths, Django's fallback view, publishing, `?tz=` and
`export` all follow from the row. (Attached files are not rendered; `attachments.py` publishes them.)
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from incidents.domain.journal import UNSEEN, EventKind
from incidents.domain.tree import IncidentView
from incidents.publishing import (
    api_v2,
    badges,
    calendar,
    feeds,
    feeds_updates,
    freshness,
    history_json,
    html_api,
    html_embed,
    html_history,
    html_incident,
    html_index,
    html_rfo,
    html_uptime,
    looks,
    plain,
    rfo_documents,
    rfo_print,
    uptime_csv,
)
from incidents.publishing.integrity_documents import INTEGRITY, KEY, KEYS, integrity_json, keys_json
from incidents.publishing.rfo_documents import FILE
from incidents.publishing.signing import ENDING, FORMS, signature
from incidents.publishing.subjects import About, Subject, before, tombs, versions

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"
ATOM = "application/atom+xml; charset=utf-8"
CALENDAR = "text/calendar; charset=utf-8"
XML = "application/xml; charset=utf-8"
CSV = "text/csv; charset=utf-8"
SVG = "image/svg+xml"
TEXT = "text/plain; charset=utf-8"
MARKDOWN = "text/markdown; charset=utf-8"
PDF = "application/pdf"
CSS = "text/css; charset=utf-8"
PNG = "image/png"
BYTES = "application/octet-stream"

RFO = "/rfo/{number}/v{version}"

MAINTENANCE = frozenset({"maintenance", "page"})
SET_UP = frozenset({"page"})


@dataclass(frozen=True, slots=True)
class Document:
    """A row of the table."""

    pattern: str
    about: About
    media_type: str
    render: Callable[[Subject], bytes]
    shows_state: bool = False
    """It says what is confirmed now: it has a stale rendering too and is kept current by the clock."""
    shows_today: bool = False
    """It changes at midnight of the page's zone."""
    only: frozenset[str] = frozenset()
    """The nouns whose events touch a document about the page; every event's where none are named."""
    urgent: bool = False
    """It is out before the others: people and monitors reload it during an outage."""
    asks: str = ""
    """The query parameter, beside `tz`, under which a reader gets another rendering."""
    framable: bool = False
    """Other sites may show it within their own pages."""
    saved_as: str = ""
    """How its file is called by who saves it."""
    made_once: bool = False
    """It takes long and never changes, so it is made after all the others and then kept (`printing.py`)."""
    is_kept: bool = False
    """It is served as it was published and never rendered for who asks: a signature, or what witnesses the audit."""

    @property
    def has_times(self) -> bool:
        """Whether a viewer may ask for it in another zone."""
        return self.media_type == HTML

    @property
    def query(self) -> str:
        """The query parameter that asks for another rendering than the published one, if there is any."""
        return "tz" if self.has_times else self.asks


DOCUMENTS = (
    Document("/", About.PAGE, HTML, html_index.index, shows_state=True, shows_today=True, urgent=True),
    Document("/incidents/{code}", About.INCIDENT, HTML, html_incident.incident),
    Document("/incidents/{code}.json", About.INCIDENT, JSON, api_v2.flat_incident),
    Document("/maintenance/{code}", About.MAINTENANCE, HTML, html_incident.incident),
    Document("/incidents/{code}/rfo", About.RFO, HTML, html_rfo.rfo),
    Document(RFO, About.LETTER, HTML, html_rfo.rfo_version),
    Document(f"{RFO}/changes", About.REVISION, HTML, html_rfo.changes),
    Document(f"{RFO}.json", About.VERSION, JSON, rfo_documents.as_json, saved_as=f"{FILE}.json"),
    Document(f"{RFO}.md", About.VERSION, MARKDOWN, rfo_documents.as_markdown, saved_as=f"{FILE}.md"),
    Document(f"{RFO}.pdf", About.VERSION, PDF, rfo_print.rfo_pdf, saved_as=f"{FILE}.pdf", made_once=True),
    Document(f"{RFO}/SHA256SUMS", About.VERSION, TEXT, rfo_documents.sums),
    *(
        Document(
            f"{RFO}{form}{ENDING}",
            About.VERSION,
            BYTES,
            signature(form),
            saved_as=f"{FILE}{form}{ENDING}" if form.startswith(".") else f"SHA256SUMS{ENDING}",
            is_kept=True,
        )
        for form in FORMS
    ),
    Document("/history", About.PAGE, HTML, html_history.history, shows_today=True),
    Document("/history/{year}/{month}", About.MONTH, HTML, html_history.month),
    Document("/uptime", About.PAGE, HTML, html_uptime.uptimes, shows_today=True),
    Document("/uptime/{code}", About.SHOWCASE, HTML, html_uptime.uptime, shows_today=True),
    Document("/uptime/{code}.csv", About.SHOWCASE, CSV, uptime_csv.uptime, shows_today=True),
    Document("/embed", About.PAGE, HTML, html_embed.embed, shows_state=True, framable=True),
    Document("/badge.svg", About.PAGE, SVG, badges.page, shows_state=True),
    Document("/badge/{code}.svg", About.COMPONENT, SVG, badges.component, shows_state=True),
    Document("/history.json", About.PAGE, JSON, history_json.history, shows_today=True, asks="page"),
    Document("/history.rss", About.PAGE, RSS, feeds.rss),
    Document("/history.atom", About.PAGE, ATOM, feeds.atom),
    Document("/updates.rss", About.PAGE, RSS, feeds_updates.rss),
    Document("/updates.atom", About.PAGE, ATOM, feeds_updates.atom),
    Document("/maintenance.ics", About.PAGE, CALENDAR, calendar.maintenance, only=MAINTENANCE),
    *(Document(each.path, About.PAGE, JSON, each.render, urgent=each.is_urgent) for each in api_v2.ENDPOINTS),
    Document("/api/freshness.json", About.PAGE, JSON, freshness.freshness, shows_state=True, urgent=True),
    Document("/api/v2/incidents/{code}.json", About.INCIDENT, JSON, api_v2.incident),
    Document("/look.css", About.LOOK, CSS, looks.css, only=SET_UP),
    Document("/logo.png", About.LOGO, PNG, looks.logo, only=SET_UP),
    Document("/api", About.PAGE, HTML, html_api.api, only=SET_UP),
    Document(
        INTEGRITY,
        About.INTEGRITY,
        JSON,
        lambda subject: integrity_json(subject.the_integrity, url=subject.snapshot.page.url),
        is_kept=True,
    ),
    Document(
        f"{INTEGRITY}{ENDING}",
        About.INTEGRITY,
        BYTES,
        lambda subject: subject.signatures[f"{INTEGRITY}{ENDING}"].content,
        saved_as=f"dialtone-integrity.json{ENDING}",
        is_kept=True,
    ),
    Document(
        KEYS,
        About.INTEGRITY,
        JSON,
        lambda subject: keys_json(subject.keys, url=subject.snapshot.page.url),
        is_kept=True,
    ),
    Document(KEY, About.KEY, TEXT, lambda subject: subject.the_key.pem.encode(), is_kept=True),
    Document("/sitemap.xml", About.PAGE, XML, plain.sitemap),
    Document("/robots.txt", About.PAGE, TEXT, plain.robots, only=SET_UP),
)

_TOUCHES_NOTHING = UNSEEN | {
    EventKind.RFO_DRAFTED,
    EventKind.RFO_REVIEWED,
    EventKind.CLOCK_CHANGED,
    EventKind.INCIDENT_HELD,
    EventKind.MAINTENANCE_REMINDED,
    EventKind.SERIES_CHANGED,
}


@dataclass(frozen=True, slots=True)
class Happened:
    """What publishing needs to know of a journal event."""

    kind: EventKind
    incident: int | None = None
    what: str = ""
    components: frozenset[str] = frozenset()
    """Codes of those whose status it changed."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Which documents of a page are to be rendered: those about the page that show one of the nouns, and those about
    these incidents and components.
    """

    page: bool = False
    nouns: frozenset[str] = frozenset()
    incidents: frozenset[int] = frozenset()
    components: frozenset[str] = frozenset()
    everything: bool = False

    def __bool__(self) -> bool:
        return self.page or self.everything


def touched_by(events: Iterable[Happened]) -> Touched:
    """What the events touch, in one.

    A change of set-up (a name, a zone, an order) may show anywhere. A thing that was only created shows nowhere yet
    but in the documents about the whole page.
    """
    public = [event for event in events if event.kind not in _TOUCHES_NOTHING]
    return Touched(
        page=bool(public),
        nouns=frozenset(event.kind.noun for event in public),
        incidents=frozenset(event.incident for event in public if event.incident is not None),
        components=frozenset(code for event in public for code in event.components),
        everything=any(event.kind == EventKind.PAGE_CHANGED and event.what != "created" for event in public),
    )


def documents(subject: Subject, *, about: Iterable[About]) -> Iterator[tuple[str, Document, Subject]]:
    """Path, row and subject of each document of the given kinds that the subject has."""
    wanted = set(about)
    for document in DOCUMENTS:
        if document.about in wanted:
            for each in _subjects(document.about, subject):
                path = document.pattern.format(**each.names())
                if not path.endswith(ENDING) or path in each.signatures:
                    yield path, document, each


def _subjects(about: About, subject: Subject) -> Iterator[Subject]:
    if about in {About.RFO, About.VERSION, About.REVISION, About.LETTER}:
        yield from _rfo_subjects(about, subject, subject.the_incident)
    elif about == About.MAINTENANCE:
        yield from [subject] if subject.the_incident.plan else []
    elif about in {About.LOOK, About.LOGO}:
        look = subject.snapshot.page.look
        yield from [subject] if look and (look.logo if about == About.LOGO else look.accent) else []
    elif about == About.KEY:
        yield from (replace(subject, key=key) for key in {each.id: each for each in subject.keys}.values())
    elif about == About.SHOWCASE:
        yield from [subject] if subject.past else []
    else:
        yield subject


def _rfo_subjects(about: About, subject: Subject, incident: IncidentView) -> Iterator[Subject]:
    found = versions(incident)
    if about == About.LETTER:
        yield from (replace(subject, tomb=tomb) for tomb in tombs(incident))
    if about == About.REVISION:
        yield from (replace(subject, rfo=rfo) for rfo in found if before(incident, rfo))
    else:
        yield from (replace(subject, rfo=rfo) for rfo in (found[:1] if about == About.RFO else found))
