"""One outage told on several pages: each tells it in an incident of its own, to its own subscribers (DESIGN 6)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from incidents.domain.incidents import IncidentStatus
from incidents.models import Incident, IncidentUpdate, Page
from incidents.operations.actors import Actor
from incidents.operations.components import Statuses
from incidents.operations.errors import Refused
from incidents.operations.incidents import open_incident, update_incident
from incidents.operations.journal import NO_HOLD, lock


@dataclass(frozen=True, slots=True)
class Telling:
    """What one page is to say next. `expected_version` is the `Incident.version` that the author saw."""

    incident: Incident
    status: IncidentStatus
    body: str
    components: Statuses | None = None
    expected_version: int | None = None


@transaction.atomic
def tell_elsewhere(
    incident: Incident,
    page: Page,
    *,
    title: str,
    body: str,
    status: IncidentStatus = IncidentStatus.INVESTIGATING,
    components: Statuses | None = None,
    by: Actor,
    at: datetime,
    happened_at: datetime | None = None,
    next_update_by: datetime | None = None,
    notify: bool = True,
    hold: timedelta = NO_HOLD,
) -> Incident:
    """Tell an incident's outage on another page too, in that page's own words and of its own components.

    The new incident is a twin of the one that told it first, whichever of them is given. Raises Refused naming the
    field ("page" for one that tells it already); then nothing was written.
    """
    page = lock(page)
    incident = Incident.objects.get(pk=incident.pk)
    if incident.state.is_planned:
        raise Refused("incident", "A maintenance is announced on each page by itself.")
    if Incident.objects.family(incident).filter(page=page).exists():
        raise Refused("page", f"{page} tells of this already. Say more there.")
    return open_incident(
        page,
        title=title,
        body=body,
        status=status,
        components=components,
        by=by,
        at=at,
        happened_at=happened_at,
        next_update_by=next_update_by,
        notify=notify,
        hold=hold,
        twin_of=incident.twin_of or incident,
    )


@transaction.atomic
def update_twins(
    tellings: Sequence[Telling],
    *,
    by: Actor,
    at: datetime,
    happened_at: datetime | None = None,
    next_update_by: datetime | None = None,
    notify: bool = True,
    hold: timedelta = NO_HOLD,
) -> list[IncidentUpdate]:
    """Say something of one outage on several pages at once: all of it or nothing; the updates in the order given.

    Raises Refused and Conflict `about` the incident that it could not be said in.
    """
    if len({each.incident.first_pk for each in tellings}) > 1:
        raise Refused("incident", "These incidents tell of different outages.")
    lock_pages(each.incident for each in tellings)
    said = []
    for each in tellings:
        try:
            update = update_incident(
                each.incident,
                status=each.status,
                body=each.body,
                components=each.components,
                by=by,
                at=at,
                happened_at=happened_at,
                next_update_by=next_update_by,
                notify=notify,
                hold=hold,
                expected_version=each.expected_version,
            )
        except Refused as error:
            error.about = each.incident.code
            raise
        said.append(update)
    return said


def lock_pages(incidents: Iterable[Incident]) -> None:
    """Lock the pages of several incidents until the transaction ends.

    The smallest key comes first, as everywhere: two people who lock in one order never wait for each other.
    """
    for page in Page.objects.filter(pk__in={each.page_id for each in incidents}).order_by("pk"):
        lock(page)
