"""Probes, what is remembered of them between results, and the results."""

from dataclasses import fields
from datetime import datetime
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from incidents.domain.hysteresis import RECENT, Track, Verdict
from incidents.domain.outcomes import Health, Outcome
from incidents.domain.schedules import LEASE
from incidents.models.components import Component
from incidents.models.fields import code_field, enum_field, holds_sealed, validate_clean
from incidents.probes.kinds import choices

TRACKED = tuple(field.name for field in fields(Track))
"""The columns of a probe that the state machine moves on."""


class ProbeQuerySet(models.QuerySet["Probe"]):
    """Questions that more than one floor asks."""

    def due(self, at: datetime) -> "ProbeQuerySet":
        """Enabled probes whose time has come and that no other run holds."""
        free = models.Q(leased_until__isnull=True) | models.Q(leased_until__lte=at)
        # A lease that ends so late was taken before the clock was set back.
        free |= models.Q(leased_until__gt=at + 2 * LEASE)
        return self.filter(free, enabled=True, next_due__lte=at)

    def speaking(self, at: datetime) -> "ProbeQuerySet":
        """Those that the public hears of at `at`: enabled, not for staff alone, not muted."""
        return self.filter(enabled=True, announces=True).exclude(muted_until__gt=at)


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
    announces = models.BooleanField(
        default=True, help_text="Whether its failures open incidents; off, only staff see them."
    )
    muted_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then it runs and records, but opens nothing."
    )
    allows_private = models.BooleanField(
        default=False,
        editable=False,
        help_text="Set by somebody who may probe private networks.",
    )
    sealed = holds_sealed(
        models.TextField(
            blank=True, default="", editable=False, help_text="The kind's secret options, encrypted."
        )
    )

    next_due = models.DateTimeField(editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    verdict = enum_field(Verdict, default=Verdict.UNKNOWN, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    troubles = models.PositiveIntegerField(default=0, editable=False)
    answers = models.PositiveIntegerField(default=0, editable=False)
    successes = models.PositiveIntegerField(default=0, editable=False)
    since = models.DateTimeField(null=True, editable=False, help_text="Of the verdict.")
    trouble_since = models.DateTimeField(
        null=True, editable=False, help_text="The first of the present run of results that were not ok."
    )
    quiet_since = models.DateTimeField(
        null=True, editable=False, help_text="The first of the present run of good results."
    )
    flapping_since = models.DateTimeField(null=True, editable=False)
    turns = models.JSONField(
        default=list, editable=False, help_text="Instants of the newest changes of the verdict."
    )
    recent = models.CharField(
        max_length=RECENT,
        blank=True,
        default="",
        editable=False,
        help_text="A letter a result, oldest first.",
    )
    latencies = models.JSONField(
        default=list, editable=False, help_text="Milliseconds of the same results; null where nothing came."
    )
    last_at = models.DateTimeField(null=True, editable=False, help_text="When it last ran.")
    confirmed_at = models.DateTimeField(
        null=True, editable=False, help_text="When it last measured anything: what the page may vouch for."
    )
    confirmed_outcome = enum_field(Outcome, blank=True, default="", editable=False)
    confirmed_code = models.PositiveIntegerField(null=True, editable=False)
    confirmed_subject = models.CharField(max_length=255, blank=True, default="", editable=False)
    last_outcome = enum_field(Outcome, blank=True, default="", editable=False)
    last_detail = models.CharField(max_length=500, blank=True, default="", editable=False)
    beaten_at = models.DateTimeField(
        null=True, editable=False, help_text="Of a heartbeat: when it last came."
    )
    beat_status = models.PositiveSmallIntegerField(
        null=True, editable=False, help_text="Of a heartbeat: the exit status that came with it."
    )

    objects = ProbeQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["enabled", "next_due"])]
        permissions: ClassVar = [("probe_private", "Can probe private networks")]

    def __str__(self) -> str:
        return self.name

    @property
    def track(self) -> Track:
        """What the state machine remembers."""
        columns = {name: getattr(self, name) for name in TRACKED}
        turns = tuple(datetime.fromisoformat(turn) for turn in self.turns)
        return Track(**{**columns, "verdict": Verdict(self.verdict), "turns": turns})

    @track.setter
    def track(self, track: Track) -> None:
        for name in TRACKED:
            setattr(self, name, getattr(track, name))
        self.turns = [turn.isoformat() for turn in track.turns]


class ProbeResult(models.Model):
    """One measurement with its evidence."""

    probe = models.ForeignKey(Probe, on_delete=models.CASCADE, related_name="results")
    at = models.DateTimeField()
    outcome = enum_field(Outcome)
    health = enum_field(Health)
    detail = models.CharField(max_length=500, blank=True)
    reply_code = models.PositiveIntegerField(null=True)
    server = models.CharField(max_length=255, blank=True)
    times = models.JSONField(
        default=dict, help_text="Milliseconds by layer: dns, connect, tls, sip, media, total."
    )
    facts = models.JSONField(default=dict, help_text="Other numbers: days_left, loss_percent, checked.")
    subject = models.CharField(max_length=255, blank=True, default="")
    retransmissions = models.PositiveIntegerField(default=0)
    trace = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["probe", "-at"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.probe_id} {self.outcome} {self.at:%Y-%m-%d %H:%M:%S}Z"


class ProbeHour(models.Model):
    """What one probe measured in one hour (UTC); it outlives the single results."""

    probe = models.ForeignKey(Probe, on_delete=models.CASCADE, related_name="hours")
    hour = models.DateTimeField()
    ok = models.PositiveIntegerField(default=0)
    warning = models.PositiveIntegerField(default=0)
    degraded = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    inconclusive = models.PositiveIntegerField(default=0)
    fastest = models.FloatField(null=True, help_text="Milliseconds, of results that were not failed.")
    median = models.FloatField(null=True, help_text="Milliseconds.")
    slowest = models.FloatField(null=True, help_text="Milliseconds.")

    class Meta:
        ordering: ClassVar = ["hour"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["probe", "hour"], name="an_hour_once_a_probe")
        ]

    def __str__(self) -> str:
        return f"{self.probe_id} {self.hour:%Y-%m-%d %H}h"
