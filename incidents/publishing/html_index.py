"""The index: overall state, open incidents, services with their transports and ninety days, the past fifteen days."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from incidents.domain.components import ComponentStatus
from incidents.domain.headline import group_state, has_reported, incident_state
from incidents.domain.hysteresis import Verdict
from incidents.domain.tree import CheckView, ComponentView, GroupView, IncidentView, Snapshot
from incidents.domain.zones import MONTHS, in_zone
from incidents.formatting.bars import bars_svg, percent, share
from incidents.formatting.tone import HEIGHT, WIDTH, tone_path
from incidents.formatting.words import CHECK, COMPONENT, SHOWN, SHOWN_MARKS
from incidents.publishing.confirmed import (
    UNKNOWN,
    checked_at,
    failing,
    fresh_seconds,
    headline,
    is_not_set_up,
    named,
    picture,
    scope,
    shown,
    unconfirmed,
)
from incidents.publishing.html import Printer, incident_card, page
from incidents.publishing.pieces import Pieces
from incidents.publishing.snapshot import PAST_DAYS, UPTIME_DAYS
from incidents.publishing.subjects import Subject

CHECK_STATES = {
    Verdict.UP: ComponentStatus.OPERATIONAL.value,
    Verdict.DEGRADED: ComponentStatus.DEGRADED_PERFORMANCE.value,
    Verdict.DOWN: ComponentStatus.MAJOR_OUTAGE.value,
    Verdict.UNKNOWN: UNKNOWN,
}
LEGEND = [
    *(
        (status.value, COMPONENT[status])
        for status in ComponentStatus
        if status != ComponentStatus.UNDER_MAINTENANCE
    ),
    (ComponentStatus.UNDER_MAINTENANCE.value, COMPONENT[ComponentStatus.UNDER_MAINTENANCE]),
    (UNKNOWN, "No data"),
]

_past_incidents, _leaves = Pieces(), Pieces()


def index(subject: Subject) -> bytes:
    """`/`"""
    snapshot, printer = subject.snapshot, Printer(subject)
    state, heading = headline(snapshot)
    tops = _joined(top for top in (_top(top, snapshot, printer) for top in snapshot.tops) if top)
    checked = checked_at(snapshot)
    context = {
        "state": state,
        "heading": heading,
        "scope": scope(snapshot),
        "unconfirmed": unconfirmed_sentence(snapshot, printer),
        "failing": named(failing(snapshot)) if failing(snapshot) else "",
        "checked": printer.full(checked) if checked else "",
        "tone": {"width": WIDTH, "height": HEIGHT, "path": tone_path(state)},
        "incidents": [incident_card(incident, printer) for incident in snapshot.open_incidents],
        "in_progress": [incident_card(each, printer) for each in snapshot.in_progress],
        "upcoming": [incident_card(each, printer) for each in snapshot.upcoming],
        "tops": tops,
        "legend": LEGEND,
        "uptime_days": UPTIME_DAYS,
        "weight": f"{snapshot.page.uptime_weight:.0%}".replace("%", " %"),
        "days": _past_days(snapshot, printer),
        "fresh_seconds": fresh_seconds(snapshot),
        "checked_iso": f"{checked:%Y-%m-%dT%H:%M:%SZ}" if checked else "",
    }
    title = f"{heading} – {snapshot.page.name} Status"  # noqa: RUF001  (the dash is meant)
    return page(
        subject,
        "index.html",
        path="/",
        title=title,
        context=context,
        state=state,
        picture=picture(snapshot),
        is_unlisted=is_not_set_up(snapshot),
    )


def unconfirmed_sentence(snapshot: Snapshot, printer: Printer) -> dict[str, Any]:
    """What is not confirmed and since when; without a time where no check has ever reported."""
    unsure = unconfirmed(snapshot)
    if not unsure:
        return {}
    reported = [since for component, since in unsure if has_reported(component)]
    what = named([component for component, _ in unsure])
    if reported:
        is_all = len(unsure) == len(snapshot.components)
        what = "current status" if is_all else f"the status of {what}"
    return {"what": what, "since": printer.clock(max(reported)) if reported else ""}


def _top(top: GroupView | ComponentView, snapshot: Snapshot, printer: Printer) -> dict[str, Any] | None:
    leaves = top.components if isinstance(top, GroupView) else (top,)
    shown = [leaf for leaf in (_leaf(each, snapshot, printer) for each in leaves) if leaf]
    if not shown:
        return None
    has_bars = any(leaf["bars"] for leaf in shown)
    level = 4 if isinstance(top, GroupView) else 3
    pieces = [_leaf_piece(leaf, level, printer) for leaf in shown]
    if not isinstance(top, GroupView):
        return {"leaves": pieces, "has_bars": has_bars}
    state = group_state(top, snapshot)
    return {
        "name": top.name,
        "description": top.description,
        "state": SHOWN_MARKS[state],
        "word": SHOWN[state],
        "leaves": pieces,
        "has_bars": has_bars,
    }


def _leaf_piece(leaf: dict[str, Any], level: int, printer: Printer) -> SafeString:
    """A service as it stands in the list, under a heading of the given level."""
    shows = level, repr(leaf)

    def render() -> SafeString:
        context = {"leaf": leaf, "level": level, "query": printer.query}
        return render_to_string("pages/leaf.html", context)

    return _leaves.get(shows, printer, render)


def _joined(tops: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Neighbours that stand alone share one frame."""
    found: list[dict[str, Any]] = []
    for top in tops:
        if found and not top.get("name") and not found[-1].get("name"):
            found[-1]["leaves"] += top["leaves"]
            found[-1]["has_bars"] |= top["has_bars"]
        else:
            found.append(top)
    return found


