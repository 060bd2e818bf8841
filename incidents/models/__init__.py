"""Tables, constraints and querysets: one file a noun."""

from incidents.models.accounts import AccountMail, SignInNetwork
from incidents.models.alerts import Alert
from incidents.models.audit import AuditHead, AuditLine
from incidents.models.clocks import Clock, ClockDuty, ClockPreset, Holiday
from incidents.models.components import Component, ComponentGroup, StatusChange
from incidents.models.deliveries import Attempt, Delivery
from incidents.models.drafts import Draft, Presence
from incidents.models.heads import HeadMail, HeadPublication
from incidents.models.incidents import AffectedComponent, AutomaticHold, Incident, IncidentUpdate, Revision
from incidents.models.journal import Event
from incidents.models.keys import ApiKey
from incidents.models.looks import Look
from incidents.models.maintenances import Maintenance
from incidents.models.metrics import Metric, MetricPoint
from incidents.models.pages import Page, PageHost
from incidents.models.policies import RfoPolicy, Signatory
from incidents.models.probes import Probe, ProbeHour, ProbeResult
from incidents.models.pulses import Pulse
from incidents.models.quotas import Quota
from incidents.models.replies import Reply
from incidents.models.reviews import RfoApproval, RfoComment
from incidents.models.rfos import ActionItem, Attachment, Rfo, RfoVersion
from incidents.models.series import Series
from incidents.models.signals import Signal, SignalNote, SignalSource
from incidents.models.staff import Membership
from incidents.models.subscribers import Subscriber, Suppression
from incidents.models.sweeps import SweepFailure
from incidents.models.system_clocks import SystemClock
from incidents.models.templates import IncidentTemplate

__all__ = [
    "AccountMail",
    "ActionItem",
    "AffectedComponent",
    "Alert",
    "ApiKey",
    "Attachment",
    "Attempt",
    "AuditHead",
    "AuditLine",
    "AutomaticHold",
    "Clock",
    "ClockDuty",
    "ClockPreset",
    "Component",
    "ComponentGroup",
    "Delivery",
    "Draft",
    "Event",
    "HeadMail",
    "HeadPublication",
    "Holiday",
    "Incident",
    "IncidentTemplate",
    "IncidentUpdate",
    "Look",
    "Maintenance",
    "Membership",
    "Metric",
    "MetricPoint",
    "Page",
    "PageHost",
    "Presence",
    "Probe",
    "ProbeHour",
    "ProbeResult",
    "Pulse",
    "Quota",
    "Reply",
    "Revision",
    "Rfo",
    "RfoApproval",
    "RfoComment",
    "RfoPolicy",
    "RfoVersion",
    "Series",
    "SignInNetwork",
    "Signal",
    "SignalNote",
    "SignalSource",
    "Signatory",
    "StatusChange",
    "Subscriber",
    "Suppression",
    "SweepFailure",
    "SystemClock",
]
