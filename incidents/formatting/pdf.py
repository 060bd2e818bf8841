"""HTML to a tagged PDF, in a process that can be killed and that fetches nothing (DESIGN 12).

WeasyPrint may take long over hostile HTML and needs libraries of the system. It therefore runs in a child with a
deadline, which alone imports it. The same HTML gives the same bytes on the same machine: its dates are those that the
HTML names, its identifier is a digest. Run as a module it reads HTML from standard input and writes a PDF to standard
output, with exit status UNAVAILABLE when the libraries are missing.
"""

import json
import logging
import os
import resource
import subprocess
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

log = logging.getLogger(__name__)

DEADLINE_SECONDS = 60.0
CPU_SECONDS = 30
MEMORY_LIMIT = 1024 * 1024 * 1024
"""Bytes of address space that the child may take."""
NICENESS = 10
"""Readers of the page come first."""
UNAVAILABLE = 3
REST_SECONDS = 300.0
"""How long the libraries are taken as missing once they were."""
_ROOT = Path(__file__).resolve().parents[2]


class NoPdf(RuntimeError):
    """No PDF can be made of this HTML; the message says why."""


class Unavailable(NoPdf):
    """No PDF can be made of any HTML here at the moment."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file inside the PDF; `at` is its date, so that the same is the same bytes."""

    name: str
    content: bytes
    at: datetime
    what: str


class Press:
    """Makes PDFs, and remembers for a while that it cannot, so that nobody tries again and again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rests_until: float | None = None

    @property
    def is_resting(self) -> bool:
        """Whether the libraries were found missing a short while ago."""
        return self._rests_until is not None and self._clock() < self._rests_until

    def pdf(
        self, html: str, *, attached: Attached | None = None, deadline: float = DEADLINE_SECONDS
    ) -> bytes:
        """The document as PDF/UA-1, with a file inside where one is given. `deadline` in seconds.

        Raises NoPdf, and Unavailable where none can be made.
        """
        if self.is_resting:
            raise Unavailable("WeasyPrint or a library that it needs is missing.")
        try:
            child = subprocess.run(
                [sys.executable, "-m", "incidents.formatting.pdf"],
                input=_asked(html, attached),
                capture_output=True,
                timeout=deadline,
                cwd=_ROOT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise NoPdf(f"It was not done within {deadline:g} seconds.") from error
        words = child.stderr.decode(errors="replace").strip()[-500:]
        if child.returncode == UNAVAILABLE:
            self._rest(words)
            raise Unavailable(words)
        if child.returncode or not child.stdout.startswith(b"%PDF-"):
            raise NoPdf(f"WeasyPrint ended with status {child.returncode}: {words}")
        return child.stdout

    def _rest(self, words: str) -> None:
        """Told once a process; that it is so still is no news."""
        if self._rests_until is None:
            log.warning("no PDF can be made here; all else goes on", extra={"error": words})
        self._rests_until = self._clock() + REST_SECONDS


def _asked(html: str, attached: Attached | None) -> bytes:
    """What the child is given."""
    more = (
        {
            "name": attached.name,
            "content": b64encode(attached.content).decode(),
            "at": attached.at.isoformat(),
            "what": attached.what,
        }
        if attached
        else None
    )
    return json.dumps({"html": html, "attached": more}).encode()


press = Press()
"""The one of this process."""


def render(html: str, attached: Attached | None = None) -> bytes:
    """The PDF, in this process; may take long and much memory on hostile input. It fetches nothing."""
    from weasyprint import HTML, Attachment  # type: ignore[import-untyped]  # noqa: PLC0415  (heavy, of the child only)
    from weasyprint.urls import URLFetcher  # type: ignore[import-untyped]  # noqa: PLC0415

    nothing = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    inside = [
        Attachment(
            string=attached.content,
            name=attached.name,
            description=attached.what,
            created=attached.at,
            modified=attached.at,
            url_fetcher=nothing,
        )
        for attached in ([attached] if attached else [])
    ]
    document = HTML(string=html, url_fetcher=nothing)
    return bytes(document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=True, attachments=inside or None))


def _main() -> int:
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    asked = json.loads(sys.stdin.buffer.read())
    more = asked["attached"]
    attached = (
        Attached(more["name"], b64decode(more["content"]), datetime.fromisoformat(more["at"]), more["what"])
        if more
        else None
    )
    try:
        import weasyprint  # noqa: F401, PLC0415  (only to tell missing libraries from everything else)
    except (ImportError, OSError) as error:
        sys.stderr.write(str(error))
        return UNAVAILABLE
    sys.stdout.buffer.write(render(asked["html"], attached))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
