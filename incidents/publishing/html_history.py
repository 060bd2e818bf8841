"""History by month: the three newest on one page, each month on its own, and the years as a grid."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from incidents.domain.zones import MONTHS
from incidents.formatting.update_texts import update_excerpt
from incidents.formatting.words import IMPACT, IMPACT_STATES, INCIDENT
from incidents.publishing.html import Printer, page, span_card
from incidents.publishing.months import Entry, Month
from incidents.publishing.pieces import Pieces
from incidents.publishing.subjects import Subject

LONG_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
MOST = 20
"""Incidents of each month that the list of the latest shows; the month's own page has all."""

_entries = Pieces()


def history(subject: Subject) -> bytes:
    """`/history`"""
    return _page(subject, subject.latest, path="/history", title="Incident history", most=MOST)


def month(subject: Subject) -> bytes:
    """`/history/<yyyy>/<mm>`"""
    only = subject.the_month
    path = f"/history/{only.first.year:04}/{only.first.month:02}"
    return _page(subject, (only,), path=path, title=f"Incidents in {_name(only)}")


def _page(
    subject: Subject, months: tuple[Month, ...], *, path: str, title: str, most: int | None = None
) -> bytes:
    printer = Printer(subject)
    context = {
        "heading": title,
        "whole": path == "/history",
        "months": [_month(each, printer, most=most) for each in months],
        "years": _years(subject, printer),
    }
    full_title = f"{title} – {subject.snapshot.page.name} Status"  # noqa: RUF001  (the dash is meant)
    return page(subject, "history.html", path=path, title=full_title, state="operational", context=context)


def _month(month: Month, printer: Printer, *, most: int | None) -> dict[str, Any]:
    is_cut = month.is_cut or (most is not None and len(month.entries) > most)
    return {
        "name": _name(month),
        "entries": [_entry_piece(entry, printer) for entry in month.entries[:most]],
        "rest": printer.link(f"/history/{month.first:%Y/%m}") if is_cut else "",
    }


def _name(month: Month) -> str:
    return f"{LONG_MONTHS[month.first.month - 1]} {month.first.year}"


def _entry(entry: Entry, printer: Printer) -> dict[str, Any]:
    return {
        "title": entry.title,
        "link": printer.link(entry.path),
        "state": IMPACT_STATES[entry.impact],
        "wears": INCIDENT[entry.status] if entry.status.is_planned else IMPACT[entry.impact],
        "status": INCIDENT[entry.status] if entry.status.is_open else "",
        "words": update_excerpt(entry.words, entry.words_format),
        "began": printer.full(entry.started_at),
        "window": span_card(entry.started_at, entry.ended_at, printer)
        if entry.ended_at and entry.ended_at > entry.started_at  # work may be called off before it begins
        else None,
    }


def _entry_piece(entry: Entry, printer: Printer) -> SafeString:
    def render() -> SafeString:
        return render_to_string("pages/entry.html", {"entry": _entry(entry, printer)})

    return _entries.get(entry, printer, render)


def _years(subject: Subject, printer: Printer) -> list[dict[str, Any]]:
    """Years, newest first, each with its twelve months; a month links where it has a document."""
    known = set(subject.months)
    years = sorted({key[:4] for key in known}, reverse=True)
    return [
        {
            "name": year,
            "months": [
                {
                    "name": name,
                    "full": f"{LONG_MONTHS[index]} {year}",
                    "link": printer.link(f"/history/{year}/{index + 1:02}")
                    if f"{year}-{index + 1:02}" in known
                    else "",
                }
                for index, name in enumerate(MONTHS)
            ],
        }
        for year in years
    ]
