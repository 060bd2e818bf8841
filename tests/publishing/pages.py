"""Reading a published page as a person would: without its markup."""

import html
import re
from datetime import datetime

from incidents.domain.zones import zone as zone_named
from incidents.models import Page
from incidents.publishing import live
from incidents.publishing.site import DOCUMENTS


def rendered(page: Page, path: str, *, at: datetime, zone: str = "", pattern: str = "", **names: str) -> str:
    """A document as of an instant, for a reader in `zone`."""
    (document,) = [each for each in DOCUMENTS if each.pattern == (pattern or path)]
    chosen = zone_named(zone) if zone else None
    return live.render(page, document, names, at=at, zone=chosen).decode()


def words(document: str) -> str:
    """The text of a page, its white space made single."""
    body = document.partition("<body>")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def lines(document: str) -> list[str]:
    """The text of a page by element, in order."""
    body = document.partition("<body>")[2]
    return [text for part in re.split(r"<[^>]+>", body) if (text := html.unescape(part).strip())]
