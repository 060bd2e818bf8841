"""An RFO version as a letter for paper: the HTML that becomes its PDF, complete in itself (DESIGN 12).

Its instants, words and addresses are those of the moment at which it is printed first; from then on it never changes.
What would take a printer minutes is bounded here, so that the same version always gives the same pages.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from django.template.loader import render_to_string

from incidents.domain.tree import RfoView, UpdateView
from incidents.formatting.markdown import plain_html
from incidents.formatting.pdf import press
from incidents.formatting.times import duration, iso_ms
from incidents.publishing.html import Printer, incident_card, rfo_card
from incidents.publishing.subjects import Subject, version_path

MOST_PIECES = 2_000
"""Elements, or lines, of a body that is printed as it is; of a larger one its Markdown is, as far as that goes."""
MOST_DEEP = 40
"""Elements within each other; WeasyPrint recurses into them."""
MOST_LINES = 1_500
MOST_UPDATES = 100
MOST_WORDS = 30_000
"""Characters of all printed updates together."""
_TAG = re.compile(r"<(/?)(\w+)")
_EMPTY = ("br", "hr")


def rfo_pdf(subject: Subject) -> bytes:
    """`/rfo/<number>/v<n>.pdf`. Raises NoPdf."""
    return press.pdf(source(subject))


def source(subject: Subject) -> str:
    """The HTML of the letter, in the page's own zone whatever the reader's."""
    page = subject.snapshot.page
    incident, version = subject.the_incident, subject.the_rfo
    printer = Printer(replace(subject, zone=page.zone))
    body, is_cut = printable_body(version)
    said = _said_before(version, incident.updates)
    told = _printable(said)
    card = incident_card(replace(incident, updates=told), printer)
    context = {
        "page": page,
        "incident": card,
        "told": [
            {**each, "at": printer.full(update.at)}
            for each, update in zip(card["updates"], told, strict=True)
        ],
        "untold": len(said) - len(told),
        "rfo": rfo_card(version, printer),
        "body": body,
        "is_cut": is_cut,
        "began": printer.full(incident.started_at),
        "resolved": printer.full(incident.resolved_at) if incident.resolved_at else "",
        "lasted": duration(incident.resolved_at - incident.started_at) if incident.resolved_at else "",
        "stamp": iso_ms(version.published_at, page.zone),
        "url": f"{page.url}{version_path(version)}",
    }
    return render_to_string("pages/rfo_print.html", context)


def printable_body(version: RfoView) -> tuple[str, bool]:
    """The body as HTML, and whether some of it is left out."""
    if _pieces(version.body_html) <= MOST_PIECES and _depth(version.body_html) <= MOST_DEEP:
        return version.body_html, False
    lines = version.body.splitlines()
    return plain_html("\n".join(lines[:MOST_LINES])), len(lines) > MOST_LINES


def _pieces(html: str) -> int:
    return max(len(re.findall(r"<\w", html)), html.count("\n"))


def _depth(html: str) -> int:
    """How many elements lie within each other at most."""
    depth = deepest = 0
    for slash, name in _TAG.findall(html):
        if name not in _EMPTY:
            depth += -1 if slash else 1
            deepest = max(deepest, depth)
    return deepest


def _said_before(version: RfoView, updates: Sequence[UpdateView]) -> tuple[UpdateView, ...]:
    """The updates, newest first, that were there when the version came; what is written later is not in its letter."""
    own = next(update.pk for update in updates if update.rfo == version)
    return tuple(update for update in updates if update.pk < own and not update.rfo)


def _printable(updates: Sequence[UpdateView]) -> tuple[UpdateView, ...]:
    """As many of the newest as there is room for."""
    lengths = accumulate(len(update.body) for update in updates[:MOST_UPDATES])
    return tuple(update for update, words in zip(updates, lengths, strict=False) if words <= MOST_WORDS)
