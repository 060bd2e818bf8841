"""`/history.json`: three months a page, as Statuspage gives them to its own page and to whoever needs more than 50.

Source: shared statuspage-api.md, "Other public URLs".
"""

from calendar import monthrange
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from incidents.formatting.spans import marked_span
from incidents.formatting.statuspage import page_json, status_json
from incidents.formatting.times import iso_seconds
from incidents.formatting.update_texts import update_v2
from incidents.publishing.api_v2 import dumped
from incidents.publishing.html_history import LONG_MONTHS
from incidents.publishing.months import Entry, Month, month_bounds
from incidents.publishing.subjects import Subject


def history(subject: Subject) -> bytes:
    """The page of history that `latest` holds."""
    snapshot, page = subject.snapshot, subject.snapshot.page
    begins, _ = month_bounds(subject.latest[-1].first, page.zone)
    _, ends = month_bounds(subject.latest[0].first, page.zone)
    return dumped(
        {
            "page_status": {"page": page_json(page), "status": status_json(snapshot.rollup)},
            "components": [{"id": each.code, "name": each.name} for each in snapshot.components],
            "months": [_month(each, page.zone) for each in subject.latest],
            "show_component_filter": False,
            "show_uptime_calendar": True,
            "component_filter": None,
            "start_time": iso_seconds(begins, page.zone),
            "end_time": iso_seconds(ends - timedelta(seconds=1), page.zone),
        }
    )


def _month(month: Month, zone: ZoneInfo) -> dict[str, Any]:
    """`starts_on` is the weekday of its first day, Sunday being 0."""
    first_weekday, days = monthrange(month.first.year, month.first.month)
    return {
        "name": LONG_MONTHS[month.first.month - 1],
        "year": month.first.year,
        "starts_on": (first_weekday + 1) % 7,
        "days": days,
        "incidents": [_incident(each, zone) for each in month.entries],
    }


def _incident(entry: Entry, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "code": entry.code,
        "name": entry.title,
        "message": update_v2(entry.words, entry.words_format),
        "impact": entry.impact.value,
        "timestamp": marked_span(entry.started_at, entry.ended_at, zone),
    }
