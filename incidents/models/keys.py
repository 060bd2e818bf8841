"""API keys: what a script shows instead of a person. Only a digest is kept (DESIGN 13)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar

from django.conf import settings
from django.db import models

from incidents.domain.roles import Right
from incidents.domain.scopes import Scope
from incidents.models.fields import code_field
from incidents.models.pages import Page
from incidents.models.staff import Rights, current_rights

__all__ = ["ApiKey", "Scope"]


NEEDED: Mapping[Scope, Right] = {
    Scope.READ: Right.SEE,
    Scope.INCIDENTS: Right.RESPOND,
    Scope.RFO: Right.PUBLISH,
    Scope.SUBSCRIBERS: Right.PUBLISH,
    Scope.ADMIN: Right.SET_UP,
}
"""The right that a key's creator must still have, so that the key opens a scope."""
UNUSED_AFTER = timedelta(days=90)


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

    def is_unused(self, at: datetime) -> bool:
        """Whether nobody has shown it for 90 days."""
        return at - (self.last_used_at or self.made_at) >= UNUSED_AFTER

    @cached_property
    def opened(self) -> frozenset[Scope]:
        """The scopes that it opens now; one query, and none for a key of the installation.

        Looked up at each request, since whoever made a key may have lost the account or a role since.
        """
        return self.opened_by(current_rights(self.made_by) if self.made_by else None)

    def opened_by(self, rights: Rights | None) -> frozenset[Scope]:
        """Those of its scopes that its creator's present rights cover; all of them where it has no creator."""
        scopes = frozenset(Scope(each) for each in self.scopes)
        return (
            scopes
            if rights is None
            else frozenset(each for each in scopes if rights.may(NEEDED[each], self.page))
        )
