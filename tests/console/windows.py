"""What the tests of maintenance in the console share: addresses, windows as people type them, changes of clocks."""

from datetime import date, datetime, timedelta

from django.test import Client
from django.utils.timezone import now

from incidents.domain.zones import LocalTimeError, NonexistentTime, in_zone, resolve_local
from incidents.models import Incident, Page
from tests.console.forms import post

HOUR = timedelta(hours=1)


def minute() -> datetime:
    return now().replace(second=0, microsecond=0)


def typed(at: datetime, page: Page) -> str:
    return in_zone(at, page.zone).strftime("%Y-%m-%dT%H:%M")


def planning(page: Page) -> str:
    return f"/console/pages/{page.code}/maintenances/new"


def url(incident: Incident) -> str:
    return f"/console/maintenances/{incident.code}"


def plan(client: Client, page: Page, **changes: str | None) -> object:
    begins = minute() + 24 * HOUR
    given = {
        "title": "Core switch",
        "body": "Calls may drop for a minute.",
        "begins": typed(begins, page),
        "ends": typed(begins + 2 * HOUR, page),
    }
    return post(client, planning(page), **given | changes)


def next_change(page: Page, kind: type[LocalTimeError]) -> tuple[date, datetime]:
    """The next day on which 02:30 does not exist, or comes twice, and the first instant that is offered for it."""
    today = in_zone(now(), page.zone).date()
    for days in range(1, 400):
        day = today + timedelta(days=days)
        try:
            resolve_local(datetime(day.year, day.month, day.day, 2, 30), page.zone)
        except LocalTimeError as error:
            if isinstance(error, kind):
                return day, error.shifted if isinstance(error, NonexistentTime) else error.options[0]  # type: ignore[attr-defined]
    raise AssertionError("the clocks of this zone do not change")
