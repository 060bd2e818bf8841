"""Words kept ready."""

from typing import Any

from rest_framework import serializers

from incidents.api.shapes.fields import Body, Choice, Codes, Millis, Words, Yes
from incidents.domain.incidents import IncidentStatus
from incidents.models import IncidentTemplate


class TemplateOut(serializers.Serializer[IncidentTemplate]):
    """A template."""

    id = serializers.CharField(source="code")
    components = serializers.SerializerMethodField()
    name = serializers.CharField()
    title = serializers.CharField()
    body = serializers.CharField()
    group_id = serializers.SerializerMethodField()
    update_status = serializers.SerializerMethodField()
    should_tweet = serializers.SerializerMethodField()
    should_send_notifications = serializers.BooleanField(source="notify")
    created_at = Millis()
    updated_at = Millis()

    def get_components(self, row: IncidentTemplate) -> list[str]:
        """The codes of those that it is about."""
        return [each.code for each in row.components.all()]

    def get_group_id(self, row: IncidentTemplate) -> str | None:  # noqa: ARG002  (DRF's shape)
        """Templates have no groups here."""
        return None

    def get_update_status(self, row: IncidentTemplate) -> str | None:
        """The status that it suggests."""
        return row.status or None

    def get_should_tweet(self, row: IncidentTemplate) -> bool:  # noqa: ARG002  (DRF's shape)
        """We do not tweet."""
        return False


class TemplateIn(serializers.Serializer[Any]):
    """A template's words."""

    name = Words()
    title = Words()
    body = Body()
    update_status = Choice(IncidentStatus)
    should_send_notifications = Yes()
    component_ids = Codes()


class TemplateBody(serializers.Serializer[Any]):
    """The body of a template's requests."""

    template = TemplateIn()
