"""History by month: the three newest on one page, each month on its own, and the years as a grid."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from incidents.domain.headline import ShownState
from incidents.domain.incidents import IncidentStatus
from incidents.domain.zones import MONTHS, in_zone
from incidents.formatting.update_texts import update_excerpt
from incidents.formatting.words import INCIDENT, SHOWN
from incidents.publishing.confirmed import is_not_set_up
from incidents.publishing.html import Printer, mark_of, page, span_card
from incidents.publishing.months import Entry, Month, month_of
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
    whole = path == "/history"
    nothing_yet = is_not_set_up(subject.snapshot)
    context = {
        "heading": title,
        "whole": whole,
        "months": [_month(each, printer, most=most) for each in months if _has_begun(each, subject)],
        "years": _years(subject, printer),
        "nothing_yet": nothing_yet,
    }
    full_title = f"{title} – {subject.snapshot.page.name} Status"  # noqa: RUF001  (the dash is meant)
    return page(
        subject,
        "history.html",
        path=path,
        title=full_title,
        context=context,
        is_unlisted=whole and nothing_yet,
    )


def _has_begun(month: Month, subject: Subject) -> bool:
    """Whether the page, or the oldest incident on it, was there in that month; else there is nothing to report on."""
    began = subject.snapshot.began_at
    return bool(month.entries) or began is None or month.first >= month_of(began, subject.snapshot.page.zone)


def _month(month: Month, printer: Printer, *, most: int | None) -> dict[str, Any]:
    is_cut = month.is_cut or (most is not None and len(month.entries) > most)
    return {
        "name": _name(month),
        "entries": [_entry_piece(entry, printer) for entry in month.entries[:most]],
        "since": _since(month, printer),
        "rest": printer.link(f"/history/{month.first:%Y/%m}") if is_cut else "",
    }


def _since(month: Month, printer: Printer) -> str:
    """The day on which the page began, in the month of which it was not there from the first day on."""
    page, began = printer.subject.snapshot.page, printer.subject.snapshot.began_at
    if began is None or month.first != month_of(began, page.zone):
        return ""
    on = in_zone(began, page.zone).date()
    return f"{MONTHS[on.month - 1]} {on.day:02}, {on.year:04}" if on > month.first else ""


def _name(month: Month) -> str:
    return f"{LONG_MONTHS[month.first.month - 1]} {month.first.year}"


def _entry(entry: Entry, printer: Printer) -> dict[str, Any]:
    state = _state(entry)
    is_told = entry.status.is_planned or entry.status.is_open or not state.is_trouble
    return {
        "title": entry.title,
        "link": printer.link(entry.path),
        "state": mark_of(state, is_over=entry.status.is_over),
        "wears": _status(entry.status) if is_told else SHOWN[state],
        "words": update_excerpt(entry.words, entry.words_format),
        "began": printer.full(entry.started_at),
        "window": span_card(entry.started_at, entry.ended_at, printer)
        if entry.ended_at and entry.ended_at > entry.started_at  # work may be called off before it begins
        else None,
    }


def _state(entry: Entry) -> ShownState:
    """How bad it was at its worst. Of one that is open nothing is said here: its own page and the index tell of now."""
    if entry.status.is_planned:
        return ShownState.UNDER_MAINTENANCE
    state = ShownState(entry.worst.value)
    return state if state.is_trouble and not entry.status.is_open else ShownState.ACTIVE_INCIDENT


def _status(status: IncidentStatus) -> str:
    return INCIDENT[IncidentStatus.RESOLVED if status == IncidentStatus.POSTMORTEM else status]


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
