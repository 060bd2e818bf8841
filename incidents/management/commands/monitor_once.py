"""`manage.py monitor_once`: run what is due now, in this process, and settle what has recovered."""

from datetime import UTC, datetime
from typing import Any

from incidents.management.publishing_command import PublishingCommand
from incidents.monitoring import batches, verdicts


class Command(PublishingCommand):
    """For a cron job, or to see what monitoring would do without Celery."""

    help = "Run the probes that are due, once, without Celery."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print how much there was to do."""
        ran = batches.probe_due()
        settled = verdicts.settle_due(at=datetime.now(UTC))
        self.stdout.write(f"{ran} probes ran, {settled} incidents settled")
