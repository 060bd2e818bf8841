"""The page in short, for a frame on other people's sites: its state, what is open and what is being worked on."""

from typing import Any

from incidents.domain.headline import incident_state
from incidents.domain.tree import IncidentView
from incidents.formatting.update_texts import update_excerpt
from incidents.formatting.words import page_label
from incidents.publishing.assets import asset_url
from incidents.publishing.confirmed import checked_at, fresh_seconds, headline
from incidents.publishing.html import Printer, mark_of, page
from incidents.publishing.html_index import unconfirmed_sentence
from incidents.publishing.subjects import Subject

MOST = 3
"""Incidents and works that a frame has room for; the page itself has all."""


def embed(subject: Subject) -> bytes:
    """`/embed`. Its links are absolute and open a page of their own, since the frame is no place to read on."""
    snapshot, printer = subject.snapshot, Printer(subject)
    state, heading = headline(snapshot)
    going_on = (*snapshot.open_incidents, *snapshot.in_progress)
    checked = checked_at(snapshot)
    context = {
        "embed_css": asset_url("embed.css"),
        "state": state,
        "heading": heading,
        "unconfirmed": unconfirmed_sentence(snapshot, printer),
        "home": _absolute("/", printer),
        "incidents": [_entry(each, printer) for each in going_on[:MOST]],
        "more": len(going_on[MOST:]),
        "checked": printer.full(checked) if checked else "",
        "checked_iso": f"{checked:%Y-%m-%dT%H:%M:%SZ}" if checked else "",
        "fresh_seconds": fresh_seconds(snapshot),
    }
    title = f"{heading} – {snapshot.page.name} Status"  # noqa: RUF001  (the dash is meant)
    return page(subject, "embed.html", path="/embed", title=title, state=state, context=context)


def _entry(incident: IncidentView, printer: Printer) -> dict[str, Any]:
    newest, *older = incident.updates or (None,)
    before = older[0].status if older else None
    promised = incident.next_update_by
    return {
        "title": incident.title,
        "link": _absolute(incident.path, printer),
        "state": mark_of(incident_state(incident), is_over=False),
        "label": page_label(newest.status, before) if newest else "",
        "words": update_excerpt(newest.body, newest.body_format) if newest else "",
        "posted": printer.posted(newest.at) if newest else "",
        "next_update": printer.clock(promised) if promised else "",
    }


def _absolute(path: str, printer: Printer) -> str:
    return f"{printer.subject.snapshot.page.url}{printer.link(path)}"
