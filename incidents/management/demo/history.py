"""Ninety days of ordinary life before today, replayed through the operations: time is their parameter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from incidents.domain.components import ComponentStatus as State
from incidents.domain.incidents import IncidentStatus as Status
from incidents.models import Component, Page
from incidents.operations.actors import DEMO
from incidents.operations.components import create_component, create_group
from incidents.operations.incidents import open_incident, resolve_incident, update_incident


@dataclass(frozen=True, slots=True)
class Episode:
    """An incident so many days ago at a local time; each step: minutes since the start, status, words."""

    days_ago: int
    began: time
    title: str
    components: Mapping[str, State]
    steps: Sequence[tuple[int, Status, str]]


EPISODES = (
    Episode(
        81,
        time(9, 42),
        "Delayed busy-lamp updates",
        {"Presence and BLF": State.DEGRADED_PERFORMANCE},
        (
            (
                0,
                Status.INVESTIGATING,
                "Busy lamps on desk phones change up to two minutes late. Calls are not affected.",
            ),
            (
                26,
                Status.IDENTIFIED,
                "One presence server fell behind after a restart; we are moving its subscriptions.",
            ),
            (58, Status.RESOLVED, "Busy lamps follow calls within a second again."),
        ),
    ),
    Episode(
        47,
        time(14, 5),
        "Inbound calls from one carrier failing",
        {"Inbound calls": State.PARTIAL_OUTAGE},
        (
            (
                0,
                Status.INVESTIGATING,
                "Calls from one upstream carrier end in 503. Other carriers are not affected.",
            ),
            (
                17,
                Status.IDENTIFIED,
                "The carrier confirms a fault on its interconnect in Sydney and reroutes via Melbourne.",
            ),
            (49, Status.MONITORING, "Calls from this carrier complete again."),
            (110, Status.RESOLVED, "No failed call for an hour. The carrier has promised a report."),
        ),
    ),
    Episode(
        23,
        time(6, 31),
        "Registrations refused over TLS",
        {"Network": State.PARTIAL_OUTAGE, "Registration": State.PARTIAL_OUTAGE},
        (
            (
                0,
                Status.INVESTIGATING,
                "Phones that register over TLS are refused. UDP and TCP are not affected.",
            ),
            (
                9,
                Status.IDENTIFIED,
                "A renewed certificate was installed without its intermediate; we are replacing it.",
            ),
            (21, Status.MONITORING, "TLS handshakes succeed from all of our probes again."),
            (52, Status.RESOLVED, "Registrations over TLS are back at their usual number."),
        ),
    ),
    Episode(
        8,
        time(11, 18),
        "Voicemail e-mails delayed",
        {"SIPcity Cloud PBX": State.DEGRADED_PERFORMANCE},
        (
            (0, Status.INVESTIGATING, "Voicemail messages reach mailboxes late. Nothing is lost."),
            (35, Status.MONITORING, "The queue is draining; messages now take under a minute."),
            (70, Status.RESOLVED, "All delayed messages have been delivered."),
        ),
    ),
)


def replay(page: Page, episodes: Sequence[Episode], *, now: datetime) -> None:
    """Write the episodes of the last ninety days, oldest first, telling nobody."""
    components = {component.name: component for component in Component.objects.filter(page=page)}
    for episode in episodes:
        day = now.astimezone(page.zone).date() - timedelta(days=episode.days_ago)
        start = datetime.combine(day, episode.began, tzinfo=page.zone).astimezone(UTC)
        (_, status, words), *rest = episode.steps
        incident = open_incident(
            page,
            title=episode.title,
            body=words,
            status=status,
            components={components[name]: state for name, state in episode.components.items()},
            by=DEMO,
            at=start,
            notify=False,
        )
        for minutes, later, said in rest:
            at = start + timedelta(minutes=minutes)
            if later == Status.RESOLVED:
                resolve_incident(incident, body=said, by=DEMO, at=at, notify=False)
            else:
                update_incident(incident, status=later, body=said, by=DEMO, at=at, notify=False)


def create_components(
    page: Page, layout: Mapping[str, Sequence[str]], alone: Sequence[str], *, at: datetime
) -> list[Component]:
    """Groups with their components, then stand-alone ones, in the order given."""
    made = []
    for name, children in layout.items():
        group = create_group(page, name=name, by=DEMO, at=at)
        made += [create_component(page, name=child, group=group, by=DEMO, at=at) for child in children]
    return made + [create_component(page, name=name, by=DEMO, at=at) for name in alone]
