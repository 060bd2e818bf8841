"""Signs of life of our own engines, so that silence is noticed (reliability.md 2.4)."""

from typing import ClassVar

from django.db import models


class Pulse(models.Model):
    """When an engine was last seen at work."""

    role = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["role"]

    def __str__(self) -> str:
        return f"{self.role} {self.at:%Y-%m-%d %H:%M:%S}Z"
