"""Alerts for staff: one row a spell, so that each is raised once however often one looks."""

from datetime import timedelta
from typing import ClassVar

from django.db import models

from incidents.domain.alerts import Cause
from incidents.models.fields import enum_field
from incidents.models.pages import Page


class Alert(models.Model):
    """Something needs a person, from `raised_at` until nothing says so any more."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="alerts")
    cause = enum_field(Cause)
    key = models.CharField(max_length=120, help_text="What it is about: another key is another alert.")
    title = models.CharField(max_length=255)
    path = models.CharField(max_length=255, help_text="The screen on which something can be done.")
    raised_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["page", "cause", "key"],
                condition=models.Q(ended_at__isnull=True),
                name="one_open_alert_a_cause",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def lasted(self) -> timedelta:
        """How long it held; nothing for one that still does."""
        return self.ended_at - self.raised_at if self.ended_at else timedelta()
