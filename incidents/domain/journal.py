"""What can happen: the kinds of journal events."""

from enum import StrEnum


class EventKind(StrEnum):
    """One word pair an event; the first part is the noun it happened to."""

    PAGE_CHANGED = "page.changed"
    COMPONENT_CHANGED = "component.changed"
    INCIDENT_OPENED = "incident.opened"
    INCIDENT_UPDATED = "incident.updated"
    INCIDENT_RESOLVED = "incident.resolved"
    INCIDENT_IMPORTED = "incident.imported"
    INCIDENT_HELD = "incident.held"
    MAINTENANCE_SCHEDULED = "maintenance.scheduled"
    MAINTENANCE_UPDATED = "maintenance.updated"
    MAINTENANCE_COMPLETED = "maintenance.completed"
    MAINTENANCE_REMINDED = "maintenance.reminded"
    SERIES_CHANGED = "series.changed"
    RFO_DRAFTED = "rfo.drafted"
    RFO_REVIEWED = "rfo.reviewed"
    RFO_PUBLISHED = "rfo.published"
    RFO_REVISED = "rfo.revised"
    RFO_WITHDRAWN = "rfo.withdrawn"
    CLOCK_CHANGED = "clock.changed"
    PROBE_CHANGED = "probe.changed"
    ALERT_RAISED = "alert.raised"
    SUBSCRIBER_REQUESTED = "subscriber.requested"
    SUBSCRIBER_CONFIRMED = "subscriber.confirmed"
    SUBSCRIBER_CHANGED = "subscriber.changed"
    SUBSCRIBER_TRIED = "subscriber.tried"
    SUBSCRIBER_BOUNCED = "subscriber.bounced"
    SUBSCRIBER_DISABLED = "subscriber.disabled"
    SUBSCRIBER_ENDED = "subscriber.ended"
    SUBSCRIBER_ERASED = "subscriber.erased"

    @property
    def noun(self) -> str:
        """What it happened to."""
        return self.value.partition(".")[0]


RFOS_TOLD = frozenset({EventKind.RFO_PUBLISHED, EventKind.RFO_REVISED, EventKind.RFO_WITHDRAWN})
"""The topic of its own under which RFOs are subscribed to."""

TOLD = RFOS_TOLD | frozenset(
    {
        EventKind.INCIDENT_OPENED,
        EventKind.INCIDENT_UPDATED,
        EventKind.INCIDENT_RESOLVED,
        EventKind.MAINTENANCE_SCHEDULED,
        EventKind.MAINTENANCE_UPDATED,
        EventKind.MAINTENANCE_COMPLETED,
        EventKind.MAINTENANCE_REMINDED,
    }
)
"""Kinds that subscribers of the page hear of, when the event says so."""

TO_OWNERS = frozenset({EventKind.SUBSCRIBER_REQUESTED, EventKind.SUBSCRIBER_DISABLED})
"""Kinds that the owner of one subscription is mailed, whatever its channel is."""

UNSEEN = frozenset(kind for kind in EventKind if kind.noun in {"subscriber", "alert"})
"""Kinds that change no document, so that nobody has to wait until the page is published."""
