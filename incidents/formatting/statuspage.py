"""Atlassian Statuspage's JSON shapes from the frozen tree: key for key, in its order.

Publishing builds `/api/v2` from these and notifying the webhooks, so that a client reads one incident.
Source: shared reference `statuspage-api.md`, sections 1 and 4.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import IncidentStatus
from incidents.domain.rollup import Rollup
from incidents.domain.tree import ComponentView, GroupView, IncidentView, PageView, UpdateView
from incidents.formatting.html import v2_markdown
from incidents.formatting.times import iso_ms
from incidents.formatting.update_texts import update_v2
from incidents.formatting.words import SUMMARY

Json = dict[str, Any]


def page_json(page: PageView) -> Json:
    """The `page` object that every document of v2 begins with."""
    return {
        "id": page.code,
        "name": page.name,
        "url": page.url,
        "time_zone": page.zone_name,
        "updated_at": iso_ms(page.updated_at, page.zone),
    }


def status_json(rollup: Rollup) -> Json:
    """The page's overall state."""
    return {"indicator": rollup.indicator.value, "description": SUMMARY[rollup.summary]}


def component_json(component: ComponentView, page: PageView) -> Json:
    """A leaf component."""
    return {
        "id": component.code,
        "name": component.name,
        "status": component.status.value,
        "created_at": iso_ms(component.created_at, page.zone),
        "updated_at": iso_ms(component.updated_at, page.zone),
        "position": component.position,
        "description": component.description or None,
        "showcase": component.showcase,
        "start_date": component.start_date.isoformat() if component.start_date else None,
        "group_id": component.group_code,
        "page_id": page.code,
        "group": False,
        "only_show_if_degraded": component.only_show_if_degraded,
    }


def group_json(group: GroupView, page: PageView) -> Json:
    """A group: as bad as its worst component, and the only object that has the key `components`."""
    return {
        "id": group.code,
        "name": group.name,
        "status": group.status.value,
        "created_at": iso_ms(group.created_at, page.zone),
        "updated_at": iso_ms(group.updated_at, page.zone),
        "position": group.position,
        "description": group.description or None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": page.code,
        "group": True,
        "only_show_if_degraded": False,
        "components": [component.code for component in group.components],
    }


def incident_json(incident: IncidentView, page: PageView) -> Json:
    """An incident with all its updates, newest first, and its components at their present status."""
    return {**_thread_json(incident, page), "reminder_intervals": None}


def maintenance_json(maintenance: IncidentView, page: PageView) -> Json:
    """A maintenance: an incident without reminders, with its window at the end."""
    return {**_thread_json(maintenance, page), **_window_json(maintenance, page)}


def _thread_json(incident: IncidentView, page: PageView) -> Json:
    return {
        "id": incident.code,
        "name": incident.title,
        "status": incident.status.value,
        "created_at": iso_ms(incident.created_at, page.zone),
        "updated_at": iso_ms(incident.updated_at, page.zone),
        "monitoring_at": _maybe(incident.monitoring_at, page.zone),
        "resolved_at": _maybe(incident.resolved_at, page.zone),
        "impact": incident.impact.value,
        "shortlink": incident_url(incident, page),
        "started_at": iso_ms(incident.created_at if incident.plan else incident.started_at, page.zone),
        "page_id": page.code,
        "incident_updates": [update_json(update, incident, page) for update in incident.updates],
        "components": [component_json(component, page) for component in incident.affected],
    }


def _window_json(incident: IncidentView, page: PageView) -> Json:
    plan = incident.plan
    return {
        "scheduled_for": _maybe(plan.scheduled_for if plan else None, page.zone),
        "scheduled_until": _maybe(plan.scheduled_until if plan else None, page.zone),
    }


def update_json(update: UpdateView, incident: IncidentView, page: PageView) -> Json:
    """One update; `affected_components` is null when there are none, never an empty list."""
    return {
        "id": update.code,
        "status": update.status.value,
        "body": _body(update),
        "incident_id": incident.code,
        "created_at": iso_ms(update.created_at, page.zone),
        "updated_at": iso_ms(update.changed_at, page.zone),
        "display_at": iso_ms(update.at, page.zone),
        "affected_components": [
            {
                "code": affected.code,
                "name": affected.full_name,
                "old_status": affected.old_status.value,
                "new_status": affected.new_status.value,
            }
            for affected in update.affected
        ]
        or None,
        "deliver_notifications": update.notify,
        "custom_tweet": None,
        "tweet_id": None,
    }


