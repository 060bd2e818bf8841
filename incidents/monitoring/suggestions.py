"""What the probes have found and may not say: a person decides (DESIGN 9)."""

from collections.abc import Collection
from datetime import datetime

from incidents.domain.hysteresis import Verdict
from incidents.domain.journal import EventKind
from incidents.models import Event, Incident, Page, Probe


def suggestions(incidents: Collection[Incident]) -> dict[int, Event]:
    """What automation would have said since the newest words of each incident, had no person taken over: the newest."""
    said = {
        incident.pk: max(update.created_at for update in incident.updates.all()) for incident in incidents
    }
    held = Event.objects.filter(kind=EventKind.INCIDENT_HELD, incident__in=said, data__has_key="suggestion")
    newer = (
        event for event in held.order_by("pk") if event.incident_id and event.at > said[event.incident_id]
    )
    return {event.incident_id: event for event in newer if event.incident_id}


def words_of(event: Event | None) -> str:
    """What automation would have said; empty for nothing."""
    return str(event.data["suggestion"]) if event else ""


def unannounced(pages: Collection[Page], *, at: datetime) -> list[Probe]:
    """Probes for staff alone that find trouble on services of which no incident tells; the oldest trouble first."""
    found = Probe.objects.filter(
        enabled=True, announces=False, verdict__in=[Verdict.DOWN, Verdict.DEGRADED], component__page__in=pages
    ).exclude(muted_until__gt=at)
    told = Incident.objects.in_force().filter(updates__affected__isnull=False)
    rows = found.exclude(component__affected__update__incident__in=told)
    return sorted(
        rows.select_related("component__page", "component__group").distinct(),
        key=lambda probe: probe.trouble_since or at,
    )
