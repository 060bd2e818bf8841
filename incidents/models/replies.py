"""What was answered to a request that carries an Idempotency-Key, so that a repeated one is answered alike."""

from typing import ClassVar

from django.db import models

from incidents.models.fields import holds_sealed
from incidents.models.keys import ApiKey


class Reply(models.Model):
    """One answer, kept for a day. Without a status the request is still being carried out."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="replies")
    name = models.CharField(max_length=255, help_text="The Idempotency-Key.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    body = holds_sealed(models.TextField(blank=True, help_text="As JSON, encrypted."))

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "name"], name="one_answer_a_request")]
        indexes: ClassVar = [models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.name}: {self.status or 'under way'}"
