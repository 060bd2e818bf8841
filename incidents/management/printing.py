"""What commands print: addresses that answer or the reason why not, and what an import would leave out."""

from collections.abc import Collection

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from incidents.models import Page
from incidents.models.addresses import address_problem, page_address

MAX_LOSSES_SHOWN = 20


def print_address(command: BaseCommand, page: Page, path: str = "/") -> None:
    """A public address as the last line; before it, where nothing answers there, why."""
    if problem := address_problem(page, site_url=settings.SITE_URL):
        command.stdout.write(f"The address below does not answer yet. {problem}")
    command.stdout.write(f"{page_address(page, site_url=settings.SITE_URL)}{path}".removesuffix("/"))


def refuse_losses(losses: Collection[str], *, accepted: bool) -> None:
    """Raises CommandError naming each text that would be left out, unless somebody has accepted that."""
    if not losses or accepted:
        return
    shown = list(losses)[:MAX_LOSSES_SHOWN]
    more = [f"… and {len(losses) - len(shown)} more"] if len(shown) < len(losses) else []
    listed = "\n".join(f"  {each}" for each in [*shown, *more])
    raise CommandError(
        f"Nothing was imported, because this would be left out:\n{listed}\n"
        "Correct it where it comes from, or leave it out with --accept-loss."
    )
