"""Look through the audit: `manage.py verify_audit [--head CHAIN:COUNT:DIGEST …] [--against FILE …]`.

Status 0 where all is intact, 1 where anything is wrong, 3 where the database gave no answer.
"""

import re
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError

from incidents.management.commands._published import UNUSABLE, add_against, known_publications
from incidents.monitoring.audits import verify_audit

NOT_CHECKED = 3
"""An exit status."""
HEAD = re.compile(r"([0-9a-z]{0,12}):(\d{1,18}):([0-9a-f]{64})")


class Command(BaseCommand):
    """Every chain with its length and its head, compared with what was published."""

    help = "Check that no line of the audit was changed, added, moved or taken away."

    def add_arguments(self, parser: CommandParser) -> None:
        """Heads from earlier runs, and files."""
        parser.add_argument(
            "--head", action="append", default=[], help="A head that an earlier run printed; may be repeated."
        )
        add_against(parser)

    def handle(self, *_: Any, **options: Any) -> None:
        """Raises CommandError for a head that is none, and for a file that says nothing."""
        kept = {}
        for text in options["head"]:
            found = HEAD.fullmatch(text)
            if found is None:
                raise CommandError(
                    f"{text!r} is not CHAIN:COUNT:DIGEST, as this command prints it.", returncode=UNUSABLE
                )
            kept[found[1]] = (int(found[2]), found[3])
        published = known_publications(options.get("against") or ())
        try:
            verdicts = verify_audit(kept, published)
        except (OperationalError, InterfaceError) as error:
            self.stdout.write(f"NOT CHECKED the database did not answer: {error}")
            sys.exit(NOT_CHECKED)
        for verdict in verdicts:
            self.stdout.write(f"{verdict.name}: {verdict.number} lines, head {verdict.head}")
            for fault in verdict.faults:
                self.stdout.write(f"  WRONG {fault}")
        count = len(published.publications)
        self.stdout.write(
            f"compared with {'1 publication' if count == 1 else f'{count} publications'} of heads"
            if count
            else "No published head is known here: lines that were cut off at an end would not be missed."
        )
        wrong = sum(bool(verdict.faults) for verdict in verdicts)
        if wrong:
            self.stdout.write(f"{wrong} of {len(verdicts)} chains are broken.")
            self.stdout.write("What follows the line that is named was not looked at.")
            sys.exit(1)
        self.stdout.write("intact")
