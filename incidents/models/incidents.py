"""Incidents, their timestamped updates and what each update said of each component."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import (
    IN_FORCE_STATUSES,
    MAINTENANCE_STATUSES,
    OPEN_STATUSES,
    Impact,
    IncidentStatus,
)
from incidents.domain.texts import BodyFormat
from incidents.models.components import Component
from incidents.models.fields import code_field, enum_field
from incidents.models.pages import Page


class IncidentQuerySet(models.QuerySet["Incident"]):
    """Questions that more than one floor asks."""

    def open(self) -> "IncidentQuerySet":
        """Incidents whose end customers still wait for."""
        return self.filter(status__in=OPEN_STATUSES)

    def in_force(self) -> "IncidentQuerySet":
        """Open incidents and maintenance in progress: what they say of components holds now."""
        return self.filter(status__in=IN_FORCE_STATUSES)

    def pending(self) -> "IncidentQuerySet":
        """Those in force and maintenance yet to begin: readers expect more of each."""
        return self.filter(status__in=IN_FORCE_STATUSES | {IncidentStatus.SCHEDULED})

    def planned(self) -> "IncidentQuerySet":
        """Those that are maintenance."""
        return self.filter(status__in=MAINTENANCE_STATUSES)

    def unplanned(self) -> "IncidentQuerySet":
        """Those that are not."""
        return self.exclude(status__in=MAINTENANCE_STATUSES)

    def family(self, *incidents: "Incident") -> "IncidentQuerySet":
        """All tellings of the outages that these incidents tell of, on whichever page; they themselves among them."""
        firsts = {each.first_pk for each in incidents}
        return self.filter(models.Q(pk__in=firsts) | models.Q(twin_of__in=firsts))


_Incidents = models.Manager.from_queryset(IncidentQuerySet)


class IncidentManager(_Incidents["Incident"]):
    """All but those that were deleted: nothing shows or counts these any longer, only the journal knows them."""

    def get_queryset(self) -> IncidentQuerySet:
        """The rows that there are, for everybody who asks."""
        return IncidentQuerySet(self.model, using=self._db).filter(deleted_at=None)


class Incident(models.Model):
    """One outage on one page, told as a thread of updates; its status is that of the newest update.

    A maintenance is told in the same way: its thread is an incident with a plan (`Maintenance`), and `started_at` is
    when it is to begin.
    """

    code = code_field()
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="incidents")
    title = models.CharField(max_length=255)
    status = enum_field(IncidentStatus)
    impact = enum_field(Impact, default=Impact.NONE, help_text="Computed; never lowered by itself.")
    impact_override = enum_field(Impact, blank=True, default="")
    automatic = models.BooleanField(default=False, help_text="Opened by probes, not by a person.")
    taken_over_at = models.DateTimeField(
        null=True, help_text="The first staff update; from then on automation only suggests."
    )
    started_at = models.DateTimeField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    monitoring_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    twin_of = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        related_name="twins",
        help_text="The same outage as first told on another page.",
    )
    caused_by = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        related_name="caused",
        help_text="The maintenance that brought it about.",
    )
    import_key = models.CharField(  # noqa: DJ001  (unique, and most incidents have none)
        max_length=64, null=True, unique=True, help_text="SHA-256 of what identifies the imported report."
    )
    version = models.PositiveIntegerField(
        default=1, help_text="Counts writes, so that a stale form is noticed."
    )
    metadata = models.JSONField(default=dict, help_text="Objects of a script's own; never shown.")
    deleted_at = models.DateTimeField(null=True, help_text="Taken from the page for good.")

    objects = IncidentManager()

    class Meta:
        ordering: ClassVar = ["-started_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["page", "-started_at"]),
            models.Index(fields=["page", "status"]),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["twin_of", "page"], name="an_outage_once_a_page")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def first_pk(self) -> int:
        """Which incident told of the outage first; its twins, on other pages, all point to it."""
        return self.twin_of_id or self.pk

    @property
    def shown_impact(self) -> Impact:
        """What the public sees: the override where staff set one."""
        return Impact(self.impact_override or self.impact)

    @property
    def state(self) -> IncidentStatus:
        """The stored status as a domain value."""
        return IncidentStatus(self.status)


class IncidentUpdate(models.Model):
    """One public statement. `at` is the instant it speaks for; `created_at` is never backdated."""

    code = code_field()
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="updates")
    status = enum_field(IncidentStatus)
    body = models.TextField(help_text="As it was written; of a postmortem the RFO's Markdown.")
    body_format = enum_field(
        BodyFormat, default=BodyFormat.PLAIN, help_text="How the body and its earlier versions are written."
    )
    at = models.DateTimeField()
    created_at = models.DateTimeField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    automatic = models.BooleanField(default=False)
    added_later = models.BooleanField(default=False, help_text="Backdated while the incident was being told.")
    edited_at = models.DateTimeField(
        null=True, help_text="When its words were last changed after publication."
    )
    next_update_by = models.DateTimeField(null=True)
    notify = models.BooleanField(default=True)
    rfo_version = models.OneToOneField(
        "RfoVersion", on_delete=models.PROTECT, null=True, related_name="update"
    )

    class Meta:
        ordering: ClassVar = ["at", "id"]
        indexes: ClassVar = [models.Index(fields=["incident", "at"])]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.status} {self.at:%Y-%m-%d %H:%M}Z"


class Revision(models.Model):
    """What an update said until somebody changed its words: shown with it, never thrown away."""

    update = models.ForeignKey(IncidentUpdate, on_delete=models.CASCADE, related_name="revisions")
    body = models.TextField()
    replaced_at = models.DateTimeField()
    replaced_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.update_id} until {self.replaced_at:%Y-%m-%d %H:%M}Z"


class AffectedComponent(models.Model):
    """What one update said of one component: where it was and where it is now."""

    update = models.ForeignKey(IncidentUpdate, on_delete=models.CASCADE, related_name="affected")
    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="affected")
    group_name = models.CharField(max_length=255, blank=True, help_text="As it was called then.")
    name = models.CharField(max_length=255, help_text="As it was called then.")
    old_status = enum_field(ComponentStatus)
    new_status = enum_field(ComponentStatus)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["update", "component"], name="a_component_once_an_update")
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.old_status} to {self.new_status}"


class AutomaticHold(models.Model):
    """Probes hold this incident open for this component: at most one open hold a component, by constraint."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="holds")
    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="holds")
    held_at = models.DateTimeField()
    concluded = enum_field(ComponentStatus, help_text="What automation last said, or would have said.")
    recovered_at = models.DateTimeField(null=True, help_text="Since when the probes are content again.")
    released_at = models.DateTimeField(null=True)
    silenced_at = models.DateTimeField(
        null=True,
        help_text="When a failing probe of it was paused or muted: only a person says then that it is over.",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["component"],
                condition=models.Q(released_at__isnull=True),
                name="one_open_automatic_incident_a_component",
            )
        ]

    def __str__(self) -> str:
        return f"{self.component_id} held by {self.incident_id}"
