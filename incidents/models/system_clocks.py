"""The last reading of each machine's clocks, so that a wall clock that was set is noticed, also by other processes."""

from datetime import timedelta
from typing import ClassVar

from django.db import models

from incidents.domain.system_clocks import ClockRecord


class SystemClock(models.Model):
    """One run of one machine, from its start to its end, and what its clocks showed last."""

    boot = models.CharField(max_length=64, unique=True, help_text="The kernel's name for this run.")
    wall = models.DateTimeField(help_text="What the clock showed.")
    running = models.FloatField(help_text="Seconds since the machine started, suspended time included.")
    drift_seconds = models.FloatField(default=0.0, help_text="How far the clock is from what was expected.")
    is_estimate = models.BooleanField(default=False, help_text="Expected from an earlier run of the machine.")
    doubted_at = models.DateTimeField(null=True, help_text="When the step was noticed, on the clock itself.")

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.wall:%Y-%m-%d %H:%M:%S}Z of {self.boot}"

    @property
    def record(self) -> ClockRecord:
        """What the rule compares with."""
        drift = timedelta(seconds=self.drift_seconds)
        return ClockRecord(self.wall, self.running, drift, self.is_estimate)

    @record.setter
    def record(self, record: ClockRecord) -> None:
        self.wall, self.running = record.wall, record.running
        self.drift_seconds, self.is_estimate = record.drift.total_seconds(), record.is_estimate
