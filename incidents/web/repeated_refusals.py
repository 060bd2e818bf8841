"""A log of refusals that guessing cannot flood: the first one a minute of each door, status and network.

The next line of the same kind says how many were left out. Faults of our own (5xx) are always logged, but for a 503
that a view answers by itself, as `/readyz` does at each look: that is one line a minute for all networks.
"""

import logging
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from incidents.web.clients import client_network

WINDOW_SECONDS = 60
MAX_LINES_A_DOOR = 60
"""In a window, from all networks together."""
MAX_KEPT = 10_000
"""Kinds of lines that are remembered; beyond, all are forgotten and logged once more."""
SERVER_ERROR = 500
Kind = tuple[str, int, str, str]


class RepeatedRefusals(logging.Filter):
    """For the loggers to which Django hands each response of 400 and above, with its request."""

    def __init__(
        self, name: str = "", *, max_kept: int = MAX_KEPT, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(name)
        self._max_kept, self._clock = max_kept, clock
        self._lock = threading.Lock()
        self._counts: dict[Kind, int] = {}
        self._left_out: dict[Kind, int] = {}
        self._window = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this line is written."""
        request: Any = getattr(record, "request", None)
        status = int(getattr(record, "status_code", 0))
        is_not_ready = status == HTTPStatus.SERVICE_UNAVAILABLE and not record.exc_info
        if request is None or not status or (status >= SERVER_ERROR and not is_not_ready):
            return True
        network = "" if is_not_ready else client_network(request.META.get("REMOTE_ADDR", ""))
        kind = (record.name, status, _door(request), network)
        with self._lock:
            count = self._count(kind)
            if count == 1 and self._count((*kind[:3], "all networks")) <= MAX_LINES_A_DOOR:
                if left_out := self._left_out.pop(kind, 0):
                    record.not_logged_before = left_out
                return True
            self._left_out[kind] = self._left_out.get(kind, 0) + 1
            return False

    def _count(self, kind: Kind) -> int:
        window = int(self._clock()) // WINDOW_SECONDS
        if window != self._window:
            self._window = window
            self._counts.clear()
        if len(self._counts) >= self._max_kept:
            self._counts.clear()
        if len(self._left_out) >= self._max_kept:
            self._left_out.clear()
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return self._counts[kind]


def _door(request: Any) -> str:
    """The pattern of the address, without what was guessed; all that leads nowhere is one door."""
    match = getattr(request, "resolver_match", None)
    return str(match.route) if match else ""
