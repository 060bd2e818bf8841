"""Documents for crawlers: what may be read, and where to begin."""

from collections.abc import Iterator
from datetime import datetime

from incidents.domain.tree import PageView
from incidents.formatting.times import iso_seconds
from incidents.formatting.xml import xml_document, xml_text
from incidents.publishing.confirmed import is_not_set_up
from incidents.publishing.subjects import Subject, versions

CLOSED = ("accounts", "admin", "console", "embed", "subscriptions", "v1")


def robots(subject: Subject) -> bytes:
    """`/robots.txt`: everything public may be indexed; the doors need not be knocked on."""
    closed = "".join(f"Disallow: /{door}/\n" for door in CLOSED)
    return f"User-agent: *\n{closed}\nSitemap: {subject.snapshot.page.url}/sitemap.xml\n".encode()


def sitemap(subject: Subject) -> bytes:
    """`/sitemap.xml`: the page, its history by month, and what is recent; each month links all that began in it.

    So it stays small however long the history. Source: sitemaps.org, protocol 0.9.
    """
    page = subject.snapshot.page
    entries = "".join(_entry(path, changed, page) for path, changed in _listed(subject))
    return xml_document(
        f"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{entries}</urlset>
"""
    )


def _listed(subject: Subject) -> Iterator[tuple[str, datetime | None]]:
    snapshot = subject.snapshot
    if is_not_set_up(snapshot):
        return
    yield "/", snapshot.page.updated_at
    for path in ("/history", "/uptime"):
        yield path, None
    for key in reversed(subject.months):
        yield f"/history/{key.replace('-', '/')}", None
    for incident in (*snapshot.recent_maintenances, *snapshot.recent_incidents):
        yield incident.path, incident.updated_at
        for rfo in versions(incident)[:1]:
            yield f"{incident.path}/rfo", rfo.published_at


def _entry(path: str, changed: datetime | None, page: PageView) -> str:
    lastmod = f"<lastmod>{iso_seconds(changed, page.zone)}</lastmod>" if changed else ""
    return f"  <url><loc>{xml_text(page.url + path)}</loc>{lastmod}</url>\n"
