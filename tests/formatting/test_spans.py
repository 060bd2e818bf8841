"""A window in words, in the page's zone and in UTC."""

from datetime import UTC, datetime

import pytest

from incidents.domain.zones import zone
from incidents.formatting.spans import full_span


@pytest.mark.parametrize(
    ("began", "ended", "where", "text"),
    [
        (
            (2026, 11, 27, 15, 0),
            (2026, 11, 27, 17, 0),
            "Australia/Sydney",
            "Nov 28, 2026 - 02:00 AEDT until 04:00 AEDT (2026-11-27 15:00 to 17:00 UTC)",
        ),
        (
            (2026, 11, 27, 12, 0),
            (2026, 11, 27, 14, 30),
            "Australia/Sydney",
            "Nov 27, 2026 - 23:00 AEDT until Nov 28, 2026 - 01:30 AEDT (2026-11-27 12:00 to 14:30 UTC)",
        ),
        (
            (2026, 11, 27, 23, 0),
            (2026, 11, 28, 1, 0),
            "Australia/Sydney",
            "Nov 28, 2026 - 10:00 AEDT until 12:00 AEDT (2026-11-27 23:00 to 2026-11-28 01:00 UTC)",
        ),
        (
            (2027, 4, 3, 14, 30),
            (2027, 4, 3, 17, 30),
            "Australia/Sydney",
            "Apr 04, 2027 - 01:30 AEDT until 03:30 AEST (2027-04-03 14:30 to 17:30 UTC)",
        ),
        ((2026, 11, 27, 15, 0), (2026, 11, 27, 17, 0), "UTC", "Nov 27, 2026 - 15:00 UTC until 17:00 UTC"),
    ],
    ids=["one day", "over midnight", "over midnight in UTC", "clocks go back", "a page that speaks UTC"],
)
def test_a_window_is_told_in_the_pages_zone_and_in_utc(
    began: tuple[int, ...], ended: tuple[int, ...], where: str, text: str
) -> None:
    first, last = (datetime(*parts, tzinfo=UTC) for parts in (began, ended))  # type: ignore[arg-type]
    assert full_span(first, last, zone(where)) == text
