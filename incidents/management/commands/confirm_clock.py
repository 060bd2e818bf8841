"""Say on the server that its clock is right, as staff do on the console's first screen."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.timezone import now

from incidents.operations.actors import SHELL
from incidents.operations.system_clock import confirm_clock


class Command(BaseCommand):
    """For a server whose console nobody can reach."""

    help = "Confirm the server's clock after a step of more than an hour, so that what waits for it goes on."

    def handle(self, *_: Any, **__: Any) -> None:
        """Twice changes nothing."""
        at = now()
        if confirm_clock(by=SHELL, at=at):
            self.stdout.write(
                f"The clock is confirmed: {at:%Y-%m-%d %H:%M:%S}Z. What waited for it goes on now."
            )
        else:
            self.stdout.write("The clock is not in doubt; nothing waits for it.")
