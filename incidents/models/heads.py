"""What was published of the audit and of RFOs, so that it is known; what it is compared with lies outside of here.

Whoever writes the database writes these rows too: verification rests on the published documents and on the mails.
"""

from typing import ClassVar

from django.db import models

from incidents.domain.deliveries import DeliveryState
from incidents.models.fields import code_field, enum_field


class HeadPublication(models.Model):
    """The heads of all chains and the checksums of all published RFO versions at one instant."""

    code = code_field()
    at = models.DateTimeField()
    day = models.DateField(
        null=True, unique=True, help_text="The day (UTC) whose publication it is; empty for one of an RFO."
    )
    heads = models.JSONField(help_text="`CHAIN:COUNT:DIGEST` of each chain.")
    versions = models.PositiveIntegerField(help_text="How many RFO versions were published by then.")
    versions_sha256 = models.CharField(max_length=64, help_text="Of all their checksums, one a line.")
    faults = models.JSONField(
        default=list, help_text="What contradicts what was published before; then no document is replaced."
    )
    text = models.TextField(blank=True, help_text="The words of the daily mail.")
    logged_at = models.DateTimeField(null=True, help_text="When the daily log line was written.")

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.code} {self.at:%Y-%m-%d %H:%M:%S}Z"


class HeadMail(models.Model):
    """The daily mail to one admin: a row before it is anything else, retried until it is sent or given up."""

    publication = models.ForeignKey(HeadPublication, on_delete=models.CASCADE, related_name="mails")
    address = models.EmailField()
    state = enum_field(DeliveryState, default=DeliveryState.DUE)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    detail = models.CharField(max_length=1000, blank=True, help_text="What the mail server said last.")

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["publication", "address"], name="one_head_mail_an_address")
        ]

    def __str__(self) -> str:
        return f"{self.publication_id} to {self.address}: {self.state}"
