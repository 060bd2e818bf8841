"""The daily words about the audit's heads: for admins who keep them, and for whoever compares later."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from incidents.domain.published import HeadFacts, VersionFacts


def daily_words(
    heads: Iterable[tuple[str, HeadFacts]],
    versions: Sequence[VersionFacts],
    faults: Sequence[str],
    *,
    at: datetime,
    addresses: Iterable[str],
) -> str:
    """The mail. `heads` come with the names of their chains; `addresses` are those of the published documents."""
    found = [*heads]
    wrong = ["WRONG: the database contradicts what was published before.", *faults, ""] if faults else []
    lines = [
        *wrong,
        f"Keep this mail. It says where the audit ended and what was published on {at:%Y-%m-%d at %H:%M} UTC, so that "
        "the database can be compared with it later, whoever has written to the database since.",
        "",
        "The audit, one line a chain:",
        *(f"{name}, {_lines(head.number)}: {head}" for name, head in found),
        "",
        "Published RFO versions and their checksums:" if versions else "No RFO version is published.",
        *map(str, versions),
        "",
        "To compare, save this mail as a file on the server and run:",
        "manage.py verify_audit --against FILE",
        "manage.py verify_rfos --against FILE",
        "",
        "The same is published here:",
        *addresses,
    ]
    return "\n".join(lines)


def _lines(number: int) -> str:
    return "1 line" if number == 1 else f"{number} lines"
