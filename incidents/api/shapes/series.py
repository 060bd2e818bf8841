"""Recurring maintenance: ours alone."""

from typing import Any

from rest_framework import serializers

from incidents.api.shapes.fields import Body, Codes, Seconds, Words, Yes
from incidents.models import Series


class SeriesOut(serializers.Serializer[Series]):
    """A rule, and the maintenance that is made by it."""

    id = serializers.CharField(source="code")
    name = serializers.CharField(source="title")
    body = serializers.CharField()
    begins = serializers.CharField()
    rule = serializers.CharField()
    minutes = serializers.IntegerField()
    lead_days = serializers.IntegerField()
    remind_hours = serializers.IntegerField(allow_null=True)
    deliver_notifications = serializers.BooleanField(source="notify")
    component_ids = serializers.SerializerMethodField()
    created_at = Seconds()
    ended_at = Seconds(allow_null=True)

    def get_component_ids(self, row: Series) -> list[str]:
        """The codes of what it is about."""
        return [each.code for each in row.components.all()]


class SeriesIn(serializers.Serializer[Any]):
    """What a series is to be; `begins` on the page's clock, without a zone: 2027-04-04T02:00."""

    name = Words()
    body = Body()
    begins = serializers.RegexField(r"^\d{4}-\d\d-\d\dT\d\d:\d\d$", max_length=16, required=False)
    rule = Words(most=500, help_text="RFC 5545, such as FREQ=WEEKLY;BYDAY=SU.")
    minutes = serializers.IntegerField(required=False, min_value=1, max_value=10_080)
    lead_days = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=90)
    remind_hours = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=720)
    deliver_notifications = Yes()
    component_ids = Codes()


class SeriesBody(serializers.Serializer[Any]):
    """The body of a series' requests."""

    series = SeriesIn()
