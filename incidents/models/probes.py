"""Probes, what is remembered of them between results, and the results."""

from dataclasses import asdict
from datetime import datetime
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from incidents.domain.hysteresis import Track, Verdict
from incidents.domain.outcomes import Health, Outcome
from incidents.models.components import Component
from incidents.models.fields import code_field, enum_field, validate_clean
from incidents.probes.kinds import choices


class ProbeQuerySet(models.QuerySet["Probe"]):
    """Questions that more than one floor asks."""

    def due(self, at: datetime) -> "ProbeQuerySet":
        """Enabled probes whose time has come and that no other run holds."""
        free = models.Q(leased_until__isnull=True) | models.Q(leased_until__lte=at)
        return self.filter(free, enabled=True, next_due__lte=at)


class Probe(models.Model):
    """One check of one component from here. The schedule and the verdict live in this row."""

    code = code_field()
    component = models.ForeignKey(Component, on_delete=models.CASCADE, related_name="probes")
    name = models.CharField(max_length=255, validators=[validate_clean])
    kind = models.CharField(max_length=40, choices=choices)
    target = models.CharField(max_length=255, help_text="For example sip:voice.example.net:5060")
    config = models.JSONField(default=dict, blank=True, help_text="The kind's options; see /help/probes.")
    interval_seconds = models.PositiveIntegerField(
        default=30, validators=[MinValueValidator(1), MaxValueValidator(86_400)]
    )
    threshold = models.PositiveSmallIntegerField(
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text="Consecutive results that make a verdict, down as well as up.",
    )
    settle_seconds = models.PositiveIntegerField(
        default=300,
        validators=[MaxValueValidator(86_400)],
        help_text="How long a recovered service is watched before its automatic incident resolves.",
    )
    enabled = models.BooleanField(default=True)

    next_due = models.DateTimeField(editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    verdict = enum_field(Verdict, default=Verdict.UNKNOWN, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    troubles = models.PositiveIntegerField(default=0, editable=False)
    answers = models.PositiveIntegerField(default=0, editable=False)
    successes = models.PositiveIntegerField(default=0, editable=False)
    since = models.DateTimeField(null=True, editable=False)
    last_at = models.DateTimeField(null=True, editable=False, help_text="When it last ran.")
    confirmed_at = models.DateTimeField(
        null=True, editable=False, help_text="When it last measured anything: what the page may vouch for."
    )
    confirmed_outcome = enum_field(Outcome, blank=True, default="", editable=False)
    confirmed_code = models.PositiveIntegerField(null=True, editable=False)
    last_outcome = enum_field(Outcome, blank=True, default="", editable=False)
    last_detail = models.CharField(max_length=500, blank=True, default="", editable=False)

    objects = ProbeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["enabled", "next_due"])]

    def __str__(self) -> str:
        return self.name

    @property
    def track(self) -> Track:
        """What the state machine remembers."""
        return Track(
            Verdict(self.verdict), self.failures, self.troubles, self.answers, self.successes, self.since
        )

    @track.setter
    def track(self, track: Track) -> None:
        for field, value in asdict(track).items():
            setattr(self, field, value)


class ProbeResult(models.Model):
    """One measurement with its evidence."""

    probe = models.ForeignKey(Probe, on_delete=models.CASCADE, related_name="results")
    at = models.DateTimeField()
    outcome = enum_field(Outcome)
    health = enum_field(Health)
    detail = models.CharField(max_length=500, blank=True)
    reply_code = models.PositiveIntegerField(null=True)
    server = models.CharField(max_length=255, blank=True)
    times = models.JSONField(default=dict, help_text="Milliseconds by layer: dns, connect, tls, sip, total.")
    retransmissions = models.PositiveSmallIntegerField(default=0)
    trace = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["probe", "-at"])]

    def __str__(self) -> str:
        return f"{self.probe_id} {self.outcome} {self.at:%Y-%m-%d %H:%M:%S}Z"
