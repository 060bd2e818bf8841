"""Probes and their results: ours alone."""

from typing import Any

from rest_framework import serializers

from incidents.api.shapes.fields import Anything, Code, Millis, Words, Yes
from incidents.models import Probe, ProbeResult
from incidents.probes.kinds import KINDS


class ProbeOut(serializers.Serializer[Probe]):
    """A probe; its secrets are never printed."""

    id = serializers.CharField(source="code")
    component_id = serializers.CharField(source="component.code")
    name = serializers.CharField()
    kind = serializers.CharField()
    target = serializers.CharField()
    config = Anything()
    interval_seconds = serializers.IntegerField()
    threshold = serializers.IntegerField()
    settle_seconds = serializers.IntegerField()
    enabled = serializers.BooleanField()
    announces = serializers.BooleanField()
    muted_until = Millis(allow_null=True)
    verdict = serializers.CharField()
    since = Millis(allow_null=True)
    last_at = Millis(allow_null=True)
    last_outcome = serializers.CharField()
    last_detail = serializers.CharField()
    next_due = Millis()


class ProbeIn(serializers.Serializer[Any]):
    """What may be said of a probe; what is missing stays, or is as its kind has it."""

    component_id = Code(required=False)
    name = Words()
    kind = serializers.ChoiceField(choices=list(KINDS), required=False)
    target = Words()
    config = Anything(required=False, allow_null=True)
    interval_seconds = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=86_400
    )
    threshold = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=20)
    settle_seconds = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=86_400)
    announces = Yes()
    enabled = Yes()


class ProbeBody(serializers.Serializer[Any]):
    """The body of a probe's requests."""

    probe = ProbeIn()


class ResultOut(serializers.Serializer[ProbeResult]):
    """One measurement with its evidence."""

    id = serializers.CharField(source="pk")
    at = Millis()
    outcome = serializers.CharField()
    health = serializers.CharField()
    detail = serializers.CharField()
    reply_code = serializers.IntegerField(allow_null=True)
    server = serializers.CharField()
    times = Anything()
    facts = Anything()
    retransmissions = serializers.IntegerField()
    trace = serializers.JSONField()
