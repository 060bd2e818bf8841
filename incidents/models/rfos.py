"""RFOs, their numbered versions, attached documents, and the actions that outlive them (DESIGN 12)."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from incidents.domain.audiences import Audience
from incidents.domain.rfo_content import Action, ActionKind, ActionState, Content
from incidents.domain.rfos import UNPUBLISHED, ApprovalRecord, PublicApprovals, RfoKind, RfoState
from incidents.models.fields import code_field, enum_field
from incidents.models.incidents import Incident
from incidents.models.pages import Page
from incidents.models.policies import Signatory


class Rfo(models.Model):
    """One Reason For Outage of one incident; what it says is in its versions."""

    code = code_field()
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="rfos")
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="rfos")
    number = models.CharField(max_length=32, help_text="Public, such as RFO-2021-0001.")
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["page", "number"], name="one_rfo_of_a_number_on_a_page")
        ]

    def __str__(self) -> str:
        return self.number


class RfoVersion(models.Model):
    """One numbered version; once published its words never change and its checksum covers the one before."""

    rfo = models.ForeignKey(Rfo, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    kind = enum_field(RfoKind, default=RfoKind.FINAL)
    state = enum_field(RfoState, default=RfoState.DRAFT)
    body = models.TextField(help_text="Markdown, 64 kB at most.")
    body_html = models.TextField(help_text="Rendered and sanitised when it was saved.")
    signatory_name = models.CharField(max_length=255, blank=True)
    signatory_title = models.CharField(max_length=255, blank=True)
    change_summary = models.CharField(max_length=500, blank=True)
    content = models.JSONField(default=dict, help_text="What stands beside the letter (`rfo_content.py`).")
    rendered = models.JSONField(default=list, help_text="The HTML of each section, in their order.")
    letterhead = models.JSONField(
        default=dict, help_text="The head of its paper, as it was when it was published."
    )
    salt = models.CharField(
        max_length=40, blank=True, help_text="Keeps anybody from guessing a withheld part by its digest."
    )
    edition = models.CharField(
        max_length=40,
        blank=True,
        db_index=True,
        help_text="The address of the customers' edition, which nobody can guess; empty where there is none.",
    )
    writers = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="+",
        help_text="All who have written in it; none of them may approve it.",
    )
    publish_at = models.DateTimeField(null=True, help_text="When it is to be published by itself.")
    notify_then = models.BooleanField(default=True)
    scheduled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    scheduled_digest = models.CharField(max_length=64, blank=True)
    signatory = models.ForeignKey(
        Signatory,
        on_delete=models.PROTECT,
        null=True,
        help_text="Who has to sign it; empty for a name that is only printed.",
    )
    signed_at = models.DateTimeField(null=True)
    signed_digest = models.CharField(max_length=64, blank=True, help_text="The words that were signed.")
    approval_record = models.JSONField(
        null=True,
        help_text="At publication: approvals required, and who gave those that held; null where that is not known.",
    )
    incident_title = models.CharField(
        max_length=255,
        blank=True,
        help_text="The incident's title at publication; empty where that is not known.",
    )
    page_name = models.CharField(
        max_length=255, blank=True, help_text="The page's name at publication; empty where that is not known."
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    previous_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rfo", "number"], name="one_version_of_a_number_in_an_rfo")
        ]

    def __str__(self) -> str:
        return f"{self.rfo.number} v{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether its words may still change."""
        return self.state in UNPUBLISHED

    @property
    def rfo_kind(self) -> RfoKind:
        """The stored kind as a domain value."""
        return RfoKind(self.kind)

    @property
    def whole(self) -> Content:
        """What stands beside the letter, for all audiences."""
        return Content.from_json(self.content)

    @property
    def approvals_held(self) -> ApprovalRecord | None:
        """The approvals at publication, None where that is not known. Raises ValueError for a record that is broken."""
        record = self.approval_record
        return None if record is None else ApprovalRecord.from_json(record)

    @property
    def public_approvals(self) -> PublicApprovals | None:
        """What its checksum covers of them, and the public may read."""
        held = self.approvals_held
        return held.public(self.salt) if held else None


class Attachment(models.Model):
    """A document of an RFO version, kept under a name of our own and served as a download only."""

    code = code_field()
    version = models.ForeignKey(RfoVersion, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to="rfos/", max_length=255)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name


class ActionItem(models.Model):
    """Something promised in an RFO: it lives on after publication, until it is done or dropped."""

    code = code_field()
    rfo = models.ForeignKey(Rfo, on_delete=models.CASCADE, related_name="actions")
    what = models.CharField(max_length=500)
    owner = models.CharField(max_length=255, blank=True)
    due = models.DateField(null=True, blank=True)
    kind = enum_field(ActionKind, default=ActionKind.PREVENTIVE)
    state = enum_field(ActionState, default=ActionState.OPEN)
    audience = enum_field(Audience, default=Audience.PUBLIC)
    evidence = models.CharField(
        max_length=500, blank=True, help_text="What shows that it is done, or why it was dropped."
    )
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["state", "due"])]

    def __str__(self) -> str:
        return self.what

    @property
    def frozen(self) -> Action:
        """As it stands in a version."""
        return Action(
            what=self.what,
            owner=self.owner,
            due=self.due,
            kind=ActionKind(self.kind),
            state=ActionState(self.state),
            audience=Audience(self.audience),
        )
