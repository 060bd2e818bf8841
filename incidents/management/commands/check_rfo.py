"""What a reader of an RFO would stumble over: `manage.py check_rfo CODE|--all`; status 1 where there is anything."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from incidents.models import Rfo
from incidents.operations.faults import faults_of


class Command(BaseCommand):
    """Place, line, what is wrong, and what could be written."""

    help = "Check an RFO's newest version: dates, zones, durations, names, placeholders, internal words."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which ones."""
        parser.add_argument(
            "code", nargs="?", default="", help="an RFO's number or code, or its incident's code"
        )
        parser.add_argument("--all", action="store_true", help="every RFO of this installation")

    def handle(self, *_: Any, code: str, **options: Any) -> None:
        """Exits with 1 where anything is found."""
        if bool(code) == options["all"]:
            raise CommandError("Say which RFO by its number or its incident's code, or --all.")
        rows = Rfo.objects.select_related("page", "incident").order_by("pk")
        if code:
            rows = rows.filter(Q(number=code) | Q(code=code) | Q(incident__code=code))
            if not rows:
                raise CommandError(f"There is no RFO {code!r}.")
        count = sum(self._check(rfo) for rfo in rows)
        if count:
            sys.exit(1)
        self.stdout.write("nothing found")

    def _check(self, rfo: Rfo) -> int:
        version = rfo.versions.select_related("rfo__page", "rfo__incident__page").last()
        if version is None:
            return 0
        faults = faults_of(version)
        for fault in faults:
            where = f"{fault.place}, line {fault.line}" if fault.line else fault.place
            self.stdout.write(
                f"{version}: {where}: {'must be mended: ' if fault.blocks else ''}{fault.message}"
            )
            self.stdout.write(f"    {fault.excerpt}")
            for mend in fault.mends:
                self.stdout.write(f"    write: {mend.new}")
        return len(faults)
