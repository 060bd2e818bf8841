"""Report texts for the tests: the invented ones of tests/data/reports, built ones, and the user's own."""

from pathlib import Path

import pytest

from incidents.domain.reports import Report, parse_report

ROOT = Path(__file__).resolve().parents[2]
SAVED = ROOT / "tests" / "data" / "reports"
SEED = ROOT.parent / "shared" / "seed"


def saved(name: str) -> str:
    """One of our invented reports."""
    return (SAVED / f"{name}.txt").read_text(encoding="utf-8")


def seed() -> str:
    """The user's own report, which is no part of the repository."""
    found = sorted(SEED.glob("*.txt"))
    if not found:
        pytest.fail("The user's report is missing: ../shared/seed/*.txt must lie beside the clone.")
    return found[0].read_bytes().decode("utf-8")


def text_of(*blocks: str, footer: str | None = "This incident affected: SIP trunks.") -> str:
    """A report of these blocks, newest first."""
    parts = ["Calls failing", "Incident Report for Kea Voice", *blocks]
    return "\n".join(parts if footer is None else [*parts, footer])


def read(
    *blocks: str, zone: str | None = None, footer: str | None = "This incident affected: SIP trunks."
) -> Report:
    """The report of these blocks, read."""
    return parse_report(text_of(*blocks, footer=footer), zone=zone)


def warnings_of(report: Report) -> list[str]:
    """Its warnings as a person sees them."""
    return [str(warning) for warning in report.warnings]
