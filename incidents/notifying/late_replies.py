"""Waiting for mail servers that are slow to confirm, beside everything else (RFC 5321 section 4.5.3.2.6).

The row is leased for as long as the reply is waited for before anybody waits. So a process that dies meanwhile costs
nobody a mail: once the lease is over it is sent once more, under the same Message-ID.
"""

import logging
import threading
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection

from incidents.channels.messages import Answer

log = logging.getLogger(__name__)

_NAME = "late reply"
AWAY_SECONDS, AWAY_PAUSE_SECONDS = 45.0, 0.5
"""How long one waits for a database that is away, and between two tries."""


def follow(answer: Answer, record: Callable[[Answer], None]) -> None:
    """Have `record` called with the answer that comes later, in a thread of its own; nothing where there is none."""
    if answer.later is None:
        return
    work = threading.Thread(target=_follow, args=(answer.later, record), name=_NAME, daemon=True)
    work.start()


def wait_for_late_replies() -> None:
    """Wait until all of this process are there; for commands, whose end would lose them."""
    for thread in threading.enumerate():
        if thread.name == _NAME:
            thread.join()


def _follow(later: Callable[[], Answer], record: Callable[[Answer], None]) -> None:
    answer = later()
    ends = time.monotonic() + AWAY_SECONDS
    while True:
        try:
            record(answer)
        except (OperationalError, InterfaceError):
            if time.monotonic() > ends:
                log.exception("a late reply could not be written down; the mail is sent once more")
                return
            time.sleep(AWAY_PAUSE_SECONDS)
        except Exception:
            log.exception("a late reply could not be written down; the mail is sent once more")
            return
        else:
            return
        finally:
            connection.close()
