"""Rows of the table of faults: what each kind of probe sees of one fault; read from and written to the help page."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from incidents.probes.kinds import KINDS
from incidents.probes.running import run
from incidents.web.help import FOLDER

PAGE = FOLDER / "faults.md"
BLIND = "-"
"""The kind does not meet this fault."""
Rows = Mapping[str, Mapping[str, str]]
"""By fault, by kind: the class that was seen."""


@dataclass(frozen=True)
class Ask:
    """One run of a kind. Where a kind asks several ways, `label` tells them apart."""

    kind: str
    target: str
    options: Mapping[str, object] = field(default_factory=dict)
    label: str = ""


async def nothing() -> None:
    """Between two runs, usually."""


async def see(
    asks: Sequence[Ask],
    *,
    tries: int = 3,
    between: Callable[[], Awaitable[None]] = nothing,
    ours: bool = False,
) -> dict[str, str]:
    """Run them one after the other; by kind, what was seen, by label only where labels differ.

    A reply that only took a retransmission is asked for again: this machine was slow, unless it always is. None may be
    the probe's own fault, unless the row is about one of `ours`.
    """
    seen: dict[str, dict[str, str]] = {}
    for ask in asks:
        for _ in range(tries):
            await between()
            result = await run(ask.kind, ask.target, ask.options)
            if result.outcome != "degraded" or not result.retransmissions:
                break
        assert ours or result.outcome != "internal", f"{ask}: {result.detail}"
        seen.setdefault(ask.kind, {})[ask.label] = str(result.outcome)
    return {kind: told(outcomes) for kind, outcomes in seen.items()}


def told(outcomes: Mapping[str, str]) -> str:
    """One class, or each way's where they differ."""
    if len(set(outcomes.values())) == 1:
        return next(iter(outcomes.values()))
    return ", ".join(f"{label} {outcome}" for label, outcome in outcomes.items())


def drawn(rows: Rows) -> str:
    """The rows as a Markdown table, with a column for each kind that meets one of the faults."""
    kinds = [kind for kind in KINDS if any(kind in cells for cells in rows.values())]
    lines = [["fault", *(f"`{kind}`" for kind in kinds)], ["---"] * (len(kinds) + 1)]
    lines += [[fault, *(cells.get(kind, BLIND) for kind in kinds)] for fault, cells in rows.items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def read(page: str, title: str) -> Rows:
    """What the page says under this heading; nothing where there is no table."""
    head, _, *lines = _table(page, title).splitlines() or ["", ""]
    kinds = [cell.strip("`") for cell in _cells(head)[1:]]
    rows = {}
    for line in lines:
        fault, *seen = _cells(line)
        rows[fault] = {kind: cell for kind, cell in zip(kinds, seen, strict=True) if cell != BLIND}
    return rows


def written(page: str, title: str, rows: Rows) -> str:
    """The page with these rows under this heading, whatever stood there."""
    old = _table(page, title)
    if old:
        return page.replace(old, drawn(rows))
    heading = f"## {title}\n"
    assert heading in page, f"the page has no heading {title}"
    return page.replace(heading, f"{heading}\n{drawn(rows)}\n")


def _table(page: str, title: str) -> str:
    _, _, rest = page.partition(f"## {title}\n")
    section = re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    return "\n".join(line for line in section.splitlines() if line.startswith("|"))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
