"""Subscribers: where a person or a machine wants to be told; who is told of what is a queryset here."""

import re
from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Lower

from incidents.channels.kinds import KINDS, choices
from incidents.domain.field_rights import FieldClass
from incidents.domain.incidents import Impact
from incidents.domain.masking import SEPARATOR, endpoint_hint, masked_mail
from incidents.domain.subscribers import SubscriberState, Topics
from incidents.models.components import Component
from incidents.models.fields import code_field, enum_field, holds_sealed
from incidents.models.incidents import AffectedComponent, Incident
from incidents.models.pages import Page

MAJOR = frozenset({Impact.MAJOR, Impact.CRITICAL})


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    """Who is told."""

    def active(self) -> "SubscriberQuerySet":
        """Confirmed and still wanting it."""
        return self.public().filter(state=SubscriberState.ACTIVE)

    def public(self) -> "SubscriberQuerySet":
        """Those who hear what the public hears."""
        return self.filter(is_staff=False, merged_into=None)

    def matching(self, question: str) -> "SubscriberQuerySet":
        """Those in whose address or contact the words occur; of a machine's URL only the host can be searched."""
        machines = [kind.name for kind in KINDS.values() if kind.is_machine]
        host = models.Q(channel__in=machines, address__iregex=f"{re.escape(question)}.*{SEPARATOR}")
        person = models.Q(address__icontains=question) & ~models.Q(channel__in=machines)
        return self.filter(host | person | models.Q(contact_email__icontains=question))

    def called(self, page: Page) -> "SubscriberQuerySet":
        """Where the staff of a page are called at."""
        return self.filter(page=page, is_staff=True, state=SubscriberState.ACTIVE)

    def told_of(self, incident: Incident, *, rfo: bool = False) -> "SubscriberQuerySet":
        """Active subscribers of the incident's page who follow it, or whose choice of components and impact it meets;
        with `rfo` those who hear of its RFO.

        Who follows it and would hear of it anyway, by another subscription of the same address, is told once.
        """
        affected = AffectedComponent.objects.filter(update__incident=incident).values("component")
        topic = {"wants_rfos": True} if rfo else {"wants_incidents": True}
        mine = self.active().filter(page=incident.page, **topic)
        general = models.Q(incident__isnull=True) & chose(affected)
        if Impact(incident.impact) not in MAJOR:
            general &= models.Q(only_major=False)
        twin = Subscriber.objects.active().filter(
            general,
            **topic,
            page=models.OuterRef("page"),
            channel=models.OuterRef("channel"),
            address__lower=Lower(models.OuterRef("address")),
        )
        return mine.filter(general | (models.Q(incident=incident) & ~models.Exists(twin)))

    def told_of_component(self, component: Component, *, is_major: bool) -> "SubscriberQuerySet":
        """Active machines of the component's page that take its changes of status one by one, as Statuspage sends
        them."""
        machines = [kind.name for kind in KINDS.values() if kind.hears_components]
        mine = self.active().filter(
            chose([component.pk]),
            page=component.page_id,
            channel__in=machines,
            incident__isnull=True,
            wants_incidents=True,
        )
        return mine if is_major else mine.filter(only_major=False)


def chose(components: "models.QuerySet[Any, Any] | list[int]") -> models.Q:
    """Subscribers that ticked no component, which means all, or one of these."""
    ticked = Subscriber.components.through.objects.filter(subscriber=models.OuterRef("pk"))
    return models.Q(~models.Exists(ticked)) | models.Q(models.Exists(ticked.filter(component__in=components)))


