"""What staff are about to say: drafts that outlive a flat battery, and who is writing at present."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from incidents.models.incidents import Incident


class Draft(models.Model):
    """One person's unsent form of one screen."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    place = models.CharField(max_length=64, help_text="Which form, such as `incident 2dxw4bq0u1ea`.")
    fields = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "place"], name="one_draft_a_person_and_place")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.place}"


class Presence(models.Model):
    """Who looks at an incident, and since when they have been writing."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="presences")
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="presences")
    seen_at = models.DateTimeField()
    wrote_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "incident"], name="one_presence_a_person_and_incident")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.incident_id}"