def webhook_incident(incident: IncidentView, page: PageView, rollup: Rollup) -> Json:
    """What a webhook carries for an incident, all but its `meta`, which differs by subscriber."""
    return {**webhook_page(page, rollup), "incident": flat_incident_json(incident, page)}


def webhook_page(page: PageView, rollup: Rollup) -> Json:
    """The page and its overall state, which every webhook carries."""
    status = status_json(rollup)
    return {
        "page": {
            "id": page.code,
            "status_indicator": status["indicator"],
            "status_description": status["description"],
        }
    }


def webhook_component(
    component: ComponentView,
    old: ComponentStatus,
    page: PageView,
    rollup: Rollup,
    *,
    number: str,
    at: datetime,
) -> Json:
    """What a webhook carries for a component that went from `old` to its status at `at`; `number` names the change."""
    whole = component_json(component, page)
    keys = ("status", "name", "created_at", "updated_at", "position", "description", "showcase", "id")
    return {
        **webhook_page(page, rollup),
        "component": {key: whole[key] for key in (*keys, "page_id", "group_id")},
        "component_update": {
            "old_status": old.value,
            "new_status": component.status.value,
            "created_at": iso_ms(at, page.zone),
            "component_type": "Component",
            "id": number,
            "component_id": component.code,
        },
    }


def flat_incident_json(incident: IncidentView, page: PageView) -> Json:
    """An incident or a maintenance as webhooks and `/incidents/<code>.json` have it, with all that v2 left out."""
    plan = incident.plan
    return {
        "name": incident.title,
        "status": incident.status.value,
        "created_at": iso_ms(incident.created_at, page.zone),
        "updated_at": iso_ms(incident.updated_at, page.zone),
        "monitoring_at": _maybe(incident.monitoring_at, page.zone),
        "resolved_at": _maybe(incident.resolved_at, page.zone),
        "impact": incident.impact.value,
        "shortlink": incident_url(incident, page),
        **_postmortem(incident, page),
        "backfilled": incident.resolved_at is not None and incident.resolved_at < incident.created_at,
        **_window_json(incident, page),
        "scheduled_remind_prior": False,
        "scheduled_reminded_at": None,
        "impact_override": incident.impact_override.value if incident.impact_override else None,
        "scheduled_auto_in_progress": plan is not None and plan.starts_itself,
        "scheduled_auto_completed": plan is not None and plan.ends_itself,
        "id": incident.code,
        "page_id": page.code,
        "incident_updates": [
            update_json(update, incident, page) | {"wants_twitter_update": False, "twitter_updated_at": None}
            for update in incident.updates
        ],
        "components": [component_json(component, page) for component in incident.affected],
    }


def incident_url(incident: IncidentView, page: PageView) -> str:
    """The incident's or maintenance's own page."""
    return f"{page.url}{incident.path}"


def _maybe(at: datetime | None, zone: ZoneInfo) -> str | None:
    return iso_ms(at, zone) if at else None


def _postmortem(incident: IncidentView, page: PageView) -> Json:
    told = next((update for update in incident.updates if update.rfo), None)
    if told and told.rfo and told.rfo.is_withdrawal:
        told = None
    rfo = told.rfo if told else None
    published = _maybe(rfo.published_at if rfo else None, page.zone)
    return {
        "postmortem_ignored": False,
        "postmortem_body": v2_markdown(rfo.body) if rfo else None,
        "postmortem_body_last_updated_at": published,
        "postmortem_published_at": published,
        "postmortem_notified_subscribers": bool(told and told.notify),
        "postmortem_notified_twitter": False,
    }


def _body(update: UpdateView) -> str:
    is_rfo = update.rfo is not None or update.status == IncidentStatus.POSTMORTEM
    return v2_markdown(update.body) if is_rfo else update_v2(update.body, update.body_format)
