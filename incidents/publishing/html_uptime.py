"""Uptime: all services on one page, and each one's past year as a calendar with the same in words."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby, islice
from typing import Any

from incidents.domain.tree import ComponentView, GroupView, Snapshot
from incidents.domain.uptime import Day, over
from incidents.domain.zones import MONTHS
from incidents.formatting.bars import bars_svg, percent
from incidents.formatting.grids import WEEK, day_id, is_told, month_rows, told
from incidents.formatting.words import COMPONENT
from incidents.publishing.assets import asset_url
from incidents.publishing.confirmed import is_not_set_up
from incidents.publishing.html import Printer, page
from incidents.publishing.html_index import LEGEND
from incidents.publishing.snapshot import UPTIME_DAYS
from incidents.publishing.subjects import Subject

SPANS = (30, 90, 365)
"""Days behind the numbers at the head of a component's page; the list of all services has the first two."""
MONTHS_SHOWN = 12


def uptimes(subject: Subject) -> bytes:
    """`/uptime`"""
    snapshot, printer = subject.snapshot, Printer(subject)
    context = {
        **_counting(subject),
        "spans": SPANS[:2],
        "uptime_days": UPTIME_DAYS,
        "tops": _tops(snapshot, printer),
    }
    title = f"Uptime – {snapshot.page.name} Status"  # noqa: RUF001  (the dash is meant)
    hidden = is_not_set_up(snapshot)
    return page(subject, "uptimes.html", path="/uptime", title=title, context=context, is_unlisted=hidden)


def uptime(subject: Subject) -> bytes:
    """`/uptime/<code>`"""
    component, past = subject.the_component, subject.the_past
    weight = subject.snapshot.page.uptime_weight
    path = f"/uptime/{component.code}"
    context = {
        **_counting(subject),
        "component": component,
        "retired": Printer(subject).full(component.retired_at) if component.retired_at else "",
        "spans": [(days, percent(over(past.days[-days:], weight=weight))) for days in SPANS],
        "begins": _begins(past.days),
        "week": WEEK,
        "months": list(islice(_months(past.days, weight), MONTHS_SHOWN)),
        "told": [_told(day) for day in reversed(past.days) if is_told(day)],
        "csv": f"{path}.csv",
    }
    title = f"Uptime of {component.name} – {subject.snapshot.page.name} Status"  # noqa: RUF001  (the dash is meant)
    return page(subject, "uptime.html", path=path, title=title, context=context)


def _counting(subject: Subject) -> dict[str, Any]:
    """What both pages say of how uptime is counted."""
    return {
        "uptime_css": asset_url("uptime.css"),
        "weight": f"{subject.snapshot.page.uptime_weight:.0%}".replace("%", " %"),
        "legend": LEGEND,
    }


def _tops(snapshot: Snapshot, printer: Printer) -> list[dict[str, Any]]:
    """Groups with their rows; neighbours that stand alone are together."""
    found: list[dict[str, Any]] = []
    for top in snapshot.tops:
        name, leaves = (top.name, top.components) if isinstance(top, GroupView) else ("", (top,))
        rows = [row for row in (_row(leaf, snapshot, printer) for leaf in leaves) if row]
        if rows and not name and found and not found[-1]["name"]:
            found[-1]["rows"] += rows
        elif rows:
            found.append({"name": name, "rows": rows})
    return found


def _row(component: ComponentView, snapshot: Snapshot, printer: Printer) -> dict[str, Any] | None:
    if component.uptime is None:
        return None
    weight = snapshot.page.uptime_weight
    return {
        "name": component.name,
        "link": printer.link(f"/uptime/{component.code}"),
        "bars": bars_svg(component.name, component.uptime),
        "percents": [
            (days, percent(over(component.uptime.days[-days:], weight=weight))) for days in SPANS[:2]
        ],
    }


def _begins(days: Sequence[Day]) -> str:
    """The first day with data, where some before it have none; nothing where no day has any."""
    first = next((day for day in days if day.worst is not None), None)
    return "" if first is None or first == days[0] else _day_name(first.on)


def _months(days: Sequence[Day], weight: float) -> Iterator[dict[str, Any]]:
    """The months, newest first."""
    found = [list(each) for _, each in groupby(days, key=lambda day: (day.on.year, day.on.month))]
    for month in reversed(found):
        first = month[0].on
        yield {
            "name": f"{MONTHS[first.month - 1]} {first.year:04}",
            "percent": percent(over(month, weight=weight)),
            "rows": month_rows(month),
        }


def _told(day: Day) -> dict[str, Any]:
    assert day.worst is not None  # noqa: S101  (only such days are told)
    return {
        "id": day_id(day),
        "name": _day_name(day.on),
        "state": day.worst.value,
        "word": COMPONENT[day.worst],
        "lasted": told(day),
    }


def _day_name(on: date) -> str:
    return f"{MONTHS[on.month - 1]} {on.day:02}, {on.year:04}"
