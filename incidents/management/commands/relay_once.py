"""`manage.py relay_once`: tell people what they are due to hear, once, without Celery."""

from typing import Any

from django.core.management.base import BaseCommand

from incidents.notifying.relay import relay_due


class Command(BaseCommand):
    """Prints how many notices were sent, will be tried again, or were refused."""

    help = "Expand and send every notification that is due, then stop."

    def handle(self, *_: Any, **__: Any) -> None:
        """Run the relay until nothing is ready."""
        counts = relay_due()
        self.stdout.write(f"sent {counts['sent']}, to retry {counts['retry']}, refused {counts['refused']}")
