"""Changing how a brand's page looks."""

import re
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction

from incidents.domain.texts import UncleanText, clean
from incidents.formatting.logos import redrawn_logo
from incidents.models import Look, Page
from incidents.operations.actors import Actor
from incidents.operations.errors import Refused
from incidents.operations.journal import lock
from incidents.operations.pages import note_set_up
from incidents.operations.slow import when_busy

COLOUR = re.compile(r"#[0-9a-f]{6}")
SUPPORT_LIMIT = 300


def set_look(
    page: Page,
    *,
    accent: str,
    home_url: str,
    support: str,
    logo: bytes | None = None,
    by: Actor,
    at: datetime,
) -> Look:
    """Colour, home page, line of support, and logo (None leaves it, empty takes it away). Raises Refused, and Busy."""
    accent, home_url = accent.strip().lower(), home_url.strip()
    if accent and not COLOUR.fullmatch(accent):
        raise Refused("accent", "Write a colour as # and six hexadecimal digits, such as #0b57d0.")
    if home_url and (urlsplit(home_url).scheme not in {"http", "https"} or not urlsplit(home_url).hostname):
        raise Refused("home_url", "Write an address that begins with https:// or http://.")
    try:
        support = " ".join(clean(support, limit=SUPPORT_LIMIT).split())
    except UncleanText as error:
        raise Refused("support", str(error)) from error
    try:
        with when_busy("logo"):
            drawn = redrawn_logo(logo) if logo else logo
    except ValueError as error:
        raise Refused("logo", str(error)) from error
    return _keep(page, (accent, home_url, support), drawn, by=by, at=at)


@transaction.atomic
def _keep(page: Page, words: tuple[str, str, str], logo: bytes | None, *, by: Actor, at: datetime) -> Look:
    page = lock(page)
    look, _ = Look.objects.get_or_create(page=page)
    before = (look.accent, look.home_url, look.support, bytes(look.logo))
    look.accent, look.home_url, look.support = words
    if logo is not None:
        look.logo = logo
    if (*words, bytes(look.logo)) != before:
        look.save()
        note_set_up(page, what="look changed", by=by, at=at)
    return look
