"""An RFO version as a letter for paper: the HTML that becomes its PDF, complete in itself (DESIGN 12).

It tells what had been said when the version came, and nothing of what came later. What would take a printer minutes is
bounded here, so that the same version always gives the same pages.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

from django.template.loader import render_to_string

from incidents.domain.incidents import IncidentStatus
from incidents.domain.rfo_views import RfoView
from incidents.domain.texts import BodyFormat
from incidents.domain.tree import ComponentView, IncidentView, UpdateView
from incidents.formatting.markdown import plain_html
from incidents.formatting.pdf import Attached, press
from incidents.formatting.times import iso_ms, lasted_words
from incidents.formatting.update_texts import update_html
from incidents.publishing.html import Printer, incident_card, rfo_card
from incidents.publishing.rfo_documents import FILE, as_json
from incidents.publishing.rfo_parts import parts
from incidents.publishing.subjects import Subject, form_path, publisher_of, title_of

MOST_PIECES = 2_000
"""Elements, or lines, of a body that is printed as it is; of a larger one its Markdown is, as far as that goes."""
MOST_DEEP = 40
"""Elements within each other; WeasyPrint recurses into them."""
MOST_LINES = 1_500
HIGHEST = 2
"""The level of headings right below the title."""
MOST_UPDATES = 100
MOST_WORDS = 30_000
"""Characters of all printed updates together."""
WORDS_OF_A_PIECE = MOST_WORDS // MOST_PIECES
_TAG = re.compile(r"<(/?)(\w+)")
_EMPTY = ("br", "hr")
_MARKUP = re.compile(r"(<[^>]*>)")
_LONG_WORD = re.compile(r"(?:&[#\w]+;|[^\s&]){150,}")
_STRETCH = re.compile(r"(?:&[#\w]+;|[^\s&]){60}")


def rfo_pdf(subject: Subject) -> bytes:
    """`/rfo/<number>/v<n>.pdf`. Raises NoPdf."""
    name = f"{FILE.format(**subject.names())}.json"
    attached = Attached(name, as_json(subject), subject.the_rfo.published_at, "This version as JSON")
    return press.pdf(source(subject), attached=attached)


def source(subject: Subject) -> str:
    """The HTML of the letter, in the page's own zone whatever the reader's."""
    page = subject.snapshot.page
    incident, version = subject.the_incident, subject.the_rfo
    printer = Printer(replace(subject, zone=page.zone))
    body, is_cut = printable_body(version)
    said = _said_before(version, incident.updates)
    told = _printable(said)
    resolved_at = next((each.at for each in said if each.status == IncidentStatus.RESOLVED), None)
    printed = replace(
        incident,
        title=title_of(subject, version),
        status=said[0].status if said else incident.status,
        updates=told,
        affected=_affected(incident, said),
    )
    card = incident_card(printed, printer)
    context = {
        "page": page,
        "publisher": publisher_of(subject, version),
        "incident": card,
        "told": [
            {**each, "at": printer.full(update.at)}
            for each, update in zip(card["updates"], told, strict=True)
        ],
        "untold": len(said) - len(told),
        "rfo": rfo_card(version, printer),
        "parts": _printable_parts(version, printer),
        "head": version.letterhead,
        "logo": f"data:image/png;base64,{b64encode(version.letterhead.logo).decode()}"
        if version.letterhead.logo
        else "",
        "body": body,
        "is_cut": is_cut,
        "began": printer.full(incident.started_at),
        "resolved": printer.full(resolved_at) if resolved_at else "",
        "lasted": lasted_words(incident.started_at, resolved_at),
        "stamp": iso_ms(version.published_at, page.zone),
        "url": f"{page.url}{form_path(subject, version)}",
    }
    return render_to_string("pages/rfo_print.html", context)


def printable_body(version: RfoView) -> tuple[str, bool]:
    """The body as HTML, and whether some of it is left out."""
    if _pieces(version.body_html) <= MOST_PIECES and _depth(version.body_html) <= MOST_DEEP:
        return _breakable(_levelled(version.body_html)), False
    lines = version.body.splitlines()
    return _as_written(version.body, MOST_LINES), len(lines) > MOST_LINES


def _as_written(markdown: str, most: int) -> str:
    """So many of its first lines as they were typed, and a sentence that says so."""
    lines = markdown.splitlines()
    which = "its first lines are" if len(lines) > most else "it is"
    note = f"This text is too large to be formatted for print, so {which} printed as it was written."
    return f'{_breakable(plain_html(chr(10).join(lines[:most])))}<p class="note">{note}</p>'


def _printable_parts(version: RfoView, printer: Printer) -> dict[str, Any]:
    """What stands beside the letter; of a section that would take a printer minutes its Markdown."""
    found = parts(version, printer.full)
    written = zip(found["sections"], version.content.sections, strict=True)
    found["sections"] = [
        each | {"html": _printable_section(each["html"], section.body)} for each, section in written
    ]
    return found


def _printable_section(html: str, body: str) -> str:
    if _pieces(html) > MOST_PIECES // 4 or _depth(html) > MOST_DEEP:
        return _as_written(body, MOST_LINES // 4)
    return _breakable(_lowered(html))


def _lowered(html: str) -> str:
    """Its highest headings below that of the section."""
    return re.sub(r"(</?h)(\d)", lambda tag: f"{tag[1]}{min(int(tag[2]) + 1, 6)}", _levelled(html))


def _levelled(html: str) -> str:
    """The same with its highest headings right below the title, because readers by ear count on no level missing."""
    levels = [int(level) for level in re.findall(r"<h(\d)", html)]
    raised = min(levels, default=HIGHEST) - HIGHEST
    return re.sub(r"(</?h)(\d)", lambda tag: f"{tag[1]}{int(tag[2]) - raised}", html)


def _pieces(html: str) -> int:
    return max(len(re.findall(r"<\w", html)), html.count("\n"))


def _breakable(html: str) -> str:
    """The same with places to break in words that no line can hold; finding them costs a printer minutes."""
    parts = _MARKUP.split(html)
    parts[::2] = [
        _LONG_WORD.sub(lambda word: _STRETCH.sub("\\g<0>\u200b", word[0]), text) for text in parts[::2]
    ]
    return "".join(parts)


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
    own = next(update.pk for update in updates if update.rfo and update.rfo.version == version.version)
    return tuple(update for update in updates if update.pk < own and not update.rfo)


def _affected(incident: IncidentView, updates: Iterable[UpdateView]) -> tuple[ComponentView, ...]:
    codes = {each.code for update in updates for each in update.affected}
    return tuple(component for component in incident.affected if component.code in codes)


def _printable(updates: Sequence[UpdateView]) -> tuple[UpdateView, ...]:
    """As many of the newest as there is room for."""
    lengths = accumulate(_room(update) for update in updates[:MOST_UPDATES])
    return tuple(update for update, words in zip(updates, lengths, strict=False) if words <= MOST_WORDS)


def _room(update: UpdateView) -> int:
    """The characters that an update counts for: lists have few of them and cost a printer as much as long texts."""
    if update.body_format == BodyFormat.PLAIN:
        return len(update.body)
    return max(len(update.body), _pieces(update_html(update.body, update.body_format)) * WORDS_OF_A_PIECE)
