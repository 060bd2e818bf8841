"""What the probes last saw of a page's components, for a person who decides (DESIGN 9)."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from incidents.console.checks import Check, check
from incidents.domain.components import ComponentStatus
from incidents.domain.hysteresis import Verdict
from incidents.domain.journal import EventKind
from incidents.models import Component, Event, Incident, Page, Probe


@dataclass(frozen=True, slots=True)
class Service:
    """A component with its checks."""

    component: Component
    checks: tuple[Check, ...]

    @property
    def is_troubled(self) -> bool:
        """Whether a person should look: not operational, or a check that is not up."""
        return self.component.state != ComponentStatus.OPERATIONAL or any(
            each.state != Verdict.UP for each in self.checks
        )


def services(components: Iterable[Component], *, at: datetime) -> list[Service]:
    """The given components (groups selected with them) with their enabled probes: one query."""
    components = list(components)
    checks: dict[int, list[Check]] = defaultdict(list)
    for probe in Probe.objects.filter(component__in=components, enabled=True):
        checks[probe.component_id].append(check(probe, at=at))
    return [Service(component, tuple(checks[component.pk])) for component in components]


def suggestions(incidents: Collection[Incident]) -> dict[int, str]:
    """What automation would have said since the newest words of each incident, had no person taken over."""
    said = {
        incident.pk: max(update.created_at for update in incident.updates.all()) for incident in incidents
    }
    held = Event.objects.filter(kind=EventKind.INCIDENT_HELD, incident__in=said, data__has_key="suggestion")
    newer = (
        event for event in held.order_by("pk") if event.incident_id and event.at > said[event.incident_id]
    )
    return {event.incident_id: str(event.data["suggestion"]) for event in newer if event.incident_id}


def watched_services(page: Page, *, at: datetime) -> list[Service]:
    """What of a page is monitored or not operational; what needs a person comes first."""
    found = services(Component.objects.filter(page=page).select_related("group"), at=at)
    shown = [each for each in found if each.checks or each.is_troubled]
    return sorted(shown, key=lambda each: not each.is_troubled)
