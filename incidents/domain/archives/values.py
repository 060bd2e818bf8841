"""Single values of Statuspage's JSON: codes, instants, words; a wrong one is none."""

import html
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from incidents.domain.archives.facts import OldMove
from incidents.domain.codes import ALPHABET, LENGTH
from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import EARLIEST
from incidents.domain.texts import NAME_LIMIT, UNCLEAN

RAILS_ZONES: Mapping[str, str] = {
    "UTC": "Etc/UTC",
    "London": "Europe/London",
    "Berlin": "Europe/Berlin",
    "Paris": "Europe/Paris",
    "Eastern Time (US & Canada)": "America/New_York",
    "Central Time (US & Canada)": "America/Chicago",
    "Mountain Time (US & Canada)": "America/Denver",
    "Pacific Time (US & Canada)": "America/Los_Angeles",
    "Sydney": "Australia/Sydney",
    "Melbourne": "Australia/Melbourne",
    "Brisbane": "Australia/Brisbane",
    "Perth": "Australia/Perth",
    "Auckland": "Pacific/Auckland",
    "Tokyo": "Asia/Tokyo",
    "Singapore": "Asia/Singapore",
}
"""What v1 calls zones; v2 has IANA names."""
_BREAK = re.compile(r"<br\s*/?>\s?", re.IGNORECASE)
_LINK = re.compile(r"""<a\b[^>]*?href=["']([^"']*)["'][^>]*>(.*?)</a>""", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z][^>]*>")


def plain(body: str) -> str:
    """Statuspage's body as plain text: breaks become lines, a link is followed by its address, other tags go."""
    text = _BREAK.sub("\n", body)
    text = _LINK.sub(lambda found: _linked(found.group(2), found.group(1)), text)
    return without_control(html.unescape(_TAG.sub("", text))).strip()


def _linked(words: str, address: str) -> str:
    words = _TAG.sub("", words).strip()
    return address if not words or words in address else f"{words} ({address})"


def without_control(text: str) -> str:
    """Text that every document can carry."""
    return UNCLEAN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def rows_of(document: Mapping[str, Any], name: str) -> list[Any]:
    """The objects of a list; what is none is left out."""
    rows = document.get(name)
    return [each for each in rows if isinstance(each, dict)] if isinstance(rows, list) else []


def moves_of(update: Mapping[str, Any]) -> Iterable[OldMove]:
    """What an update said of components."""
    for each in rows_of(update, "affected_components"):
        new = choice_of(ComponentStatus, each.get("new_status"), None)
        if new is not None:
            old = choice_of(ComponentStatus, each.get("old_status"), new)
            yield OldMove(code_of(each.get("code")), str(each.get("name") or "")[:NAME_LIMIT], old, new)


def code_of(value: Any) -> str:
    """A code as ours are; another one is no code."""
    text = str(value or "")
    return text if len(text) <= LENGTH and text and set(text) <= set(ALPHABET) else ""


def number_of(value: Any) -> int:
    """A position."""
    return value if isinstance(value, int) and 0 < value < 1_000_000 else 1  # noqa: PLR2004


def instant_of(value: Any) -> datetime | None:
    """An instant in UTC, None where there is none."""
    try:
        found = datetime.fromisoformat(str(value)) if value else None
        found = found.astimezone(UTC) if found and found.tzinfo else found and found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return found if found and found >= EARLIEST else None


def day_of(value: Any) -> date | None:
    """A day, None where there is none."""
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None


def choice_of(enum: Any, value: Any, default: Any) -> Any:
    """A word of an enumeration, else the default."""
    try:
        return enum(value)
    except ValueError:
        return default


def codes_of(rows: Any) -> Iterable[str]:
    """The codes in a list of codes, or of objects that have one."""
    for each in rows if isinstance(rows, list) else ():
        if code := code_of(each.get("id") if isinstance(each, dict) else each):
            yield code
