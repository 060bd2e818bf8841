"""Deliveries: one row for each subscriber and event, a notification before it is anything else."""

from datetime import datetime
from typing import ClassVar

from django.db import models

from incidents.domain.deliveries import UNFINISHED, DeliveryState
from incidents.models.fields import enum_field
from incidents.models.journal import Event
from incidents.models.subscribers import Subscriber


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Questions of the relay and of the console."""

    def ready(self, at: datetime) -> "DeliveryQuerySet":
        """Rows to try at `at`: due, not leased, and none older still unfinished for the same endpoint."""
        older = Delivery.objects.filter(
            subscriber=models.OuterRef("subscriber"), pk__lt=models.OuterRef("pk"), state__in=UNFINISHED
        )
        free = models.Q(leased_until__isnull=True) | models.Q(leased_until__lte=at)
        return self.filter(free, ~models.Exists(older), state__in=UNFINISHED, due_at__lte=at)


class Delivery(models.Model):
    """What one subscriber is told of one event; its primary key never changes over retries."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="deliveries")
    state = enum_field(DeliveryState, default=DeliveryState.DUE)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    detail = models.CharField(max_length=1000, blank=True, help_text="What the other side said last.")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        verbose_name_plural = "deliveries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "subscriber"], name="told_once_of_an_event")
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "due_at"]),
            models.Index(fields=["subscriber", "state", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.subscriber_id}: {self.state}"
