"""A page with one of everything, so that every row of the site table has a document; and its links, followed."""

import html
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from incidents.domain.components import ComponentStatus
from incidents.models import Page
from incidents.operations.actors import DEMO
from incidents.operations.attachments import attach_document
from incidents.operations.looks import set_look
from incidents.operations.rfos import draft_rfo
from incidents.operations.versions import publish_rfo
from incidents.publishing.integrity import publish_integrity
from incidents.publishing.publisher import publish_page
from incidents.publishing.site import DOCUMENTS
from incidents.publishing.store import PageFolder
from tests import factories
from tests.factories import BEGAN
from tests.operations.test_looks import picture

LATER = BEGAN + timedelta(days=30)
CARRIES_ON = {"v", "tz", "incident"}
"""Query parameters without which a link leads to the same document: a digest, a zone, what is to be followed."""
_IN_HTML = re.compile(r'(?:href|src|action|content)="((?:/|https?:)[^"]*)"')
_ANYWHERE = re.compile(r'https?://[^\s"<>\\]+|href="(/[^"]*)"')


def make_whole_site(name: str = "SIPcity", **fields: object) -> Page:
    """A published page with a past and a present: outages open and over, an RFO in two versions, planned work."""
    now = datetime.now(UTC)
    page = factories.make_page(name, **fields)  # type: ignore[arg-type]
    network = factories.make_component(page, "Network", group=factories.make_group(page, "Calling Platform"))
    pbx = factories.make_component(page, "Cloud PBX")
    factories.make_probe(network, "tls", last_at=now)
    over = factories.make_incident(
        page,
        "Calls failed",
        components={network: ComponentStatus.MAJOR_OUTAGE, pbx: ComponentStatus.PARTIAL_OUTAGE},
    )
    factories.resolve(over)
    factories.make_rfo(over)
    draft = draft_rfo(over, body="Second. " * 50, change_summary="More.", by=DEMO, at=LATER)
    attach_document(
        draft, name="Größe 1 (final).pdf", content=factories.whole_pdf(b"%PDF-1.4 x"), by=DEMO, at=LATER
    )
    publish_rfo(draft, by=DEMO, at=LATER)
    factories.make_incident(
        page, "Queues answer late", components={pbx: ComponentStatus.DEGRADED_PERFORMANCE}, at=now
    )
    for days in (2, 40):
        begins = now + timedelta(days=days)
        factories.make_maintenance(
            page, components=[network], begins=begins, ends=begins + timedelta(hours=2), at=now
        )
    set_look(page, accent="#0b57d0", home_url="", support="Call us.", logo=picture(), by=DEMO, at=now)
    publish_page(page.pk, everything=True)
    publish_integrity(at=now)
    return page


def rows_without_document(folder: PageFolder, *, printed: bool = False) -> list[str]:
    """Patterns of the site table that no published path fits; where nothing was `printed`, PDFs are not missed."""
    paths = [each.path for each in folder.documents()]
    return [
        row.pattern
        for row in DOCUMENTS
        if (printed or not (row.made_once or row.pattern.endswith(".pdf.sig")))
        and not any(_fits(path, row.pattern) for path in paths)
    ]


def _fits(path: str, pattern: str) -> bool:
    return bool(re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+?", re.escape(pattern)), path))


def links(file: Path) -> set[str]:
    """Every address in an exported document: links, forms, pictures, feed entries, a map's places, data."""
    text = file.read_bytes().decode().replace("\r\n ", "")  # a calendar folds its lines
    found = [html.unescape(link) for link in _IN_HTML.findall(text)] if file.suffix == ".html" else []
    for anywhere in _ANYWHERE.finditer(html.unescape(text)):
        found.append(html.unescape(anywhere[1] or anywhere[0]))
    return set(found)


def broken(site: Path, *, origin: str) -> list[str]:
    """Links of any document below `site` to the page itself, at `origin`, that lead to no file of it."""
    found = []
    for file in site.rglob("*"):
        if file.suffix in {".html", ".rss", ".atom", ".xml", ".json", ".ics", ".txt"}:
            found += [
                f"{file.relative_to(site)}: {link}" for link in links(file) if _is_broken(site, link, origin)
            ]
    return found


def _is_broken(site: Path, link: str, origin: str) -> bool:
    if not link.startswith(("/", origin)):
        return False
    parts = urlsplit(link)
    place = site / unquote(parts.path).strip("/")
    leads = place.is_file() or (place / "index.html").is_file()
    return not leads or any(
        pair.partition("=")[0] not in CARRIES_ON for pair in parts.query.split("&") if pair
    )
