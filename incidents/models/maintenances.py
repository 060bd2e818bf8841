"""Maintenance: the plan of an incident that is announced beforehand."""

from typing import ClassVar

from django.db import models

from incidents.models.incidents import Incident


class Maintenance(models.Model):
    """When work begins and ends, and whether it does so by itself; what is said of it is its incident's thread."""

    incident = models.OneToOneField(Incident, on_delete=models.CASCADE, related_name="maintenance")
    scheduled_for = models.DateTimeField()
    scheduled_until = models.DateTimeField()
    starts_itself = models.BooleanField(default=True, help_text="At its time, without a person.")
    ends_itself = models.BooleanField(default=True, help_text="At its time, without a person.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(scheduled_until__gt=models.F("scheduled_for")),
                name="maintenance_ends_after_it_begins",
            )
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} from {self.scheduled_for:%Y-%m-%d %H:%M}Z"
