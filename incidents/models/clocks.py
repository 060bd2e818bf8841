"""Communication clocks: a page's presets, its holidays, and what each incident owes by when (DESIGN 12)."""

from typing import ClassVar

from django.db import models

from incidents.domain.clocks import Certainty, Obligation, Preset
from incidents.domain.frozen_json import from_json, to_json
from incidents.models.fields import enum_field
from incidents.models.incidents import Incident
from incidents.models.pages import Page


class ClockPreset(models.Model):
    """A page's own copy of a preset, as it was last edited; those without a row are as we ship them."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="clock_presets")
    key = models.SlugField(max_length=40)
    title = models.CharField(max_length=255)
    source = models.CharField(max_length=500, blank=True)
    checked_on = models.DateField()
    certainty = enum_field(Certainty)
    applies = models.CharField(max_length=500, blank=True)
    obligations = models.JSONField(default=list)
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["key"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["page", "key"], name="one_preset_of_a_key_on_a_page")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def preset(self) -> Preset:
        """As the domain knows it."""
        return Preset(
            key=self.key,
            title=self.title,
            source=self.source,
            checked_on=self.checked_on,
            certainty=Certainty(self.certainty),
            applies=self.applies,
            obligations=from_json(tuple[Obligation, ...], self.obligations, "obligations"),
        )


class Holiday(models.Model):
    """A day on which a page's people do not work."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="holidays")
    day = models.DateField()
    name = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering: ClassVar = ["day"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["page", "day"], name="one_holiday_a_day_a_page")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class Clock(models.Model):
    """A preset that runs for an incident; `moved` holds anchors that a person has set, by name in UTC."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="clocks")
    key = models.SlugField(max_length=40)
    title = models.CharField(max_length=255)
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    moved = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["incident", "key"], name="one_clock_of_a_key_an_incident")
        ]

    def __str__(self) -> str:
        return self.title


class ClockDuty(models.Model):
    """One thing that an incident owes: the obligation as it was then, when it is due, and what became of it."""

    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="duties")
    key = models.CharField(max_length=40)
    obligation = models.JSONField()
    anchor_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    first_due_at = models.DateTimeField(null=True, help_text="Before an anchor was moved.")
    met_at = models.DateTimeField(null=True)
    met_by = models.CharField(max_length=255, blank=True, help_text="What met it, such as RFO-2021-0001 v1.")
    breached_at = models.DateTimeField(null=True)
    breaches = models.PositiveIntegerField(default=0, help_text="Of a cadence: how often it was broken.")

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clock", "key"], name="one_duty_of_a_key_in_a_clock")
        ]

    def __str__(self) -> str:
        return self.said.title

    @property
    def said(self) -> Obligation:
        """The obligation as it was when the clock began."""
        found: Obligation = from_json(Obligation, self.obligation, "obligation")
        return found


def obligations_json(preset: Preset) -> list[dict[str, object]]:
    """What a preset's obligations are kept as."""
    found: list[dict[str, object]] = to_json(preset.obligations)
    return found
