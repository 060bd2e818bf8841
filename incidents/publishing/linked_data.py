"""A document as schema.org describes things, for search engines: JSON-LD in a block of data that no browser runs.

There is no type for an outage; an incident is an Article, its RFO a Report.
"""

import json
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from incidents.formatting.times import iso_seconds
from incidents.publishing.subjects import Subject, publisher_of, title_of

HEADLINE = 110
"""Characters of a headline that search engines take."""
_MARKUP = {ord(char): f"\\u{ord(char):04x}" for char in "<>&"}
"""Without these no words of anybody's can end the block or begin a tag."""


def linked_data(subject: Subject, *, path: str, title: str) -> SafeString:
    """The index, an incident or an RFO; nothing for other documents."""
    what = _what(subject, path=path, title=title)
    if what is None:
        return SafeString()
    page = subject.snapshot.page
    published, modified = (iso_seconds(at, page.zone) for at in dates(subject))
    facts = {
        "@context": "https://schema.org",
        **what,
        "url": f"{page.url}{path}",
        "inLanguage": "en",
        **({"datePublished": published} if subject.incident else {}),
        "dateModified": modified,
        "publisher": {"@type": "Organization", "name": page.name},
    }
    return mark_safe(json.dumps(facts, separators=(",", ":")).translate(_MARKUP))  # noqa: S308  (escaped right here)


def dates(subject: Subject) -> tuple[datetime, datetime]:
    """When what the document is about was first published, and last."""
    if subject.rfo:
        return subject.rfo.published_at, subject.rfo.published_at
    incident = subject.incident
    if incident:
        first = incident.updates[-1].at if incident.updates else incident.created_at
        return first, max(first, incident.updated_at)
    return subject.snapshot.page.updated_at, subject.snapshot.page.updated_at


def _what(subject: Subject, *, path: str, title: str) -> dict[str, Any] | None:
    page, incident, rfo = subject.snapshot.page, subject.incident, subject.rfo
    if rfo and incident:
        return {
            "@type": "Report",
            "name": f"{rfo.number}: {title_of(subject, rfo)}",
            "reportNumber": rfo.number,
            "version": str(rfo.version),
            "author": {"@type": "Organization", "name": publisher_of(subject, rfo)},
            "about": {"@type": "Article", "url": f"{page.url}{incident.path}"},
        }
    if incident:
        return {
            "@type": "Article",
            "headline": incident.title[:HEADLINE],
            "author": {"@type": "Organization", "name": page.name},
        }
    return {"@type": "WebPage", "name": title} if path == "/" else None
