"""Make an API key from the shell: `manage.py create_api_key NAME [--page P] [--scopes …]`; prints it once."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q
from django.utils.timezone import now

from incidents.models import Page
from incidents.models.keys import Scope
from incidents.operations.actors import SHELL
from incidents.operations.errors import Refused
from incidents.operations.keys import make_key


class Command(BaseCommand):
    """The last line of what it prints is the key."""

    help = "Make an API key and print it, once."

    def add_arguments(self, parser: CommandParser) -> None:
        """NAME, and what it is for."""
        parser.add_argument("name", help="Who uses it.")
        parser.add_argument("--page", help="Code or name of the page; without it the key is for every page.")
        parser.add_argument(
            "--scopes", nargs="+", choices=[scope.value for scope in Scope], default=[Scope.READ.value]
        )

        parser.add_argument(
            "--days", type=int, default=0, help="So many days it is valid; without it for ever."
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Raises CommandError in plain words."""
        page = None
        if options["page"]:
            page = Page.objects.filter(Q(code=options["page"]) | Q(name=options["page"])).first()
            if page is None:
                raise CommandError(f"There is no page {options['page']!r}.")
        scopes = [Scope(each) for each in options["scopes"]]
        try:
            at, days = now(), options["days"]
            until = at + timedelta(days=days) if days else None
            secret = make_key(
                name=options["name"], page=page, scopes=scopes, expires_at=until, by=SHELL, at=at
            )[1]
        except OverflowError as error:
            raise CommandError("--days: fewer, please.") from error
        except Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(secret)
