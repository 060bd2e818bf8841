"""A postmortem: Statuspage's name for what our RFO says of an incident."""

from typing import Any

from rest_framework import serializers

from incidents.api.shapes.fields import Millis, Words, Yes
from incidents.domain.texts import RFO_LIMIT


class PostmortemOut(serializers.Serializer[Any]):
    """The letter of an incident's RFO: what is published of it, and the draft of what comes next."""

    preview_key = serializers.CharField(allow_null=True)
    body = serializers.CharField(allow_null=True)
    body_updated_at = Millis(allow_null=True)
    body_draft = serializers.CharField(allow_null=True)
    body_draft_updated_at = Millis(allow_null=True)
    published_at = Millis(allow_null=True)
    notify_subscribers = serializers.BooleanField()
    notify_twitter = serializers.BooleanField()
    custom_tweet = serializers.CharField(allow_null=True)
    created_at = Millis()
    updated_at = Millis()


class PostmortemIn(serializers.Serializer[Any]):
    """The letter, in Markdown."""

    body_draft = Words(most=RFO_LIMIT)
    body = Words(most=RFO_LIMIT, help_text="As one client calls it.")
    change_summary = Words(most=500, help_text="Ours: what changed since the version that is published.")


class PostmortemBody(serializers.Serializer[Any]):
    """The body of a draft."""

    postmortem = PostmortemIn()


class PublishIn(serializers.Serializer[Any]):
    """Whom to tell."""

    notify_subscribers = Yes()


class PublishBody(serializers.Serializer[Any]):
    """The body of a publication; it may be empty."""

    postmortem = PublishIn(required=False)
