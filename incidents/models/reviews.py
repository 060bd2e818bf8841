"""Reading an RFO before it is published: remarks on its lines, and approvals of its very words (DESIGN 12)."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from incidents.models.rfos import RfoVersion


class RfoApproval(models.Model):
    """One person found these words right; once the words change it counts no longer."""

    version = models.ForeignKey(RfoVersion, on_delete=models.CASCADE, related_name="approvals")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "by", "digest"], name="one_approval_a_person_of_the_same_words"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} approved by {self.by}"


class RfoComment(models.Model):
    """A remark for the writers; never public."""

    version = models.ForeignKey(RfoVersion, on_delete=models.CASCADE, related_name="comments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    place = models.CharField(max_length=40, blank=True, help_text="What it is about, such as letter, line 7.")
    body = models.TextField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.version}: {self.body[:40]}"
