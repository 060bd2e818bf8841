"""Rows that failed in a sweep: counted, and switched off there so that the sweep goes on for the others."""

from typing import ClassVar

from django.db import models

from incidents.domain.sweeps import WORDS, SweepKind
from incidents.models.fields import code_field, enum_field
from incidents.models.pages import Page


class SweepFailure(models.Model):
    """A row that failed in one sweep. It is taken away once the row succeeds, or a person switches it on again."""

    code = code_field()
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="sweep_failures")
    sweep = enum_field(SweepKind)
    row = models.BigIntegerField(help_text="The row's key in its own table.")
    title = models.CharField(max_length=255)
    path = models.CharField(max_length=255, help_text="The screen on which the row can be edited.")
    failures = models.PositiveIntegerField(default=0)
    failed_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sweep", "row"], name="one_failure_a_row_of_a_sweep")
        ]
        indexes: ClassVar = [models.Index(fields=["page", "disabled_at"], name="sweep_failure_page")]

    def __str__(self) -> str:
        return f"{WORDS[SweepKind(self.sweep)]}: {self.title}"

    @property
    def is_essential(self) -> bool:
        """Whether it is tried again by itself."""
        return SweepKind(self.sweep).is_essential
