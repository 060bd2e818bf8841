"""The journal: every change as one append-only row, audit line and outbox entry in one (DESIGN 2, 10)."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models

from incidents.domain.journal import EventKind
from incidents.models.components import Component
from incidents.models.fields import enum_field
from incidents.models.incidents import Incident, IncidentUpdate
from incidents.models.pages import Page
from incidents.models.subscribers import Subscriber


class EventQuerySet(models.QuerySet["Event"]):
    """Questions of the relay and the console."""

    def to_expand(self, at: datetime) -> "EventQuerySet":
        """Events somebody must hear of, whose hold is over and whose fan-out is not finished."""
        return self.filter(
            notifies=True, expanded_at__isnull=True, cancelled_at__isnull=True, hold_until__lte=at
        )

    def waiting(self, at: datetime) -> "EventQuerySet":
        """Events somebody will hear of once their hold is over, of which nobody has heard yet."""
        return self.filter(
            notifies=True, expanded_at__isnull=True, cancelled_at__isnull=True, cursor=0, hold_until__gt=at
        )


class Event(models.Model):
    """Who did what to which thing and when; and, where people are told, how far the telling has come."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="events")
    kind = enum_field(EventKind)
    at = models.DateTimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    actor = models.CharField(max_length=150, help_text="A user name, `probes`, `import` or `subscriber`.")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="events")
    update = models.ForeignKey(IncidentUpdate, on_delete=models.PROTECT, null=True, related_name="events")
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, null=True, related_name="events")
    component = models.ForeignKey(
        Component, on_delete=models.PROTECT, null=True, related_name="events", help_text="Whose status moved."
    )
    data = models.JSONField(default=dict)

    notifies = models.BooleanField(default=False)
    hold_until = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    cursor = models.BigIntegerField(default=0, help_text="The last subscriber that has a delivery row.")
    expanded_at = models.DateTimeField(null=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["page", "id"]),
            models.Index(
                fields=["hold_until"],
                condition=models.Q(notifies=True, expanded_at__isnull=True),
                name="events_to_expand",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M:%S}Z by {self.actor}"
