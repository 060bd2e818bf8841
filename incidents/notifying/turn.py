"""Two relays at a time among a host's workers: they use two cores and leave the rest to publish (DESIGN 10).

Each has a place of its own. The kernel forgets who has a place with its holder, however that dies. So whoever takes one
knows that no other relay of this place runs, and may take back what one had claimed.
"""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from django.conf import settings

PLACES = 2


@contextmanager
def my_turn() -> Iterator[str]:
    """The name of the place that is ours until the end of the block; empty where all of them are taken."""
    for number in range(PLACES):
        with (Path(settings.DATA_DIR) / f"relay-{number}.lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield _name(file)
            return
    yield ""


def _name(file: TextIO) -> str:
    """Made at the first turn, and the same ever after."""
    file.seek(0)
    name = file.read(32)
    if not name:
        name = secrets.token_hex(16)
        file.write(name)
        file.flush()
    return name
