"""Deliveries: one row for each subscriber and event, a notification before it is anything else; and what was tried."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models

from incidents.domain.deliveries import LEASE, UNFINISHED, DeliveryState, late_lease
from incidents.models.fields import enum_field
from incidents.models.journal import Event
from incidents.models.subscribers import Subscriber


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Questions of the relay and of the console."""

    def ready(self, at: datetime) -> "DeliveryQuerySet":
        """Rows to try at `at`: due, not leased, and none older still unfinished for the same endpoint."""
        older = Delivery.objects.filter(
            subscriber=models.OuterRef("subscriber"),
            channel=models.OuterRef("channel"),
            pk__lt=models.OuterRef("pk"),
            state__in=UNFINISHED,
        )
        free = models.Q(leased_until__isnull=True) | models.Q(leased_until__lte=at)
        # A lease that ends so late was taken before the clock was set back.
        free |= models.Q(leased_until__gt=at + LEASE + late_lease(settings.EMAIL_CONFIRM_SECONDS))
        return self.filter(free, ~models.Exists(older), state__in=UNFINISHED, due_at__lte=at)


class Delivery(models.Model):
    """What one subscriber is told of one event; its primary key never changes over retries."""

    # Both are found by the constraint and the index below; a third and a fourth would only slow the fan-out.
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    channel = models.CharField(
        max_length=20, help_text="By which it goes: the subscriber's own, or e-mail to its owner."
    )
    state = enum_field(DeliveryState, default=DeliveryState.DUE)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    holder = models.CharField(max_length=32, blank=True, help_text="Which relay has the lease.")
    manual = models.BooleanField(default=False, help_text="Somebody asked for the attempt that is due.")
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    code = models.PositiveSmallIntegerField(
        null=True, help_text="HTTP status or SMTP reply of the last answer."
    )
    detail = models.CharField(max_length=1000, blank=True, help_text="What the other side said last.")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        verbose_name_plural = "deliveries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "subscriber"], name="told_once_of_an_event")
        ]
        indexes: ClassVar = [
            models.Index(fields=["channel", "state", "due_at", "id"]),
            models.Index(fields=["subscriber", "state", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.subscriber_id}: {self.state}"


class Attempt(models.Model):
    """One try that did not end in success; what succeeded is told by the delivery itself."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField(help_text="When the answer came.")
    took_ms = models.PositiveIntegerField()
    code = models.PositiveSmallIntegerField(null=True)
    detail = models.CharField(max_length=1000)
    manual = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.delivery_id}, try {self.number}: {self.detail}"
