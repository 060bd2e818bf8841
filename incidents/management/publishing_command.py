"""A command that publishes, itself or by what it changes: not under another SITE_URL than the last without --yes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.publishing.address import OtherAddress, accept_address, require_address
from incidents.publishing.publisher import the_store


class PublishingCommand(BaseCommand):
    """Refuses before anything is done."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """With --yes."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument(
            "--yes",
            action="store_true",
            help="publish also where SITE_URL is not what the published pages have",
        )
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Raises CommandError in one line."""
        if options.pop("yes", False):
            accept_address()
        try:
            require_address(the_store())
        except OtherAddress as error:
            raise CommandError(str(error)) from error
        return super().execute(*args, **options)