class Subscriber(models.Model):
    """One endpoint of one page, or of one incident. No chosen components means all of them."""

    code = code_field()
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="subscribers")
    channel = models.CharField(max_length=20, choices=choices)
    address = models.CharField(
        max_length=500,
        help_text="An e-mail address, its domain in ASCII; of a machine its host and a keyed digest of its URL.",
    )
    sealed_url = holds_sealed(models.TextField(blank=True, help_text="A machine's URL, encrypted."))
    contact_email = models.CharField(
        max_length=254, blank=True, help_text="Who confirms and hears of failures of a webhook."
    )
    state = enum_field(SubscriberState, default=SubscriberState.PENDING)
    components = models.ManyToManyField(Component, blank=True, related_name="subscribers")
    only_major = models.BooleanField(
        default=False,
        help_text="Of incidents only those whose impact is major or critical, and no maintenance.",
    )
    wants_incidents = models.BooleanField(default=True, help_text="Incidents and maintenance, as they go.")
    wants_rfos = models.BooleanField(
        default=True, help_text="The reason for outage that follows an incident, and each revision of it."
    )
    incident = models.ForeignKey(
        Incident,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="followers",
        help_text="Follows this one incident and nothing else.",
    )
    is_staff = models.BooleanField(
        default=False, help_text="For staff: hears of alerts, and never of what the public is told."
    )
    secret = holds_sealed(
        models.CharField(max_length=500, blank=True, help_text="A webhook's signing key, encrypted.")
    )
    old_secret = holds_sealed(
        models.CharField(
            max_length=500, blank=True, help_text="The key before, which signs as well for a while."
        )
    )
    old_secret_until = models.DateTimeField(null=True, blank=True)
    nonce = models.CharField(
        max_length=32, help_text="Part of every token; a new one revokes the old tokens."
    )
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    joined_after = models.BigIntegerField(
        null=True,
        help_text="The newest event when it was confirmed: later ones are sent to it, whatever the clock shows.",
    )
    ended_at = models.DateTimeField(null=True)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        editable=False,
        related_name="merged",
        help_text="The same mailbox in another case had a row of its own. Links out of its old mails lead there.",
    )
    failing_since = models.DateTimeField(
        null=True, help_text="The first failure since anything was accepted there."
    )
    disabled_for = models.CharField(
        max_length=1000, blank=True, help_text="What its endpoint said when we gave it up."
    )

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "page",
                "channel",
                Lower("address"),
                "is_staff",
                condition=models.Q(incident__isnull=True, merged_into__isnull=True),
                name="one_subscription_a_mailbox_a_page",
            ),
            models.UniqueConstraint(
                "incident",
                "channel",
                Lower("address"),
                condition=models.Q(merged_into__isnull=True),
                name="one_following_a_mailbox_an_incident",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["failing_since"],
                condition=models.Q(failing_since__isnull=False),
                name="subscribers_failing",
            ),
            models.Index(fields=["state", "created_at"]),
        ]

    def __str__(self) -> str:
        return self.hint

    @property
    def is_machine(self) -> bool:
        """Whether messages are posted there, so that its URL is a secret."""
        return self.channel in KINDS and KINDS[self.channel].is_machine

    @property
    def hint(self) -> str:
        """The address on a screen: a person's in full, of a machine the host and what tells its URL from others."""
        return endpoint_hint(self.address) if self.is_machine else self.address

    @property
    def masked(self) -> str:
        """The address for those who may not read it."""
        return self.hint if self.is_machine else masked_mail(self.address)

    @property
    def address_class(self) -> FieldClass:
        """The row of the table of field rights that its address falls under."""
        if self.is_staff:
            return FieldClass.ALERT_ADDRESS
        return FieldClass.ENDPOINT_URL if self.is_machine else FieldClass.SUBSCRIBER_ADDRESS

    @property
    def answer_class(self) -> FieldClass:
        """The row of the table that what was answered there falls under."""
        return FieldClass.ALERT_ADDRESS if self.is_staff else FieldClass.DELIVERY_ANSWER

    @property
    def topics(self) -> Topics:
        """What it hears of."""
        if self.wants_incidents and self.wants_rfos:
            return Topics.ALL
        return Topics.RFOS if self.wants_rfos else Topics.INCIDENTS


Subscriber._meta.get_field("address").register_lookup(Lower)  # as the constraints compare it


class Suppression(models.Model):
    """A mailbox that gets no mail of ours, on no page: it does not exist, or its owner complained."""

    address = models.EmailField(unique=True, help_text="In lower case.")
    why = models.CharField(max_length=1000)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return self.address
