"""Look through all published RFOs: `manage.py verify_rfos [--against FILE …]`.

Status 0 where all are intact, 1 where anything was changed, 3 where nothing was found changed and something could not
be checked.
"""

import sys
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import InterfaceError, OperationalError

from incidents.management.commands._published import add_against, known_publications
from incidents.monitoring.verifying import Remark, Unchecked, verify_rfos

CHANGED, NOT_CHECKED = 1, 3
"""Exit statuses; 2 is that of a command line that cannot be read."""


class Command(BaseCommand):
    """One line for each thing that was found."""

    help = "Check that every published RFO version is what its checksum, the audit and its publication say."

    def add_arguments(self, parser: CommandParser) -> None:
        """Files that were kept."""
        add_against(parser)

    def handle(self, *_: Any, **options: Any) -> None:
        """Exits with a status that tells a change from a check that could not be made."""
        published = known_publications(options.get("against") or ())
        counts: Counter[str] = Counter()
        try:
            for rfo, found in verify_rfos(published):
                kinds = [self._say(rfo, each) for each in found]
                counts.update({"all"} | set(kinds))
        except (OperationalError, InterfaceError) as error:
            self.stdout.write(f"NOT CHECKED the database did not answer: {error}")
            counts["NOT CHECKED"] += 1
        self._conclude(counts)

    def _say(self, rfo: object, found: str) -> str:
        kind = {Remark: "NOTE", Unchecked: "NOT CHECKED"}.get(type(found), "WRONG")
        self.stdout.write(f"{kind} {rfo}: {found}")
        return kind

    def _conclude(self, counts: Counter[str]) -> None:
        if counts["WRONG"]:
            self.stdout.write(f"{counts['WRONG']} of {counts['all']} RFOs are not what was published.")
            sys.exit(CHANGED)
        if counts["NOT CHECKED"]:
            self.stdout.write("Nothing was found changed, but not everything could be checked. Run it again.")
            sys.exit(NOT_CHECKED)
        self.stdout.write(f"{counts['all']} RFOs are intact")
