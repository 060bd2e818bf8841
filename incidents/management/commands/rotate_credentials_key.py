"""Encrypt all secrets with a new CREDENTIALS_KEY: `manage.py rotate_credentials_key`; see /help/security."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from incidents.operations.actors import SHELL
from incidents.operations.key_rotation import StillWritten, UnreadableSecrets, rotate_credentials

MAX_NAMED = 20


class Command(BaseCommand):
    """What CREDENTIALS_KEY_PREVIOUS encrypted, CREDENTIALS_KEY encrypts from then on."""

    help = "Encrypt every stored secret with CREDENTIALS_KEY; those of CREDENTIALS_KEY_PREVIOUS are read."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do about secrets that are lost anyway."""
        parser.add_argument(
            "--leave-unreadable",
            action="store_true",
            help="Go on although some secrets cannot be read with either key; they stay as they are.",
        )

    def handle(self, *_: Any, leave_unreadable: bool, **options: Any) -> None:
        """Raises CommandError where nothing may be changed yet."""
        try:
            done = rotate_credentials(leave_unreadable=leave_unreadable, by=SHELL, at=now())
        except UnreadableSecrets as error:
            self._name(error.names)
            raise CommandError(
                f"{error} Nothing was changed. Find the key that they were encrypted with, enter these secrets again, "
                "or give --leave-unreadable."
            ) from error
        except StillWritten as error:
            raise CommandError(str(error)) from error
        for column, count in done.changed.items():
            if count:
                self.stdout.write(f"{column}: {count}")
        total = sum(done.changed.values())
        self.stdout.write(f"{total} rows encrypted with CREDENTIALS_KEY, {done.current} already were.")
        if done.unreadable:
            self._name(done.unreadable)
            self.stdout.write(
                f"{len(done.unreadable)} cannot be read with either key and were left as they are."
            )
            sys.exit(1)
        self.stdout.write("CREDENTIALS_KEY_PREVIOUS is no longer needed.")

    def _name(self, names: list[str]) -> None:
        for name in names[:MAX_NAMED]:
            self.stderr.write(f"cannot be read: {name}")
        if len(names) > MAX_NAMED:
            self.stderr.write(f"and {len(names) - MAX_NAMED} more")
