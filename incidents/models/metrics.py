"""Metrics: numbers over time that a script sends, such as calls in progress or answer-seizure ratio."""

from typing import ClassVar

from django.db import models

from incidents.models.fields import code_field
from incidents.models.pages import Page


class Metric(models.Model):
    """A named series of numbers of one page."""

    code = code_field()
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="metrics")
    name = models.CharField(max_length=255)
    suffix = models.CharField(max_length=20, blank=True, help_text="The unit, such as ms or %.")
    decimal_places = models.PositiveSmallIntegerField(default=2)
    tooltip = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name


class MetricPoint(models.Model):
    """One number; a second one for the same second replaces it."""

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="points")
    at = models.DateTimeField()
    value = models.FloatField()

    class Meta:
        ordering: ClassVar = ["at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["metric", "at"], name="one_number_an_instant_a_metric")
        ]

    def __str__(self) -> str:
        return f"{self.metric_id}: {self.value} at {self.at:%Y-%m-%d %H:%M:%S}Z"
