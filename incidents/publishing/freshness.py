"""`/api/freshness.json`: what is confirmed now and when it was last checked, which Statuspage's keys do not say.

Three answers, never two: true where every check that watches it vouches for it, false where one does not, null where
nothing watches it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from incidents.domain.headline import has_reported, is_contradicted
from incidents.domain.tree import ComponentView, Snapshot
from incidents.formatting.statuspage import Json, page_json
from incidents.formatting.times import iso_ms
from incidents.publishing.api_v2 import dumped
from incidents.publishing.confirmed import checked_at
from incidents.publishing.subjects import Subject


class UnconfirmedReason(StrEnum):
    """Why a component is not confirmed."""

    NO_CHECK = "no_check"
    WAITING = "waiting_for_first_check"
    SILENT = "checks_silent"
    FAILING = "checks_failing"
    """It is set to operational although a check of it fails."""


@dataclass(frozen=True, slots=True)
class ComponentFreshness:
    """Whether a component's state is confirmed (None: nothing watches it), when it was last checked, and why not."""

    confirmed: bool | None
    checked_at: datetime | None
    unconfirmed_since: datetime | None
    reason: UnconfirmedReason | None


def component_freshness(component: ComponentView, snapshot: Snapshot) -> ComponentFreshness:
    """What the checks of a component vouch for at the snapshot's instant."""
    last = max((check.last_at for check in component.checks if check.last_at), default=None)
    if not component.checks:
        return ComponentFreshness(None, None, None, UnconfirmedReason.NO_CHECK)
    since = snapshot.unknown_since(component)
    if since:
        reason = UnconfirmedReason.SILENT if has_reported(component) else UnconfirmedReason.WAITING
        return ComponentFreshness(False, last, since, reason)
    if is_contradicted(component, snapshot.at):
        return ComponentFreshness(False, last, None, UnconfirmedReason.FAILING)
    return ComponentFreshness(True, last, None, None)


def page_confirmed(snapshot: Snapshot) -> bool | None:
    """False where one component is not confirmed; else None where one is not watched, or there is none at all."""
    return _all_confirmed(component_freshness(each, snapshot).confirmed for each in snapshot.components)


def freshness(subject: Subject) -> bytes:
    """`/api/freshness.json`"""
    snapshot = subject.snapshot
    checked = checked_at(snapshot)
    return dumped(
        {
            "page": page_json(snapshot.page),
            "confirmed": page_confirmed(snapshot),
            "checked_at": iso_ms(checked, snapshot.page.zone) if checked else None,
            "components": [_component_json(each, snapshot) for each in snapshot.components],
        }
    )


def _all_confirmed(found: Iterable[bool | None]) -> bool | None:
    each = set(found)
    if False in each:
        return False
    return True if each == {True} else None


def _component_json(component: ComponentView, snapshot: Snapshot) -> Json:
    found, zone = component_freshness(component, snapshot), snapshot.page.zone
    return {
        "id": component.code,
        "name": component.name,
        "group_id": component.group_code,
        "confirmed": found.confirmed,
        "checked_at": iso_ms(found.checked_at, zone) if found.checked_at else None,
        "unconfirmed_since": iso_ms(found.unconfirmed_since, zone) if found.unconfirmed_since else None,
        "reason": found.reason.value if found.reason else None,
    }
