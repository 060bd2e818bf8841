"""Statuspage's public API v2, document by document (shared statuspage-api.md, section 1)."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from incidents.domain.tree import GroupView, IncidentView, Snapshot
from incidents.formatting.statuspage import (
    Json,
    component_json,
    flat_incident_json,
    group_json,
    incident_json,
    maintenance_json,
    page_json,
    status_json,
)
from incidents.publishing.subjects import Subject

MOST = 50

Part = Callable[[Snapshot], Any]


def document(**parts: Part) -> Callable[[Subject], bytes]:
    """A renderer of the page object and the named parts, in the order given."""

    def render(subject: Subject) -> bytes:
        snapshot = subject.snapshot
        return dumped(
            {"page": page_json(snapshot.page)} | {name: part(snapshot) for name, part in parts.items()}
        )

    return render


def incident(subject: Subject) -> bytes:
    """`/api/v2/incidents/<code>.json`: one incident, or one maintenance, in the frame of the others."""
    view, page = subject.the_incident, subject.snapshot.page
    thread = maintenance_json(view, page) if view.plan else incident_json(view, page)
    return dumped({"page": page_json(page), "incident": thread})


def flat_incident(subject: Subject) -> bytes:
    """`/incidents/<code>.json`: the older shape, without a frame."""
    return dumped(flat_incident_json(subject.the_incident, subject.snapshot.page))


def dumped(body: Json) -> bytes:
    """As Statuspage writes JSON: compact, in UTF-8, keys in our order."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def status(snapshot: Snapshot) -> Json:
    """The page's overall state; while monitoring is silent, the last one known."""
    return status_json(snapshot.rollup)


def components(snapshot: Snapshot) -> list[Json]:
    """Groups and leaves in one flat list, ascending by position over all of it."""
    page = snapshot.page
    found: list[Json] = []
    for top in snapshot.tops:
        if isinstance(top, GroupView):
            found += [group_json(top, page), *(component_json(leaf, page) for leaf in top.components)]
        else:
            found.append(component_json(top, page))
    return sorted(found, key=lambda each: int(each["position"]))


def incidents(snapshot: Snapshot) -> list[Json]:
    """The 50 newest, newest created first."""
    return _listed(snapshot, snapshot.recent_incidents, MOST)


def unresolved(snapshot: Snapshot) -> list[Json]:
    """Those that are open."""
    return _listed(snapshot, snapshot.open_incidents)


def maintenances(snapshot: Snapshot) -> list[Json]:
    """Those that are not over: upcoming ones, the next one first, then those in progress."""
    return _planned(snapshot, (*snapshot.upcoming, *snapshot.in_progress))


def upcoming_maintenances(snapshot: Snapshot) -> list[Json]:
    """Those yet to begin, the next one first."""
    return _planned(snapshot, snapshot.upcoming)


def active_maintenances(snapshot: Snapshot) -> list[Json]:
    """Those in progress."""
    return _planned(snapshot, snapshot.in_progress)


def all_maintenances(snapshot: Snapshot) -> list[Json]:
    """The 50 newest, newest created first."""
    return _planned(snapshot, _newest(snapshot.recent_maintenances)[:MOST])


def _planned(snapshot: Snapshot, chosen: Iterable[IncidentView]) -> list[Json]:
    return [maintenance_json(each, snapshot.page) for each in chosen]


def _newest(chosen: Iterable[IncidentView]) -> list[IncidentView]:
    return sorted(chosen, key=lambda incident: (incident.created_at, incident.pk), reverse=True)


def _listed(snapshot: Snapshot, chosen: Iterable[IncidentView], most: int | None = None) -> list[Json]:
    return [incident_json(each, snapshot.page) for each in _newest(chosen)[:most]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A GET of the API about the whole page; `words` say what it holds, for `/api`; monitors poll an urgent one."""

    path: str
    words: str
    render: Callable[[Subject], bytes]
    is_urgent: bool = False


ENDPOINTS = (
    Endpoint(
        "/api/v2/summary.json",
        "Everything at once: overall status, components, unresolved incidents and maintenance that is not over.",
        document(
            components=components, incidents=unresolved, scheduled_maintenances=maintenances, status=status
        ),
        is_urgent=True,
    ),
    Endpoint(
        "/api/v2/status.json",
        "The overall status in one word and one sentence.",
        document(status=status),
        is_urgent=True,
    ),
    Endpoint(
        "/api/v2/components.json",
        "Every component and group with its status.",
        document(components=components),
    ),
    Endpoint(
        "/api/v2/incidents.json",
        "The 50 newest incidents, resolved ones included.",
        document(incidents=incidents),
    ),
    Endpoint(
        "/api/v2/incidents/unresolved.json",
        "Incidents that are investigating, identified or monitoring.",
        document(incidents=unresolved),
    ),
    Endpoint(
        "/api/v2/scheduled-maintenances.json",
        "The 50 newest maintenances, completed ones included.",
        document(scheduled_maintenances=all_maintenances),
    ),
    Endpoint(
        "/api/v2/scheduled-maintenances/upcoming.json",
        "Maintenance that has not begun.",
        document(scheduled_maintenances=upcoming_maintenances),
    ),
    Endpoint(
        "/api/v2/scheduled-maintenances/active.json",
        "Maintenance in progress or being verified.",
        document(scheduled_maintenances=active_maintenances),
    ),
)
