"""Components and their groups."""

from typing import Any

from rest_framework import serializers

from incidents.api.shapes.fields import Choice, Code, Codes, Seconds, Words, Yes
from incidents.domain.components import ComponentStatus
from incidents.domain.tree import ComponentView, GroupView


class ComponentOut(serializers.Serializer[ComponentView]):
    """A leaf component, or a group in the list of components."""

    id = serializers.CharField(source="code")
    page_id = serializers.SerializerMethodField()
    group_id = serializers.CharField(source="group_code", allow_null=True)
    created_at = Seconds()
    updated_at = Seconds()
    group = serializers.SerializerMethodField()
    name = serializers.CharField()
    description = serializers.SerializerMethodField()
    position = serializers.IntegerField()
    status = serializers.CharField()
    showcase = serializers.BooleanField()
    only_show_if_degraded = serializers.BooleanField()
    automation_email = serializers.SerializerMethodField()
    start_date = serializers.DateField(allow_null=True)

    def get_page_id(self, view: object) -> str:  # noqa: ARG002  (DRF's shape)
        """The page of the request."""
        return str(self.context["page"].code)

    def get_group(self, view: object) -> bool:
        """Whether it is a group."""
        return getattr(view, "is_group", False)

    def get_description(self, view: ComponentView) -> str | None:
        """Its description, null where it has none."""
        return view.description or None

    def get_automation_email(self, view: object) -> str | None:  # noqa: ARG002  (DRF's shape)
        """Null: use a probe, an alert or this API."""
        return None


class ComponentIn(serializers.Serializer[Any]):
    """What may be said of a component; what is missing stays."""

    name = Words()
    description = Words(most=500)
    status = Choice(ComponentStatus)
    group_id = Code(required=False, allow_null=True, allow_blank=True)
    showcase = Yes()
    only_show_if_degraded = Yes()
    start_date = serializers.DateField(required=False, allow_null=True)


class ComponentBody(serializers.Serializer[Any]):
    """The body of a component's requests."""

    component = ComponentIn()


class StatusesBody(serializers.Serializer[Any]):
    """Statuses of many components, by their codes."""

    components = serializers.DictField(
        child=serializers.ChoiceField(choices=[each.value for each in ComponentStatus])
    )


class ChangedOut(serializers.Serializer[Any]):
    """Which of them changed."""

    changed = serializers.ListField(child=serializers.CharField())


class GroupOut(serializers.Serializer[GroupView]):
    """A group with the codes of its components."""

    id = serializers.CharField(source="code")
    page_id = serializers.SerializerMethodField()
    name = serializers.CharField()
    description = serializers.SerializerMethodField()
    components = serializers.SerializerMethodField()
    position = serializers.IntegerField()
    created_at = Seconds()
    updated_at = Seconds()

    def get_page_id(self, view: object) -> str:  # noqa: ARG002  (DRF's shape)
        """The page of the request."""
        return str(self.context["page"].code)

    def get_description(self, view: GroupView) -> str | None:
        """Its description, null where it has none."""
        return view.description or None

    def get_components(self, view: GroupView) -> list[str]:
        """In their order."""
        return [each.code for each in view.components]


class GroupIn(serializers.Serializer[Any]):
    """What may be said of a group."""

    name = Words()
    description = Words(most=500)
    components = Codes()


class GroupBody(serializers.Serializer[Any]):
    """Statuspage's documents have the description beside the group, its clients inside: both are taken."""

    component_group = GroupIn()
    description = Words(most=500)


class UptimeOut(serializers.Serializer[Any]):
    """How long a component, or the components of a group, did not work within a range."""

    id = serializers.CharField()
    name = serializers.CharField()
    range_start = Seconds()
    range_end = Seconds()
    uptime_percentage = serializers.FloatField(allow_null=True)
    major_outage = serializers.IntegerField()
    partial_outage = serializers.IntegerField()
    warnings = serializers.ListField(child=serializers.CharField())
    related_events = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
