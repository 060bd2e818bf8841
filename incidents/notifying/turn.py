"""One relay at a time among a host's workers, so that a fan-out leaves the others to publish and settle (DESIGN 10).

The kernel forgets the turn with its holder, however that dies. So whoever has it knows that no other relay of this
place runs, and may take back what one had claimed; relays of other places share the rows with it.
"""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from django.conf import settings


@contextmanager
def my_turn() -> Iterator[str]:
    """The name of this place while it is our turn, kept until the end of the block; empty where another has it."""
    with (Path(settings.DATA_DIR) / "relay.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield ""
        else:
            yield _name(file)


def _name(file: TextIO) -> str:
    """Made at the first turn, and the same ever after."""
    file.seek(0)
    name = file.read(32)
    if not name:
        name = secrets.token_hex(16)
        file.write(name)
        file.flush()
    return name
