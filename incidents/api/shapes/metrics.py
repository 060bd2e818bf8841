"""Metrics and their numbers."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from incidents.api.shapes.fields import Millis, Seconds, Words
from incidents.models import Metric


class MetricOut(serializers.Serializer[Metric]):
    """A metric; the newest number is ours."""

    id = serializers.CharField(source="code")
    name = serializers.CharField()
    suffix = serializers.CharField()
    decimal_places = serializers.IntegerField()
    tooltip_description = serializers.CharField(source="tooltip")
    display = serializers.SerializerMethodField()
    backfilled = serializers.SerializerMethodField()
    last_fetched_at = serializers.SerializerMethodField()
    created_at = Millis()
    updated_at = Millis()

    def get_display(self, row: Metric) -> bool:  # noqa: ARG002  (DRF's shape)
        """Metrics are for scripts; the public page shows probes."""
        return False

    get_backfilled = get_display

    def get_last_fetched_at(self, row: Metric) -> str | None:  # noqa: ARG002  (DRF's shape)
        """Null: numbers are sent to us, never fetched."""
        return None


class MetricIn(serializers.Serializer[Any]):
    """What may be said of a metric."""

    name = Words()
    suffix = Words(most=20)
    decimal_places = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=5)
    tooltip_description = Words(most=500)


class MetricBody(serializers.Serializer[Any]):
    """The body of a metric's requests."""

    metric = MetricIn()


class PointIn(serializers.Serializer[Any]):
    """One number; `timestamp` in seconds since 1970."""

    timestamp = serializers.IntegerField(min_value=0, max_value=253_402_300_799)
    value = serializers.FloatField()


class PointBody(serializers.Serializer[Any]):
    """The body of one number."""

    data = PointIn()  # type: ignore[assignment]


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"timestamp": {"type": "integer"}, "value": {"type": "number"}},
                "required": ["timestamp", "value"],
            },
        },
    }
)
class ManyPoints(serializers.DictField):
    """Lists of numbers by the code of their metric."""

    child = serializers.ListField(child=PointIn(), max_length=10_000)


class PointsBody(serializers.Serializer[Any]):
    """The body of many numbers."""

    data = ManyPoints()  # type: ignore[assignment]


class PointOut(serializers.Serializer[Any]):
    """One number as it is kept."""

    timestamp = serializers.IntegerField()
    value = serializers.FloatField()


class PointsOut(serializers.Serializer[Any]):
    """The newest numbers of a metric, oldest first."""

    period_start = Seconds(allow_null=True)
    period_end = Seconds(allow_null=True)
    data = PointOut(many=True)  # type: ignore[assignment]


class OnePointOut(serializers.Serializer[Any]):
    """What was taken in."""

    data = PointOut()  # type: ignore[assignment]


class CountedOut(serializers.Serializer[Any]):
    """How many numbers were taken in."""

    added = serializers.IntegerField()
