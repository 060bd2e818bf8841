"""Subscribers, of a page or of one incident."""

from typing import Any

from rest_framework import serializers

from incidents.api.shapes.fields import Codes, Millis, Words, Yes
from incidents.domain.subscribers import SubscriberState
from incidents.models import Subscriber
from incidents.operations.credentials import LostKey
from incidents.operations.endpoint_urls import destination

STATES = {
    SubscriberState.ACTIVE: "active",
    SubscriberState.PENDING: "unconfirmed",
    SubscriberState.DISABLED: "quarantined",
    SubscriberState.ENDED: "unsubscribed",
}
KINDS = ("email", "sms", "webhook", "slack", "teams", "integration_partner")


class SubscriberOut(serializers.Serializer[Subscriber]):
    """Where somebody wants to be told."""

    id = serializers.CharField(source="code")
    page_id = serializers.CharField(source="page.code")
    type = serializers.CharField(source="channel")
    mode = serializers.CharField(source="channel")
    state = serializers.SerializerMethodField()
    email = serializers.SerializerMethodField()
    endpoint = serializers.SerializerMethodField()
    skip_confirmation_notification = serializers.SerializerMethodField()
    components = serializers.SerializerMethodField()
    created_at = Millis()
    confirmed_at = Millis(allow_null=True)
    quarantined_at = Millis(source="failing_since", allow_null=True)
    purge_at = serializers.SerializerMethodField()

    def get_state(self, row: Subscriber) -> str:
        """In Statuspage's words."""
        return STATES[SubscriberState(row.state)]

    def get_email(self, row: Subscriber) -> str | None:
        """The mailbox: the subscriber's own, or of who looks after a webhook."""
        return (row.address if row.channel == "email" else row.contact_email) or None

    def get_endpoint(self, row: Subscriber) -> str | None:
        """Where a machine is notified; `null` for a URL that CREDENTIALS_KEY no longer opens."""
        try:
            return None if row.channel == "email" else destination(row)
        except LostKey:
            return None

    def get_skip_confirmation_notification(self, row: Subscriber) -> bool:  # noqa: ARG002  (DRF's shape)
        """A mail of confirmation is sent unless somebody vouches."""
        return False

    def get_components(self, row: Subscriber) -> list[str] | None:
        """The components that were chosen; null for all."""
        return [each.code for each in row.components.all()] or None

    def get_purge_at(self, row: Subscriber) -> str | None:  # noqa: ARG002  (DRF's shape)
        """Null: a disabled one stays until its owner or staff decides."""
        return None


class SubscriberIn(serializers.Serializer[Any]):
    """Whom to tell, where and of what."""

    email = Words(most=254)
    endpoint = Words(most=500)
    type = serializers.ChoiceField(choices=KINDS, required=False, allow_null=True)
    phone_country = Words()
    phone_number = Words()
    skip_confirmation_notification = Yes()
    component_ids = Codes()


class SubscriberBody(serializers.Serializer[Any]):
    """The body of a subscriber's requests."""

    subscriber = SubscriberIn()


class ManyIn(serializers.Serializer[Any]):
    """Which subscribers: their codes, or the word "all"."""

    subscribers = serializers.JSONField(help_text='A list of codes, or "all".')


class CountOut(serializers.Serializer[Any]):
    """How many there are of a kind."""

    email = serializers.IntegerField()
    sms = serializers.IntegerField()
    webhook = serializers.IntegerField()
    slack = serializers.IntegerField()
    teams = serializers.IntegerField()
    integration_partner = serializers.IntegerField()


class StatesOut(serializers.Serializer[Any]):
    """How many are in each state."""

    active = serializers.IntegerField()
    unconfirmed = serializers.IntegerField()
    quarantined = serializers.IntegerField()
    total = serializers.IntegerField()


class HistogramOut(serializers.Serializer[Any]):
    """The states of each kind."""

    email = StatesOut()
    sms = StatesOut()
    webhook = StatesOut()
    slack = StatesOut()
    teams = StatesOut()
    integration_partner = StatesOut()


class SecretOut(serializers.Serializer[Any]):
    """A new signing secret, shown this once."""

    id = serializers.CharField()
    secret = serializers.CharField()
    old_secret_until = Millis()
