"""RFOs, their numbered versions and attached documents (DESIGN 12)."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from incidents.domain.rfos import RfoKind, RfoState
from incidents.models.fields import code_field, enum_field
from incidents.models.incidents import Incident
from incidents.models.pages import Page


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
