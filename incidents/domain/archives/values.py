"""Single values of Statuspage's JSON: codes, instants, words; a wrong one is none."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from incidents.domain.codes import ALPHABET, LENGTH
from incidents.domain.components import ComponentStatus
from incidents.domain.incidents import EARLIEST
from incidents.domain.texts import UNCLEAN

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
STATUS_WORDS: Mapping[str, ComponentStatus] = {
    "full_outage": ComponentStatus.MAJOR_OUTAGE,
    "outage": ComponentStatus.MAJOR_OUTAGE,
    "degraded": ComponentStatus.DEGRADED_PERFORMANCE,
    "maintenance": ComponentStatus.UNDER_MAINTENANCE,
}
"""What other makers of the same documents call a component's status."""
_FOREIGN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def without_control(text: str) -> str:
    """Text that every document can carry."""
    return UNCLEAN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def rows_of(document: Mapping[str, Any], name: str) -> list[Any]:
    """The objects of a list; what is none is left out."""
    rows = document.get(name)
    return [each for each in rows if isinstance(each, dict)] if isinstance(rows, list) else []


def status_of(value: Any) -> ComponentStatus | None:
    """A component's status, also by another maker's word for it; None where nothing known is said."""
    known: ComponentStatus | None = choice_of(ComponentStatus, value, None)
    return known or STATUS_WORDS.get(str(value))


def code_of(value: Any) -> str:
    """A code as ours are; of an id of another form always the same new code, and none of what is no id."""
    text = str(value or "")
    if text and len(text) <= LENGTH and set(text) <= set(ALPHABET):
        return text
    if not _FOREIGN_ID.fullmatch(text):
        return ""
    digest = int.from_bytes(hashlib.sha256(text.encode()).digest())
    return "".join(ALPHABET[digest // len(ALPHABET) ** place % len(ALPHABET)] for place in range(LENGTH))


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
