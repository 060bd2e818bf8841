"""Deliveries and journal: ours alone."""

from rest_framework import serializers

from incidents.api.shapes.fields import Anything, Millis
from incidents.models import Delivery, Event


class DeliveryOut(serializers.Serializer[Delivery]):
    """What became of telling one subscriber of one event."""

    id = serializers.CharField(source="pk")
    event_id = serializers.CharField(source="event.pk")
    event = serializers.CharField(source="event.kind")
    incident_id = serializers.CharField(source="event.incident.code", allow_null=True, default=None)
    subscriber_id = serializers.CharField(source="subscriber.code")
    channel = serializers.CharField()
    address = serializers.CharField(
        source="subscriber.hint",
        help_text="An e-mail address; of an endpoint its host and what tells it from others.",
    )
    state = serializers.CharField()
    attempts = serializers.IntegerField()
    code = serializers.IntegerField(allow_null=True)
    detail = serializers.CharField()
    created_at = Millis()
    due_at = Millis()
    finished_at = Millis(allow_null=True)


class EventOut(serializers.Serializer[Event]):
    """A line of the journal."""

    id = serializers.CharField(source="pk")
    kind = serializers.CharField()
    at = Millis()
    actor = serializers.CharField()
    incident_id = serializers.CharField(source="incident.code", allow_null=True, default=None)
    component_id = serializers.CharField(source="component.code", allow_null=True, default=None)
    notifies = serializers.BooleanField()
    data = Anything()  # type: ignore[assignment]
