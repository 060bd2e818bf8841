"""API keys: what a script shows instead of a person. Only a digest is kept (DESIGN 13)."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models

from incidents.domain.scopes import Scope
from incidents.models.fields import code_field
from incidents.models.pages import Page

__all__ = ["ApiKey", "Scope"]


class ApiKey(models.Model):
    """A named secret for one page or for all; its scopes say what for, and until when."""

    code = code_field()
    page = models.ForeignKey(Page, on_delete=models.CASCADE, null=True, related_name="keys")
    name = models.CharField(max_length=255)
    shown = models.CharField(max_length=16, help_text="The secret's first characters, to tell keys apart.")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret.")
    scopes = models.JSONField(default=list)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.shown}…)"

    def state(self, at: datetime) -> str:
        """`revoked`, `expired` or `valid`."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= at else "valid"
