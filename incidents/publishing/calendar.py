"""`/maintenance.ics`: planned work for people's calendars (RFC 5545, and RFC 7986 for how often to look again)."""

from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from incidents.domain.incidents import IncidentStatus
from incidents.domain.tree import IncidentView, PageView, PlanView
from incidents.formatting.affected import affected_of
from incidents.formatting.statuspage import incident_url
from incidents.formatting.update_texts import update_plain
from incidents.publishing.subjects import Subject

LOOK_AGAIN = timedelta(hours=1)


def maintenance(subject: Subject) -> bytes:
    """What is planned, what goes on and what was done lately; times in UTC, which every calendar shows in its own."""
    snapshot = subject.snapshot
    page = snapshot.page
    found = Calendar()
    found.add("prodid", "-//Dialtone//Maintenance//EN")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", f"{page.name} maintenance")
    found.add("refresh-interval", LOOK_AGAIN, parameters={"VALUE": "DURATION"})
    found.add("x-published-ttl", "PT1H")
    for each in sorted(snapshot.recent_maintenances, key=lambda each: (each.started_at, each.pk)):
        if each.plan:
            found.add_component(_event(each, each.plan, page))
    written: bytes = found.to_ical()
    return written


def _event(work: IncidentView, plan: PlanView, page: PageView) -> Event:
    """The same UID for as long as it exists; a higher SEQUENCE tells a calendar that it has changed."""
    event = Event()
    event.add("uid", f"{work.code}@{page.naming}")
    event.add("dtstamp", work.updated_at.astimezone(UTC))
    event.add("last-modified", work.updated_at.astimezone(UTC))
    event.add("sequence", len(work.updates))
    event.add("dtstart", plan.scheduled_for.astimezone(UTC))
    event.add("dtend", _end(work, plan).astimezone(UTC))
    event.add("summary", f"{page.name}: {work.title}")
    event.add("description", _words(work, page))
    event.add("url", incident_url(work, page))
    event.add("status", "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _end(work: IncidentView, plan: PlanView) -> datetime:
    """As planned, or when it was completed, if that came earlier than planned and after it began."""
    done = work.resolved_at if work.status == IncidentStatus.COMPLETED else None
    return done if done and plan.scheduled_for < done < plan.scheduled_until else plan.scheduled_until


def _words(work: IncidentView, page: PageView) -> str:
    newest = work.updates[0] if work.updates else None
    parts = (
        update_plain(newest.body, newest.body_format) if newest else "",
        affected_of(work),
        incident_url(work, page),
    )
    return "\n\n".join(part for part in parts if part)
