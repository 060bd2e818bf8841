"""Documents in a viewer's own zone, each kept for as long as browsers may keep it, so that many viewers cost one."""

import time
from collections.abc import Callable
from typing import NamedTuple

KEPT_SECONDS = 5.0
MOST = 256
MOST_BYTES = 16 * 1024 * 1024


class Rendered(NamedTuple):
    """What is kept of one document in one zone; `revision` tells renderings of different states apart, `is_silent`
    those that show state as known from those that show it as not confirmed.
    """

    page: str
    revision: str
    path: str
    zone: str
    is_silent: bool = False


class Kept:
    """A few renderings for a few seconds, within bounds whatever strangers ask for."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._found: dict[Rendered, tuple[float, bytes]] = {}
        self._bytes = 0

    def get(self, what: Rendered) -> bytes | None:
        """The rendering, if it is there and young enough."""
        found = self._found.get(what)
        return found[1] if found and self._clock() - found[0] < KEPT_SECONDS else None

    def keep(self, what: Rendered, content: bytes) -> None:
        """Keep a rendering; when there are too many, all others go."""
        if len(self._found) >= MOST or self._bytes + len(content) > MOST_BYTES:
            self._found = {}
            self._bytes = 0
        self._found[what] = (self._clock(), content)
        self._bytes += len(content)
