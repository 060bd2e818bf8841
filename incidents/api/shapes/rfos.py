"""RFOs: ours alone; Statuspage knows a postmortem."""

from typing import Any

from rest_framework import serializers

from incidents.api.shapes.fields import Anything, Choice, Instant, Seconds, Words, Yes
from incidents.domain.rfos import RfoKind
from incidents.domain.texts import RFO_LIMIT
from incidents.models import Attachment, Rfo, RfoVersion
from incidents.operations.approvals import approvals_of
from incidents.operations.rfos import words_digest


class AttachmentOut(serializers.Serializer[Attachment]):
    """A document that goes with a version."""

    id = serializers.CharField(source="code")
    name = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()


class VersionOut(serializers.Serializer[RfoVersion]):
    """A numbered version. `digest` is that of its words: approvals, signatures and publication are of these."""

    number = serializers.IntegerField()
    kind = serializers.CharField()
    state = serializers.CharField()
    body = serializers.CharField()
    change_summary = serializers.CharField()
    signatory_name = serializers.CharField()
    signatory_title = serializers.CharField()
    content = Anything()
    digest = serializers.SerializerMethodField()
    sha256 = serializers.CharField()
    previous_sha256 = serializers.CharField()
    created_at = Seconds()
    published_at = Seconds(allow_null=True)
    publish_at = Seconds(allow_null=True)
    approvals = serializers.SerializerMethodField()
    approvals_required = serializers.SerializerMethodField()
    attachments = AttachmentOut(many=True, source="attachments.all")

    def get_digest(self, row: RfoVersion) -> str:
        """SHA-256 of the words as they are."""
        return words_digest(row)

    def get_approvals(self, row: RfoVersion) -> int:
        """How many approvals of these very words count; of a published version how many did at its publication."""
        digest = words_digest(row)
        if row.is_open:
            return len(approvals_of(row, digest).held)
        held = row.approvals_held
        return len(held.by) if held else row.approvals.filter(digest=digest).count()

    def get_approvals_required(self, row: RfoVersion) -> int | None:
        """How many the page required at publication; null before it, and where that is not known."""
        return row.approvals_held.required if row.approvals_held else None


class RfoOut(serializers.Serializer[Rfo]):
    """An RFO with all its versions, the newest first."""

    id = serializers.CharField(source="code")
    number = serializers.CharField()
    incident_id = serializers.CharField(source="incident.code")
    created_at = Seconds()
    versions = serializers.SerializerMethodField()

    def get_versions(self, row: Rfo) -> list[dict[str, Any]]:
        """Newest first."""
        found = sorted(row.versions.all(), key=lambda each: -each.number)
        return [dict(VersionOut(each).data) for each in found]


class DraftIn(serializers.Serializer[Any]):
    """The words of a draft."""

    incident_id = serializers.CharField(max_length=64, required=False)
    body = Words(most=RFO_LIMIT)
    kind = Choice(RfoKind)
    signatory_name = Words()
    signatory_title = Words()
    change_summary = Words(most=500)


class DraftBody(serializers.Serializer[Any]):
    """The body of a draft."""

    rfo = DraftIn()


class StepIn(serializers.Serializer[Any]):
    """The words that it is about, and whom to tell."""

    digest = serializers.CharField(max_length=64, help_text="Of the words that you have read.")
    accept_warnings = Yes(help_text="Let what the checks only warn of stand.")
    notify_subscribers = Yes()
    publish_at = Instant(help_text="Publish it by itself at this time.")


class WithdrawIn(serializers.Serializer[Any]):
    """Why it is taken back, in Markdown; published as the last version."""

    reason = serializers.CharField(max_length=RFO_LIMIT)
    notify_subscribers = Yes()


class FaultOut(serializers.Serializer[Any]):
    """What a check has found."""

    message = serializers.CharField()
    place = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)
    blocks = serializers.BooleanField()


class StandingOut(serializers.Serializer[Any]):
    """How far a draft has come."""

    digest = serializers.CharField()
    lacks = serializers.ListField(child=serializers.CharField())
    faults = FaultOut(many=True)
