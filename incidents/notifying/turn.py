"""Two relays at a time among a host's workers: they use two cores and leave the rest to publish (DESIGN 10).

Each has a place of its own. The kernel forgets who has a place with its holder, however that dies. So whoever finds one
free knows that no relay of it runs, and takes back what one had claimed.
"""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from django.conf import settings

from incidents.operations.deliveries import take_back

PLACES = 2


@contextmanager
def my_turn() -> Iterator[str]:
    """The name of the place that is ours until the end of the block; empty where all of them are taken."""
    with ExitStack() as kept:
        mine = ""
        for number in range(PLACES):
            with ExitStack() as looked:
                name = looked.enter_context(place(number))
                if name:
                    take_back(name, at=datetime.now(UTC))
                if name and not mine:
                    mine = name
                    kept.push(looked.pop_all())
        yield mine


@contextmanager
def place(number: int) -> Iterator[str]:
    """The name of one place while we have it; empty where another does."""
    with (Path(settings.DATA_DIR) / f"relay-{number}.lock").open("a+") as file:
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
