"""A carrier's page in a real database: twelve services with ninety days, their probes, one incident, any history."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

from django.db import transaction

from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import Impact, IncidentStatus
from incidents.domain.journal import EventKind
from incidents.domain.pulses import Role
from incidents.models import AffectedComponent, Component, Event, Incident, IncidentUpdate, Page, StatusChange
from incidents.monitoring.heartbeat import beat
from incidents.operations.actors import DEMO
from incidents.publishing.publisher import publish_page
from tests import factories
from tests.peers.installation import Installation

TEN_YEARS = timedelta(days=3650)
LASTED = timedelta(minutes=90)
SERVICES = {
    "SIPcity Calling Platform": (
        "Network",
        "Registration",
        "Inbound calls",
        "Outbound calls",
        "Presence and BLF",
    ),
    "SIPcity Cloud PBX": ("Call queues", "Voicemail", "Recording", "Auto attendants"),
    "Customers": ("Number porting", "Arena customer portal", "Billing"),
}
OPEN = "SIP registration failing over TLS"
WORDS = (
    "A malformed certificate presented by one customer stops the stack; we are isolating it.",
    "Registrations over UDP and TCP are not affected. Phones that use TLS may fall back by themselves.",
    "The certificate is found and refused. Registrations over TLS are coming back.",
    "Four in five phones are registered again; the rest try every ten minutes.",
    "We keep watching the number of registrations before we call this over.",
)
STEPS = (
    (IncidentStatus.INVESTIGATING, "Some calls through this service fail. We are looking for the cause."),
    (IncidentStatus.IDENTIFIED, "One node of the cluster dropped its sessions; it is being taken out."),
    (IncidentStatus.MONITORING, "The node is out and calls complete again. We keep watching."),
    (IncidentStatus.RESOLVED, "No failed call for an hour. This incident is over."),
)
"""What a past incident said, evenly over LASTED."""


def publish_in(installation: Installation, *, past: int, quiet_days: int = 0) -> str:
    """Do as `publish` in the process of an installation; the code of the open incident."""
    code = f"from tests.bench import carrier\nprint(carrier.publish(past={past}, quiet_days={quiet_days}))"
    return installation.shell(code).split()[-1]


def open_codes(installation: Installation) -> list[str]:
    """The codes of the open incidents of an installation."""
    code = "from incidents.models import Incident\nprint(*[each.code for each in Incident.objects.open()])"
    return installation.shell(code).split()


def publish(*, past: int, quiet_days: int) -> str:
    """Make the page with `past` incidents spread evenly over ten years that ended `quiet_days` ago; publish it.

    All is published but, of the past incidents' own pages, only one a month: no post touches the others, and ten
    thousand would take a minute. Returns the code of the one that is open.
    """
    now = datetime.now(UTC)
    with transaction.atomic():
        page = factories.make_page("SIPcity", at=now - TEN_YEARS)
        services = _services(page, now)
        incident = _open(page, services, now)
    with transaction.atomic():
        _tell_history(page, services, past, now - timedelta(days=quiet_days))
    publish_page(page.pk)
    for role in Role:
        beat(role)
    return incident.code


def _services(page: Page, now: datetime) -> list[Component]:
    made = []
    for name, children in SERVICES.items():
        group = factories.make_group(page, name, at=now - TEN_YEARS)
        made += [factories.make_component(page, each, group=group, at=now - TEN_YEARS) for each in children]
    for component in made:
        for transport in ("udp", "tcp", "tls"):
            factories.make_probe(component, transport, last_at=now, interval=600)
        _trouble_days(component, now)
    return made


def _trouble_days(component: Component, now: datetime) -> None:
    """Two hours of some trouble on a dozen of the ninety days; which ones is the same in every run."""
    random = Random(component.name)
    for day in random.sample(range(1, 89), 12):
        at = now - timedelta(days=day)
        bad = random.choice(list(ComponentStatus)[2:])
        for status, when in ((bad, at), (ComponentStatus.OPERATIONAL, at + timedelta(hours=2))):
            StatusChange.objects.create(component=component, status=status, at=when)


def _tell_history(page: Page, services: Sequence[Component], past: int, end: datetime) -> None:
    """The rows that the operations would have left, in a few statements."""
    starts = [end - TEN_YEARS * (number + 0.5) / past for number in range(past)]
    incidents = Incident.objects.bulk_create(
        Incident(
            page=page,
            title=f"Calls failing through {services[number % len(services)].name}",
            status=IncidentStatus.RESOLVED,
            impact=Impact.MAJOR,
            started_at=start,
            created_at=start,
            updated_at=start + LASTED,
            resolved_at=start + LASTED,
        )
        for number, start in enumerate(starts)
    )
    updates = IncidentUpdate.objects.bulk_create(
        IncidentUpdate(
            incident=incident,
            status=status,
            body=words,
            at=incident.started_at + LASTED * step / 3,
            created_at=incident.started_at + LASTED * step / 3,
        )
        for incident in incidents
        for step, (status, words) in enumerate(STEPS)
    )
    _tell_states(services, incidents, updates)
    _tell_journal(page, incidents)


def _tell_states(
    services: Sequence[Component], incidents: Sequence[Incident], updates: Sequence[IncidentUpdate]
) -> None:
    """Each incident has one service down, from its first word to its last."""
    down, fine = ComponentStatus.MAJOR_OUTAGE, ComponentStatus.OPERATIONAL
    said = list(pairwise((fine, down, down, down, fine)))
    of_incident = {incident.pk: services[n % len(services)] for n, incident in enumerate(incidents)}
    AffectedComponent.objects.bulk_create(
        AffectedComponent(
            update=update,
            component=of_incident[update.incident_id],
            name=of_incident[update.incident_id].name,
            old_status=said[number % len(STEPS)][0],
            new_status=said[number % len(STEPS)][1],
        )
        for number, update in enumerate(updates)
    )
    StatusChange.objects.bulk_create(
        StatusChange(component=of_incident[incident.pk], status=status, at=at)
        for incident in incidents
        for status, at in ((down, incident.started_at), (fine, incident.started_at + LASTED))
    )


def _tell_journal(page: Page, incidents: Sequence[Incident]) -> None:
    """An event for one incident of each month: it makes the publisher render that month."""
    of_month = {
        incident.started_at.astimezone(page.zone).strftime("%Y-%m"): incident for incident in incidents
    }
    Event.objects.bulk_create(
        Event(
            page=page,
            kind=EventKind.INCIDENT_RESOLVED,
            at=incident.updated_at,
            actor=DEMO.name,
            incident=incident,
            hold_until=incident.updated_at,
        )
        for incident in of_month.values()
    )


def _open(page: Page, services: Sequence[Component], now: datetime) -> Incident:
    """Six updates in the last two hours."""
    affected = {services[1]: ComponentStatus.PARTIAL_OUTAGE}
    began = now - timedelta(hours=2)
    incident = factories.make_incident(page, OPEN, components=affected, at=began)
    for number, words in enumerate(WORDS, 1):
        factories.make_update(incident, words, at=began + timedelta(minutes=20 * number))
    return incident
