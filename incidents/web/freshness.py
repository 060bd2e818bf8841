"""Response headers that tell machine readers how fresh a v2 document is, beside Statuspage's keys."""

from incidents.publishing.store import Pointer
from incidents.web.answers import Headers

CONFIRMED, CHECKED_AT = "Dialtone-Confirmed", "Dialtone-Checked-At"
V2 = "/api/v2/"
"""How the paths begin of documents that carry them."""


def freshness_headers(pointer: Pointer | None, *, is_silent: bool) -> Headers:
    """`true`, `false` or `unknown`, and the instant of the newest check in ISO 8601 where there was one.

    While monitoring is silent nothing that is monitored is confirmed, whatever the pointer said last.
    """
    confirmed = pointer.confirmed if pointer else None
    if is_silent:
        confirmed = False
    words = "unknown" if confirmed is None else str(confirmed).lower()
    headers = [(CONFIRMED, words), ("Access-Control-Expose-Headers", f"{CONFIRMED}, {CHECKED_AT}")]
    return [*headers, (CHECKED_AT, pointer.checked_at)] if pointer and pointer.checked_at else headers
