"""Get in when nothing else works: `manage.py break_glass [NAME]` needs this machine's shell and nothing more."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils.timezone import now

from incidents.operations.actors import SHELL
from incidents.operations.staff import break_glass


class Command(BaseCommand):
    """An admin's account with a new password and recovery codes, printed once and noted in the audit."""

    help = "Make an admin's account for an emergency, or make the one there is usable again."

    def add_arguments(self, parser: CommandParser) -> None:
        """The account's name."""
        parser.add_argument("username", nargs="?", default="break-glass")

    def handle(self, *_: Any, **options: Any) -> None:
        """What it was before, password and second factors, no longer holds."""
        glass = break_glass(username=options["username"], by=SHELL, at=now())
        self.stdout.write(f"{settings.SITE_URL}/accounts/login/")
        self.stdout.write(f"name: {glass.user.get_username()}")
        self.stdout.write(f"password: {glass.password}")
        self.stdout.write("second factor, each code once:")
        for code in glass.codes:
            self.stdout.write(f"  {code}")
        self.stdout.write("Seal this in an envelope. Once used, run the command again.")
