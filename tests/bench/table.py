"""What a run found: rows side by side, printed at its end and written down as the help page `performance`."""

import os
import platform
import sqlite3
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.peers.programs import require

SECTIONS = ("reading", "posting", "seeing", "weighing", "probing", "telling")
"""A whole run has all of them; they stand in this order."""
HEAD = ("what", "Dialtone", "beside it", "ratio", "goal", "")
PAGE = Path(__file__).with_name("page.md")
"""The words around the table."""


@dataclass(frozen=True)
class Row:
    """One figure of ours and what stands beside it; `reached` is None where there is no goal."""

    what: str
    ours: str
    beside: str = ""
    ratio: str = ""
    goal: str = ""
    reached: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """In the order of HEAD."""
        verdict = "" if self.reached is None else "reached" if self.reached else "missed"
        return self.what, self.ours, self.beside, self.ratio, self.goal, verdict


class Report:
    """Collects the rows of a run."""

    def __init__(self) -> None:
        self._rows: dict[str, Sequence[Row]] = {}
        self._busy = os.getloadavg()[0]

    def add(self, section: str, *rows: Row) -> None:
        """Keep rows of one of the SECTIONS, after those that it has."""
        assert section in SECTIONS
        self._rows[section] = (*self._rows.get(section, ()), *rows)

    @property
    def is_whole(self) -> bool:
        """Whether every section has been measured."""
        return self._rows.keys() == set(SECTIONS)

    def table(self) -> str:
        """The rows as a Markdown table."""
        rows = [HEAD, *(row.cells() for section in SECTIONS for row in self._rows.get(section, ()))]
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
        lines = [
            f"| {' | '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))} |"
            for row in rows
        ]
        return "\n".join([lines[0], f"|{'|'.join('-' * (width + 2) for width in widths)}|", *lines[1:]])

    def write(self, file: Path, **facts: object) -> None:
        """Write the page; `facts` are what its words need to know of the other modules."""
        words = PAGE.read_text().format(
            table=self.table(),
            date=f"{datetime.now(UTC):%d %B %Y}",
            machine=_machine(),
            busy=f"{self._busy:.1f}",
            **facts,
        )
        file.write_text(words)


def _machine() -> str:
    nginx = subprocess.run(
        [require("nginx", "nginx-light"), "-v"], capture_output=True, text=True, check=True
    )
    facts = [
        f"{os.cpu_count()} cores ({_processor()})",
        platform.freedesktop_os_release()["PRETTY_NAME"],
        f"Python {platform.python_version()}",
        *(f"{name} {version(name.lower())}" for name in ("Django", "granian")),
        f"SQLite {sqlite3.sqlite_version}",
        nginx.stderr.strip().rpartition(": ")[2].replace("/", " "),
    ]
    return ", ".join(facts)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
