"""Alerts of other monitoring: ours alone."""

from enum import StrEnum
from typing import Any

from rest_framework import serializers

from incidents.api.shapes.fields import BODY_HELP, Anything, Choice, Seconds, Words
from incidents.domain.components import ComponentStatus
from incidents.models import SignalSource

UTC_HELP = "Without a zone it is UTC: an alert is not refused for its clock."


class Labels(serializers.DictField):
    """Words by name, of which there may be many."""

    child = serializers.CharField(allow_blank=True, max_length=5_000)

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, **options})


class GroupStatus(StrEnum):
    """What Alertmanager says of a group as a whole."""

    FIRING = "firing"
    RESOLVED = "resolved"


class AlertIn(serializers.Serializer[Any]):
    """One alert, as Alertmanager sends it."""

    status = serializers.ChoiceField(choices=["firing", "resolved"])
    labels = Labels()
    annotations = Labels()
    startsAt = Seconds(required=False, help_text=UTC_HELP)  # noqa: N815  (Alertmanager's name)
    endsAt = Anything(required=False, allow_null=True)  # noqa: N815  (Alertmanager's name; year 1, or to come, while it fires)
    fingerprint = Words(most=500)


class AlertmanagerBody(serializers.Serializer[Any]):
    """What Alertmanager's webhook receiver posts (version 4)."""

    groupKey = Words(most=10_000)  # noqa: N815  (Alertmanager's name)
    status = Choice(GroupStatus, help_text="Of the group, those that are not shown among it.")
    receiver = Words(most=1_000)
    truncatedAlerts = serializers.IntegerField(  # noqa: N815  (Alertmanager's name)
        required=False, allow_null=True, min_value=0, help_text="How many of the group are not shown."
    )
    commonLabels = Labels()  # noqa: N815  (Alertmanager's name)
    commonAnnotations = Labels()  # noqa: N815  (Alertmanager's name)
    alerts = AlertIn(many=True)


class EventIn(serializers.Serializer[Any]):
    """A signed event: something fires, or does no longer."""

    key = serializers.CharField(max_length=500, help_text="The same for all that is said of one thing.")
    status = serializers.ChoiceField(choices=["firing", "resolved"])
    group = Words(most=500, help_text="Events of one group share an incident.")
    component = Words(help_text="The code or the name of a component.")
    component_status = serializers.ChoiceField(
        choices=[each.value for each in ComponentStatus], required=False, allow_null=True
    )
    title = Words(help_text="Public words for a new incident; ours where there are none.")
    body = Words(most=5_000, help_text=BODY_HELP)
    began_at = Seconds(required=False, allow_null=True, help_text=UTC_HELP)


class HeardOut(serializers.Serializer[Any]):
    """The incidents that the alerts are published in, and what to know of single alerts."""

    incidents = serializers.ListField(child=serializers.CharField())
    notes = serializers.ListField(
        child=serializers.CharField(),
        help_text="Sentences on alerts that name no component of this page, were not shown, or changed nothing.",
    )


class SourceIn(serializers.Serializer[Any]):
    """A sender of signed events."""

    name = Words()


class SourceBody(serializers.Serializer[Any]):
    """The body of a source's creation."""

    event_source = SourceIn()


class SourceOut(serializers.Serializer[SignalSource]):
    """A sender; where it posts to."""

    id = serializers.CharField(source="code")
    name = serializers.CharField()
    url = serializers.SerializerMethodField()
    created_at = Seconds()
    ended_at = Seconds(allow_null=True)

    def get_url(self, row: SignalSource) -> str:
        """Where its events go."""
        return f"/v1/events/{row.code}"


class NewSourceOut(SourceOut):
    """With its secret, which is shown this once."""

    secret = serializers.SerializerMethodField()

    def get_secret(self, row: SignalSource) -> str:  # noqa: ARG002  (DRF's shape)
        """As Standard Webhooks writes it."""
        return str(self.context["secret"])
