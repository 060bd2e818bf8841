"""Tables, constraints and querysets: one file a noun."""

from incidents.models.components import Component, ComponentGroup, StatusChange
from incidents.models.deliveries import Attempt, Delivery
from incidents.models.incidents import AffectedComponent, AutomaticHold, Incident, IncidentUpdate
from incidents.models.journal import Event
from incidents.models.maintenances import Maintenance
from incidents.models.pages import Page, PageHost
from incidents.models.probes import Probe, ProbeHour, ProbeResult
from incidents.models.pulses import Pulse
from incidents.models.rfos import Attachment, Rfo, RfoVersion
from incidents.models.subscribers import Subscriber, Suppression

__all__ = [
    "AffectedComponent",
    "Attachment",
    "Attempt",
    "AutomaticHold",
    "Component",
    "ComponentGroup",
    "Delivery",
    "Event",
    "Incident",
    "IncidentUpdate",
    "Maintenance",
    "Page",
    "PageHost",
    "Probe",
    "ProbeHour",
    "ProbeResult",
    "Pulse",
    "Rfo",
    "RfoVersion",
    "StatusChange",
    "Subscriber",
    "Suppression",
]
