"""`/api`: how programs read the page, with its own addresses in the examples."""

from incidents.publishing.api_v2 import ENDPOINTS
from incidents.publishing.confirmed import is_not_set_up
from incidents.publishing.html import page
from incidents.publishing.subjects import Subject

FEEDS = (
    ("/history.atom", "One entry an incident, rewritten in place (Atom)."),
    ("/history.rss", "The same as RSS; planned work carries the date on which it begins, as in Statuspage."),
    ("/updates.atom", "One entry an update: for chat applications, which alert on new entries (Atom)."),
    ("/updates.rss", "The same as RSS."),
    ("/maintenance.ics", "Planned work, for calendars."),
    ("/history.json", "Three months of incidents a page; add ?page=2 for the three before."),
)


def api(subject: Subject) -> bytes:
    """`/api`"""
    context = {"endpoints": ENDPOINTS, "feeds": FEEDS, "code": "{code}"}
    title = f"API – {subject.snapshot.page.name} Status"  # noqa: RUF001  (the dash is meant)
    hidden = is_not_set_up(subject.snapshot)
    return page(subject, "api.html", path="/api", title=title, context=context, is_unlisted=hidden)
