"""`manage.py probe KIND TARGET [--option value …]`, or `manage.py probe CODE` for one that is set up."""

import argparse
import asyncio
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.models import Probe
from incidents.operations.credentials import LostKey
from incidents.operations.probes import options_of
from incidents.probes.__main__ import EXIT_STATUS, main, show
from incidents.probes.kinds import KINDS
from incidents.probes.running import run


class Command(BaseCommand):
    """Probe once and print the evidence; nothing is recorded, no incident opened."""

    help = (
        "Probe once and print the evidence, as python -m incidents.probes does; with the code of a probe "
        "that is set up, as monitoring would, passwords included. Nothing is recorded. "
        "`manage.py probe KIND --help` lists the options of a kind."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Everything after the command's name is the probe's."""
        parser.add_argument("words", nargs=argparse.REMAINDER, metavar="KIND TARGET … | CODE")

    def handle(self, *args: Any, words: list[str], **options: Any) -> None:
        """Exit as a monitoring plug-in does: 0 ok, 1 degraded or warning, 2 failed, 3 our own fault."""
        del args, options
        sys.exit(_stored(words[0]) if len(words) == 1 and words[0] not in KINDS else main(words))


def _stored(code: str) -> int:
    probe = Probe.objects.filter(code=code).first() if code.isalnum() else None
    if probe is None:
        raise CommandError(f"no kind and no probe is called {code[:60]!r}; see manage.py probe --help")
    try:
        result = asyncio.run(run(probe.kind, probe.target, options_of(probe)))
    except LostKey as error:
        raise CommandError(str(error)) from error
    show(result)
    return EXIT_STATUS[result.health]
