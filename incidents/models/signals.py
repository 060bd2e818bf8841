"""Signals: what other monitoring tells us is firing, and the incident that tells customers of it."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from incidents.models.fields import code_field, holds_sealed
from incidents.models.incidents import Incident
from incidents.models.pages import Page


class SignalSource(models.Model):
    """A monitoring system of the carrier's own that may open incidents on one page."""

    code = code_field()
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="signal_sources")
    name = models.CharField(max_length=255)
    secret = holds_sealed(models.CharField(max_length=500, help_text="What signs its events, encrypted."))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name


class Signal(models.Model):
    """One thing that fires, by the fingerprint that its sender gives it; it may fire again after it has ended."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="signals")
    sender = models.CharField(max_length=40, help_text="`key <code>` or `source <code>`.")
    fingerprint = models.CharField(max_length=128)
    group = models.CharField(max_length=128, blank=True, help_text="Those of one group share an incident.")
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, null=True, related_name="signals")
    component = models.CharField(max_length=12, blank=True, help_text="The code of what it is about.")
    labels = models.JSONField(default=dict, help_text="As it was sent; for staff.")
    note = models.CharField(
        max_length=1000,
        blank=True,
        help_text="What staff should know of it, such as a component that it names and the page does not have.",
    )
    fired_at = models.DateTimeField()
    heard_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["page", "sender", "fingerprint"], name="a_signal_once_a_sender")
        ]
        indexes: ClassVar = [models.Index(fields=["incident", "ended_at"])]

    def __str__(self) -> str:
        return f"{self.fingerprint} {'ended' if self.ended_at else 'firing'}"


class SignalNote(models.Model):
    """The id of a signed event that was taken: the same one again changes nothing."""

    source = models.ForeignKey(SignalSource, on_delete=models.CASCADE, related_name="notes")
    message = models.CharField(max_length=255)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "message"], name="an_event_is_taken_once")
        ]
        indexes: ClassVar = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return self.message
