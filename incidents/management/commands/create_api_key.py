"""Make an API key from the shell: `manage.py create_api_key NAME [--page P] [--scopes …]`; prints it once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q
from django.utils.timezone import now

from incidents.models import Page
from incidents.models.keys import Scope
from incidents.operations.actors import SHELL
from incidents.operations.errors import Refused
from incidents.operations.keys import LIFETIME, make_key


class Command(BaseCommand):
    """The last line of what it prints is the key, which belongs to the installation and to no person."""

    help = "Make an API key of the installation and print it, once."

    def add_arguments(self, parser: CommandParser) -> None:
        """NAME, and what it is for."""
        parser.add_argument("name", help="Who uses it.")
        parser.add_argument("--page", help="Code or name of the page; without it the key is for every page.")
        parser.add_argument("--scopes", nargs="+", default=[Scope.READ.value], help=f"Of {', '.join(Scope)}.")
        ends = parser.add_mutually_exclusive_group()
        ends.add_argument(
            "--days", type=int, default=LIFETIME.days, help="How many days it is valid; 365 without it."
        )
        ends.add_argument("--never-expires", action="store_true", help="Valid until somebody revokes it.")

    def handle(self, *_: Any, **options: Any) -> None:
        """Raises CommandError in plain words."""
        page = None
        if options["page"]:
            page = Page.objects.filter(Q(code=options["page"]) | Q(name=options["page"])).first()
            if page is None:
                raise CommandError(f"There is no page {options['page']!r}.")
        at, never = now(), bool(options["never_expires"])
        try:
            secret = make_key(
                name=options["name"],
                page=page,
                scopes=_scopes(options["scopes"]),
                expires_at=None if never else _end(options["days"], at=at),
                never_expires=never,
                by=SHELL,
                at=at,
            )[1]
        except Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(secret)


def _scopes(words: list[str]) -> list[Scope]:
    """With spaces or commas between, as in a setting. Raises CommandError."""
    names = [name for word in words for name in word.split(",") if name]
    if unknown := [name for name in names if name not in set(Scope)]:
        raise CommandError(f"--scopes: {unknown[0]!r} is none of {', '.join(Scope)}.")
    return [Scope(name) for name in dict.fromkeys(names)]


def _end(days: int, *, at: datetime) -> datetime:
    """So many days from now. Raises CommandError."""
    most = (datetime.max.replace(tzinfo=UTC) - at).days
    if not 1 <= days <= most:
        raise CommandError(
            f"--days must be at least 1 and at most {most}. For a key without an end use --never-expires."
        )
    return at + timedelta(days=days)
