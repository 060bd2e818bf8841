"""Maintenance: the plan of an incident that is announced beforehand."""

from typing import ClassVar

from django.db import models

from incidents.models.incidents import Incident
from incidents.models.series import Series


class Maintenance(models.Model):
    """When work begins and ends, and whether it does so by itself; what is said of it is its incident's thread."""

    incident = models.OneToOneField(Incident, on_delete=models.CASCADE, related_name="maintenance")
    scheduled_for = models.DateTimeField()
    scheduled_until = models.DateTimeField()
    starts_itself = models.BooleanField(default=True, help_text="At its time, without a person.")
    ends_itself = models.BooleanField(default=True, help_text="At its time, without a person.")

    series = models.ForeignKey(Series, on_delete=models.SET_NULL, null=True, related_name="made")
    occurrence = models.CharField(
        max_length=16, blank=True, help_text="Which time of its series it is, on the page's clock."
    )
    remind_hours = models.PositiveSmallIntegerField(
        null=True, help_text="So long before its beginning people are reminded."
    )
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(scheduled_until__gt=models.F("scheduled_for")),
                name="maintenance_ends_after_it_begins",
            ),
            models.UniqueConstraint(
                fields=["series", "occurrence"], name="each_time_of_a_series_is_made_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} from {self.scheduled_for:%Y-%m-%d %H:%M}Z"
