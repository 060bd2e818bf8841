"""Two bells rung after commit: *touched* in this process, *due* through Celery. A bell is only latency.

*Touched* makes the publisher render at once, with the broker and every worker dead. *Due* wakes the relay. A bell
that fails is logged and never raised: beat sweeps what it missed, and nobody's click fails for a dead broker.
"""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)

Listener = Callable[[int], None]
RING_SECONDS = 0.2
"""The most that a click waits for the broker."""
QUIET_SECONDS = 30.0
"""How long the due bell rests after it found no broker, so that posts stay fast during a broker outage."""

_listeners: list[Listener] = []
_quiet_until = 0.0


def when_touched(listener: Listener) -> None:
    """Register `listener(page_pk)` for every committed change of a page. Registering twice is harmless."""
    if listener not in _listeners:
        _listeners.append(listener)


def ring(page_pk: int, *, due: bool, touched: bool = True) -> None:
    """Ring once the current transaction has committed: `due` if somebody is told, `touched` if a document changes.

    Due is first: a relay begins while the documents are rendered.
    """
    if due:
        transaction.on_commit(ring_due, robust=True)
    if touched:
        transaction.on_commit(partial(_touched, page_pk), robust=True)


def _touched(page_pk: int) -> None:
    for listener in _listeners:
        try:
            listener(page_pk)
        except Exception:  # whatever it is, the words are committed and the sweep publishes them
            log.exception(
                "the page was changed but not published; the sweep will do it", extra={"page": page_pk}
            )


def ring_account_mails() -> None:
    """Wake a worker for the mails about accounts, as `ring_due` does for the others."""
    ring_due("send_account_mails")


def ring_due(task: str = "relay_due") -> None:
    """Wake a relay, if a worker is free to be one. A broker that does not answer at once is not waited for."""
    global _quiet_until  # noqa: PLW0603  (one broker for the process)
    if time.monotonic() < _quiet_until:
        return
    knock = threading.Thread(target=_knock, args=(task,), name="bell", daemon=True)
    knock.start()
    knock.join(RING_SECONDS)
    if knock.is_alive():
        _quiet_until = time.monotonic() + QUIET_SECONDS


def _knock(task: str) -> None:
    global _quiet_until  # noqa: PLW0603  (as above)
    try:
        current_app.send_task(task, retry=False, expires=60)
    except Exception as error:  # noqa: BLE001  (every broker transport fails in its own way)
        _quiet_until = time.monotonic() + QUIET_SECONDS
        log.warning("the broker did not answer; the sweep will tell people", extra={"error": str(error)})
