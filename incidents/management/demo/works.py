"""Planned work on the SIPcity page: one night that is over, and one to come."""

from datetime import UTC, datetime, time, timedelta

from incidents.domain.incidents import IncidentStatus as Status
from incidents.management.demo import outage
from incidents.models import Component, Page
from incidents.operations.actors import DEMO
from incidents.operations.maintenances import schedule_maintenance, update_maintenance

NIGHT, LASTS = time(1, 0), timedelta(hours=2)
"""Local time; every night of every zone here has this hour once."""
PAST, AHEAD = -12, 3
"""Days from today."""


def plan(page: Page, *, now: datetime) -> None:
    """Announce both, and tell the course of the one that is over; nobody is notified."""
    done = _night(page, PAST, now=now)
    over = schedule_maintenance(
        page,
        title="Replacement of the voicemail storage",
        body="We move all mailboxes to new disks. Messages can be left as always; hearing them may fail for minutes.",
        components=list(Component.objects.filter(page=page, name=outage.PBX)),
        scheduled_for=done,
        scheduled_until=done + LASTS,
        by=DEMO,
        at=done - timedelta(days=5),
        notify=False,
    )
    for minutes, status, words in (
        (0, Status.IN_PROGRESS, "The work has begun."),
        (65, Status.VERIFYING, "All mailboxes are moved. We are listening to messages in each of them."),
        (90, Status.COMPLETED, "The work is completed, half an hour early. No message was lost."),
    ):
        at = done + timedelta(minutes=minutes)
        update_maintenance(over, status=status, body=words, by=DEMO, at=at, notify=False)
    ahead = _night(page, AHEAD, now=now)
    names = ("Network", "Registration")
    schedule_maintenance(
        page,
        title="Upgrade of the SIP proxies",
        body="We upgrade the proxies one after the other. Phones may register anew once; calls that are up stay up.",
        components=list(Component.objects.filter(page=page, name__in=names)),
        scheduled_for=ahead,
        scheduled_until=ahead + LASTS,
        by=DEMO,
        at=now,
        notify=False,
    )


def _night(page: Page, days: int, *, now: datetime) -> datetime:
    day = now.astimezone(page.zone).date() + timedelta(days=days)
    return datetime.combine(day, NIGHT, tzinfo=page.zone).astimezone(UTC)
