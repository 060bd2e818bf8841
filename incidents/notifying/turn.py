"""One relay at a time among a host's workers, so that a fan-out leaves the others to publish and settle (DESIGN 10).

The kernel forgets the turn with its holder, however that dies. It saves nothing but time: relays that run at once share
the rows between them.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


@contextmanager
def my_turn() -> Iterator[bool]:
    """Whether no other relay has the turn; if so it is kept until the end of the block."""
    with (Path(settings.DATA_DIR) / "relay.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
