"""Words kept ready for the next outage, with places for what only the hour knows."""

from typing import ClassVar

from django.db import models

from incidents.domain.incidents import IncidentStatus
from incidents.domain.texts import BodyFormat
from incidents.models.components import Component
from incidents.models.fields import code_field, enum_field
from incidents.models.pages import Page


class IncidentTemplate(models.Model):
    """Title, words and status of a statement; on one page or on all of them."""

    code = code_field()
    page = models.ForeignKey(Page, on_delete=models.CASCADE, null=True, related_name="templates")
    name = models.CharField(max_length=255)
    title = models.CharField(max_length=255, blank=True)
    body = models.TextField()
    body_format = enum_field(BodyFormat, default=BodyFormat.PLAIN)
    status = enum_field(IncidentStatus, blank=True, default="")
    components = models.ManyToManyField(Component, blank=True, related_name="templates")
    notify = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name
