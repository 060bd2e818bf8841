"""Statuspage's public API v2, document by document (shared statuspage-api.md, section 1)."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from incidents.domain.tree import GroupView, IncidentView, Snapshot
from incidents.formatting.statuspage import (
    Json,
    component_json,
    group_json,
    incident_json,
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
        body = {"page": page_json(snapshot.page)} | {name: part(snapshot) for name, part in parts.items()}
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    return render


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
    return _listed(snapshot, snapshot.recent_incidents)[:MOST]


def unresolved(snapshot: Snapshot) -> list[Json]:
    """Those that are open."""
    return _listed(snapshot, snapshot.open_incidents)


def maintenances(snapshot: Snapshot) -> list[Json]:  # noqa: ARG001  (a part of the document like any other)
    """Scheduled maintenance: none is planned through us yet."""
    return []


def _listed(snapshot: Snapshot, chosen: Iterable[IncidentView]) -> list[Json]:
    newest = sorted(chosen, key=lambda incident: (incident.created_at, incident.pk), reverse=True)
    return [incident_json(incident, snapshot.page) for incident in newest]
