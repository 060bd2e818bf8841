"""The notes a probe takes while it runs: times by layer and a trace that is safe to show (DESIGN 9)."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from incidents.domain.outcomes import Outcome, health_of
from incidents.probes.results import Result

MAX_LINES = 60
MAX_LINE = 240
MAX_DETAIL = 200
MAX_SERVER = 100
MAX_SUBJECT = 100

_CREDENTIALS = re.compile(
    r"^(\s*(?:proxy-)?authori[sz]ation\s*:\s*\S+|\s*(?:set-)?cookie\s*:).*", re.IGNORECASE | re.DOTALL
)
# What the patterns above could say anything of, and blanks to be drawn together.
_SUSPECT = re.compile(r"@|  |^ | $|auth|cookie", re.IGNORECASE)
_URI_PASSWORD = re.compile(r"(\b(?:sips?:|https?://)[^\s:@/]*):[^\s@/]+@", re.IGNORECASE)


def printable(text: str, limit: int) -> str:
    """`text` on one line, masked, without control characters, at most `limit` characters long."""
    if len(text) <= limit and text.isprintable() and not _SUSPECT.search(text):
        return text
    # Cut before looking: a hostile peer sends 64 kB, and no pattern should have to read them.
    shown = mask(text[: limit * 4])
    flat = " ".join("".join(character if character.isprintable() else " " for character in shown).split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def mask(line: str) -> str:
    """`line` without the credentials of an Authorization or Cookie header and the password inside a URI."""
    return _URI_PASSWORD.sub(r"\1:***@", _CREDENTIALS.sub(r"\1 ***", line))


class Evidence:
    """Collects one run's times (milliseconds), facts and trace lines, then becomes its `Result`."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._times: dict[str, float] = {}
        self._lines: list[str] = []
        self._facts: dict[str, float] = {}

    def note(self, line: str) -> None:
        """Add a line to the trace; beyond `MAX_LINES` lines are dropped."""
        if len(self._lines) < MAX_LINES:
            self._lines.append(printable(line, MAX_LINE))

    def fact(self, name: str, value: float) -> None:
        """Keep a number that the kind measured besides times; its unit is in the name."""
        self._facts[name] = round(value, 3)

    @contextmanager
    def timed(self, layer: str) -> Iterator[None]:
        """Add the time spent inside to `layer`, also when it ends by an exception."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self._times[layer] = self._times.get(layer, 0.0) + (time.perf_counter() - started) * 1000

    def milliseconds(self, layer: str) -> float:
        """The time spent in `layer` so far."""
        return self._times.get(layer, 0.0)

    def result(
        self,
        outcome: Outcome,
        detail: str,
        *,
        code: int | None = None,
        server: str = "",
        retransmissions: int = 0,
        subject: str = "",
    ) -> Result:
        """The run's result with everything noted so far."""
        times = {**self._times, "total": (time.perf_counter() - self._started) * 1000}
        return Result(
            outcome=outcome,
            health=health_of(outcome),
            detail=printable(detail, MAX_DETAIL),
            code=code,
            server=printable(server, MAX_SERVER),
            times={layer: round(value, 3) for layer, value in times.items()},
            retransmissions=retransmissions,
            trace=tuple(self._lines),
            facts=dict(self._facts),
            subject=printable(subject, MAX_SUBJECT),
        )
