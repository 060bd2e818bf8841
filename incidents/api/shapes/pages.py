"""A page."""

from typing import Any

from rest_framework import serializers

from incidents.api.shapes.fields import Seconds, Words
from incidents.models import Page


class PageOut(serializers.Serializer[Page]):
    """A page, as Statuspage prints it as far as we have it."""

    id = serializers.CharField(source="code")
    created_at = Seconds()
    updated_at = Seconds()
    name = serializers.CharField()
    domain = serializers.SerializerMethodField()
    url = serializers.CharField()
    time_zone = serializers.CharField(source="zone_name")
    uptime_weight = serializers.FloatField()

    def get_domain(self, page: Page) -> str | None:
        """The first host that the page claims."""
        return next((each.host for each in page.hosts.all()), None)


class PageIn(serializers.Serializer[Any]):
    """What may be changed of a page; what is missing stays."""

    name = Words()
    url = serializers.URLField(required=False, allow_blank=True, allow_null=True, max_length=200)
    time_zone = Words(most=64)
    domain = Words(most=253)
    uptime_weight = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=1)


class PageBody(serializers.Serializer[Any]):
    """The body of a change."""

    page = PageIn()
