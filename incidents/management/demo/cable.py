"""One fault as customers at both ends of it notice it: told on two pages, each in its own words."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from incidents.domain.components import ComponentStatus as State
from incidents.domain.incidents import IncidentStatus as Status
from incidents.management.demo.brands import SIPCITY, TALK
from incidents.models import Component, Incident, Page
from incidents.operations.actors import DEMO
from incidents.operations.incidents import open_incident
from incidents.operations.twins import Telling, tell_elsewhere, update_twins
from incidents.operations.updates import affected_components, restored_status

DAYS_AGO, BEGAN = 15, time(10, 15)
"""In Sydney; it is two hours later in Auckland, or three."""
TITLES = {SIPCITY.name: "Calls to New Zealand failing", TALK.name: "Calls to and from Australia failing"}
HIT = {SIPCITY.name: "Outbound calls", TALK.name: "Calls abroad"}
FIRST = {
    SIPCITY.name: "Most calls to New Zealand fail after a long silence. Calls within Australia are not affected.",
    TALK.name: "Most calls between New Zealand and Australia fail. Calls within New Zealand, and 111, work as always.",
}
THEN = (
    (
        25,
        Status.IDENTIFIED,
        {
            SIPCITY.name: "Our path across the Tasman loses packets. We are moving these calls to a second one.",
            TALK.name: "The path to our Australian partner loses packets. Calls are being moved to another cable.",
        },
    ),
    (
        52,
        Status.MONITORING,
        {
            SIPCITY.name: "Calls to New Zealand complete again over the second path. We are watching their quality.",
            TALK.name: "Calls to Australia complete again, in both directions. We are watching them.",
        },
    ),
    (
        140,
        Status.RESOLVED,
        {
            SIPCITY.name: "The first path was repaired at noon and carries calls to New Zealand again.",
            TALK.name: "The cable is repaired. Calls to Australia have been stable for an hour.",
        },
    ),
)


def tell(pages: Mapping[str, Page], *, now: datetime) -> None:
    """Replay it on the pages of the two brands, telling nobody."""
    here, there = pages[SIPCITY.name], pages[TALK.name]
    day = now.astimezone(here.zone).date() - timedelta(days=DAYS_AGO)
    start = datetime.combine(day, BEGAN, tzinfo=here.zone).astimezone(UTC)
    first = open_incident(
        here,
        title=TITLES[here.name],
        body=FIRST[here.name],
        components=_hit(here),
        by=DEMO,
        at=start,
        notify=False,
    )
    twin = tell_elsewhere(
        first,
        there,
        title=TITLES[there.name],
        body=FIRST[there.name],
        components=_hit(there),
        by=DEMO,
        at=start + timedelta(minutes=6),
        notify=False,
    )
    for minutes, status, said in THEN:
        tellings = [
            Telling(each, status, said[each.page.name], _back(each) if status == Status.RESOLVED else None)
            for each in (first, twin)
        ]
        update_twins(tellings, by=DEMO, at=start + timedelta(minutes=minutes), notify=False)


def _hit(page: Page) -> dict[Component, State]:
    return dict.fromkeys(Component.objects.filter(page=page, name=HIT[page.name]), State.PARTIAL_OUTAGE)


def _back(incident: Incident) -> dict[Component, State]:
    return {each: restored_status(each, without=incident) for each in affected_components(incident)}
