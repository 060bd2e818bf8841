"""Work that comes round: what is the same every time. Each time itself is a maintenance of its own."""

from datetime import datetime
from typing import ClassVar

from django.db import models

from incidents.domain.texts import BodyFormat
from incidents.models.components import Component
from incidents.models.fields import code_field, enum_field
from incidents.models.pages import Page


class Series(models.Model):
    """A rule on the page's clock, and the maintenance that is put on the page `lead_days` before each time."""

    code = code_field()
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="series")
    title = models.CharField(max_length=255)
    body = models.TextField()
    body_format = enum_field(BodyFormat, default=BodyFormat.PLAIN)
    begins = models.CharField(
        max_length=16, help_text="The first time on the page's clock: 2027-04-04T02:00."
    )
    rule = models.CharField(max_length=500, help_text="RFC 5545, such as FREQ=WEEKLY;BYDAY=SU.")
    minutes = models.PositiveIntegerField(help_text="How long it lasts.")
    lead_days = models.PositiveSmallIntegerField(default=14)
    remind_hours = models.PositiveSmallIntegerField(null=True)
    starts_itself = models.BooleanField(default=True)
    ends_itself = models.BooleanField(default=True)
    notify = models.BooleanField(default=True)
    components = models.ManyToManyField(Component, related_name="series")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["title", "id"]
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return self.title

    @property
    def first(self) -> datetime:
        """The first time, on the page's clock and without a zone."""
        return datetime.fromisoformat(self.begins)
