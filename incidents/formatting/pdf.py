"""HTML to a tagged PDF, in a process that can be killed and that fetches nothing (DESIGN 12).

WeasyPrint may take long over hostile HTML and needs libraries of the system. It therefore runs in a bounded child,
which alone imports it. The same HTML gives the same bytes on the same machine: its dates are those that the HTML
names, its identifier is a digest. The child ends with status UNAVAILABLE when the libraries are missing.
"""

import json
import logging
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from incidents.formatting.bounded import PRINTS, ChildBusy, ChildFailed, LimitExceeded, Limits, bounded

log = logging.getLogger(__name__)

LIMITS = Limits(
    cpu_seconds=30, memory_bytes=1024 * 1024 * 1024, deadline_seconds=200.0, lane=PRINTS, niceness=5
)
"""Within a task's time limit, and enough on one core beside 40 others; a higher niceness took five times as long."""
UNAVAILABLE = 3
REST_SECONDS = 300.0
"""How long the libraries are taken as missing once they were."""


class NoPdf(RuntimeError):
    """No PDF can be made of this HTML; the message says why."""


class PressBusy(NoPdf):
    """The machine gave it no time. Says nothing about the HTML; try again."""


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
        self, html: str, *, attached: Attached | None = None, deadline: float = LIMITS.deadline_seconds
    ) -> bytes:
        """The document as PDF/UA-1, with a file inside where one is given. `deadline` in seconds.

        Raises NoPdf, PressBusy where the machine gives no time, and Unavailable where none can be made.
        """
        if self.is_resting:
            raise Unavailable("WeasyPrint or a library that it needs is missing.")
        try:
            made = bounded(__name__, _asked(html, attached), replace(LIMITS, deadline_seconds=deadline))
        except ChildBusy as error:
            raise PressBusy(
                f"The machine was too busy; it was not done within {deadline:g} seconds."
            ) from error
        except LimitExceeded as error:
            raise NoPdf(f"WeasyPrint was ended: {error}.") from error
        except ChildFailed as error:
            if error.status == UNAVAILABLE:
                self._rest(error.words)
                raise Unavailable(error.words) from error
            raise NoPdf(f"WeasyPrint ended with status {error.status}: {error.words}") from error
        if not made.startswith(b"%PDF-"):
            raise NoPdf("WeasyPrint wrote no PDF.")
        return made

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


def work(content: bytes) -> bytes:
    """The child's part: from what `_asked` wrote to a PDF."""
    asked = json.loads(content)
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
        sys.exit(UNAVAILABLE)
    return render(asked["html"], attached)
