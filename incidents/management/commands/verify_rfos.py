"""Look through all published RFOs: `manage.py verify_rfos`; status 1 where anything was changed since."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from incidents.monitoring.verifying import verify_rfos


class Command(BaseCommand):
    """One line an RFO."""

    help = "Check that every published RFO version is what its checksum says, and follows the one before."

    def handle(self, *_: Any, **__: Any) -> None:
        """Exits with 1 where anything is wrong."""
        wrong = count = 0
        for rfo, faults in verify_rfos():
            count += 1
            for fault in faults:
                self.stdout.write(f"WRONG {rfo} of {rfo.page}: {fault}")
            wrong += bool(faults)
        if wrong:
            self.stdout.write(f"{wrong} of {count} RFOs are not what was published.")
            sys.exit(1)
        self.stdout.write(f"{count} RFOs are intact")