def _leaf(component: ComponentView, snapshot: Snapshot, printer: Printer) -> dict[str, Any] | None:
    since = snapshot.unknown_since(component)
    state, word = shown(component, snapshot)
    if component.only_show_if_degraded and state == ComponentStatus.OPERATIONAL:
        return None
    is_fine = component.status == ComponentStatus.OPERATIONAL
    return {
        "code": component.code,
        "name": component.name,
        "description": component.description,
        "state": state,
        "word": word,
        "since": printer.clock(since) if since and has_reported(component) else "",
        "unsure": bool(since),
        "last_known": COMPONENT[component.status] if since and not is_fine else "",
        "checks": [_check(check, snapshot) for check in component.checks],
        "bars": bars_svg(component.name, component.uptime) if component.uptime else "",
        "percent": percent(component.uptime) if component.uptime else "",
        "share": share(component.uptime) if component.uptime else "",
    }


def _check(check: CheckView, snapshot: Snapshot) -> dict[str, Any]:
    is_fresh = not snapshot.stale and check.vouches_for(snapshot.at)
    verdict = check.verdict if is_fresh else Verdict.UNKNOWN
    return {
        "label": check.label or check.kind_label,
        "state": CHECK_STATES[verdict],
        "word": CHECK[verdict],
        "fine": verdict == Verdict.UP,
        "detail": check.detail if verdict in {Verdict.DOWN, Verdict.DEGRADED} else "",
    }


def _past_days(snapshot: Snapshot, printer: Printer) -> list[dict[str, Any]]:
    """Each of the past days, from the page's first one on, with what began on it, or ended on it when it began before
    them all.
    """
    today = in_zone(snapshot.at, printer.zone).date()
    began = in_zone(snapshot.began_at, printer.zone).date() if snapshot.began_at else date.min
    days = [today - timedelta(days=back) for back in range(PAST_DAYS)]
    days = [day for day in days if day >= began] or [today]
    found: dict[date, list[IncidentView]] = defaultdict(list)
    still_open: dict[date, int] = defaultdict(int)
    for incident in _told_of_days(snapshot):
        day = _day_of(incident, days, printer)
        if incident.status.is_open:
            still_open[day] += 1
        else:
            found[day].append(incident)
    return [
        {
            "name": f"{MONTHS[day.month - 1]} {day.day:02}, {day.year:04}",
            "today": day == today,
            "still_open": still_open[day],
            "incidents": [_past_incident(incident, printer) for incident in found[day]],
        }
        for day in days
    ]


def _past_incident(incident: IncidentView, printer: Printer) -> SafeString:
    shows = incident.path, incident.title, incident_state(incident), incident.updates

    def render() -> SafeString:
        return render_to_string("pages/past_incident.html", {"incident": incident_card(incident, printer)})

    return _past_incidents.get(shows, printer, render)


def _told_of_days(snapshot: Snapshot) -> list[IncidentView]:
    """Incidents and completed maintenance, newest first."""
    done = [each for each in snapshot.recent_maintenances if each.status.is_over]
    found = [*snapshot.recent_incidents, *done]
    return sorted(found, key=lambda each: (each.started_at, each.pk), reverse=True)


def _day_of(incident: IncidentView, days: Sequence[date], printer: Printer) -> date:
    began = in_zone(incident.started_at, printer.zone).date()
    if began < days[-1] and incident.resolved_at:
        return in_zone(incident.resolved_at, printer.zone).date()
    return began
