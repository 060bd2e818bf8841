"""Look through all published RFOs: `manage.py verify_rfos [--against FILE …]`; status 1 where anything was changed."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from incidents.management.commands._published import add_against, known_publications
from incidents.monitoring.verifying import verify_rfos


class Command(BaseCommand):
    """One line an RFO."""

    help = "Check that every published RFO version is what its checksum, the audit and its publication say."

    def add_arguments(self, parser: CommandParser) -> None:
        """Files that were kept."""
        add_against(parser)

    def handle(self, *_: Any, **options: Any) -> None:
        """Exits with 1 where anything is wrong."""
        wrong = count = 0
        for rfo, faults in verify_rfos(known_publications(options.get("against") or ())):
            count += 1
            for fault in faults:
                self.stdout.write(f"WRONG {rfo}: {fault}")
            wrong += bool(faults)
        if wrong:
            self.stdout.write(f"{wrong} of {count} RFOs are not what was published.")
            sys.exit(1)
        self.stdout.write(f"{count} RFOs are intact")
