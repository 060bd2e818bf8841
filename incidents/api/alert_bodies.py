"""Bodies of other monitoring as our alerts: which component each is about, how bad it is, what it does not say.

An alert's own words are not published: they name machines that customers do not know. Public words come from the
annotations `status_title` and `status_body`; the component from the label `status_component` (its code or name) or
`component`; how bad it is from `status_component_status`, else from the severity.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from incidents.api.errors import Unprocessable
from incidents.domain.components import ComponentStatus
from incidents.domain.texts import shown
from incidents.models import Component, Page
from incidents.operations.heard_alerts import AlertGroup, Heard

SEVERITIES: Mapping[str, ComponentStatus] = {
    "critical": ComponentStatus.MAJOR_OUTAGE,
    "page": ComponentStatus.MAJOR_OUTAGE,
    "error": ComponentStatus.PARTIAL_OUTAGE,
    "warning": ComponentStatus.DEGRADED_PERFORMANCE,
    "info": ComponentStatus.OPERATIONAL,
}
NAME, BODY, LABELS = 255, 5_000, 50
LABEL_NAME, LABEL_VALUE = 128, 4_000
NO_DATA = "grafana_state_reason"
"""Grafana's annotation of an alert that is over for another reason than its data: `MissingSeries`, `NoData`, …"""


class ComponentNames:
    """The components of a page by code, and by name where only one has it."""

    def __init__(self, page: Page) -> None:
        rows = list(Component.objects.in_use().filter(page=page).select_related("group", "page"))
        names = Counter(each.name.lower() for each in rows)
        self._ambiguous = {name for name, count in names.items() if count > 1}
        by_name = {each.name.lower(): each for each in rows if each.name.lower() not in self._ambiguous}
        full = {each.full_name.lower(): each for each in rows}
        self._known = {**by_name, **full, **{each.code: each for each in rows}}

    def find(self, called: str) -> tuple[Component | None, str]:
        """The component, and where a name leads to none what is wrong with it."""
        found = self._known.get(called.lower())
        if found or not called:
            return found, ""
        name = called[:NAME]
        if called.lower() in self._ambiguous:
            return (
                None,
                f"More than one component is called “{name}”. Name it with its group, or by its code.",
            )
        return None, f"It names the component “{name}”, which this page does not have."


def alertmanager_alert(alert: Mapping[str, Any], group: str, known: ComponentNames, *, at: datetime) -> Heard:
    """One alert of Alertmanager's, or Grafana's, body."""
    labels, notes = alert.get("labels") or {}, alert.get("annotations") or {}
    told = {**labels, **notes}
    component, problem = known.find(
        shown(told.get("status_component") or told.get("component") or "", limit=NAME)
    )
    status, unknown = _status(told.get("status_component_status"), told.get("severity", ""))
    firing: bool | None = alert["status"] == "firing"
    reason = shown(notes.get(NO_DATA) or "", limit=NAME)
    doubt = ""
    if reason and not firing:
        firing = None
        doubt = (
            f"Its sender resolved it without data ({reason}), which does not say that the problem is over."
        )
    return Heard(
        fingerprint=_short(alert.get("fingerprint") or _print_of(labels)),
        firing=firing,
        began=min(alert.get("startsAt") or at, at),
        group=group,
        component=component,
        status=status,
        title=told.get("status_title", "")[:NAME],
        body=told.get("status_body", "")[:BODY],
        labels=_labels(labels),
        ended=_instant(alert.get("endsAt")),
        note=" ".join(filter(None, (problem, unknown, doubt))),
    )


def alertmanager_group(sent: Mapping[str, Any], known: ComponentNames, *, at: datetime) -> AlertGroup | None:
    """What the body says of its group; None where it has no group. Raises Unprocessable."""
    not_shown, group = sent.get("truncatedAlerts") or 0, group_of(sent)
    if not group:
        if not_shown:
            raise Unprocessable("groupKey: needed where truncatedAlerts says that alerts are not shown.")
        return None
    said = sent.get("status") or ""
    common = {
        "status": said,
        "fingerprint": "common",
        "labels": sent.get("commonLabels"),
        "annotations": sent.get("commonAnnotations"),
    }
    heard = alertmanager_alert(common, group, known, at=at)
    firing = {"firing": True, "resolved": False}.get(said)
    return AlertGroup(replace(heard, firing=firing, began=at, note=""), not_shown)


def group_of(sent: Mapping[str, Any]) -> str:
    """The group's key as the column takes it."""
    return _short(shown(sent.get("groupKey") or ""))


def signed_event(event: Mapping[str, Any], known: ComponentNames, *, at: datetime) -> Heard:
    """A signed event of anything else."""
    component, problem = known.find(shown(event.get("component") or "", limit=NAME))
    return Heard(
        fingerprint=_short(event["key"]),
        firing=event["status"] == "firing",
        began=min(event.get("began_at") or at, at),
        group=_short(shown(event.get("group") or "")),
        component=component,
        status=_status(event.get("component_status"), "")[0],
        title=event.get("title") or "",
        body=event.get("body") or "",
        labels=_labels({"component": event.get("component") or ""}),
        note=problem,
    )


def _labels(given: Mapping[str, str]) -> dict[str, str]:
    """Names and values as staff may read them: a direction that is turned could name another machine to them."""
    first = list(given.items())[:LABELS]
    return {shown(name, limit=LABEL_NAME): shown(value, limit=LABEL_VALUE) for name, value in first}


def _status(said: str | None, severity: str) -> tuple[ComponentStatus, str]:
    """How bad it is, and what is wrong with the word that should say so."""
    if said in {each.value for each in ComponentStatus}:
        return ComponentStatus(said), ""
    known = SEVERITIES.get(severity.lower(), ComponentStatus.PARTIAL_OUTAGE)
    problem = (
        f"“{shown(said, limit=NAME)}” is not a component's status; {known.value} is used." if said else ""
    )
    return known, problem


def _instant(said: object) -> datetime | None:
    """When an alert ended; None for what is not an instant, and for Alertmanager's year 1, which means not yet."""
    try:
        found = parse_datetime(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return found if found and found.tzinfo and found > datetime(2000, 1, 1, tzinfo=UTC) else None


def _print_of(labels: Mapping[str, str]) -> str:
    """Alertmanager always sends a fingerprint; who does not is known by the labels. Raises Unprocessable."""
    if not labels:
        raise Unprocessable(
            "alerts: each needs a fingerprint or labels, or its end could not be told from others."
        )
    return hashlib.sha256(repr(sorted(labels.items())).encode()).hexdigest()


def _short(name: str, most: int = 128) -> str:
    """A name as the column takes it; a longer one by its digest."""
    return name if len(name) <= most else hashlib.sha256(name.encode()).hexdigest()
