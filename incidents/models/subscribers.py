"""Subscribers: where a person or a machine wants to be told; who is told of what is a queryset here."""

from typing import ClassVar

from django.db import models

from incidents.channels.kinds import choices
from incidents.domain.subscribers import SubscriberState
from incidents.models.components import Component
from incidents.models.fields import code_field, enum_field
from incidents.models.incidents import AffectedComponent, Incident
from incidents.models.pages import Page


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    """Who is told."""

    def active(self) -> "SubscriberQuerySet":
        """Confirmed and still wanting it."""
        return self.filter(state=SubscriberState.ACTIVE)

    def told_of(self, incident: Incident) -> "SubscriberQuerySet":
        """Active subscribers of the incident's page who chose all components or one that it affects."""
        affected = AffectedComponent.objects.filter(update__incident=incident).values("component")
        return (
            self.active()
            .filter(page=incident.page)
            .filter(
                ~models.Exists(Subscriber.components.through.objects.filter(subscriber=models.OuterRef("pk")))
                | models.Exists(
                    Subscriber.components.through.objects.filter(
                        subscriber=models.OuterRef("pk"), component__in=affected
                    )
                )
            )
        )


class Subscriber(models.Model):
    """One endpoint of one page. No chosen components means all of them."""

    code = code_field()
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="subscribers")
    channel = models.CharField(max_length=20, choices=choices)
    address = models.CharField(max_length=500, help_text="An e-mail address or a webhook's URL, normalised.")
    contact_email = models.CharField(
        max_length=254, blank=True, help_text="Who confirms and hears of failures of a webhook."
    )
    state = enum_field(SubscriberState, default=SubscriberState.PENDING)
    components = models.ManyToManyField(Component, blank=True, related_name="subscribers")
    secret = models.CharField(max_length=500, blank=True, help_text="A webhook's signing key, encrypted.")
    nonce = models.CharField(
        max_length=32, help_text="Part of every token; a new one revokes the old tokens."
    )
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["page", "channel", "address"], name="one_subscription_an_address_a_page"
            )
        ]

    def __str__(self) -> str:
        return self.address
