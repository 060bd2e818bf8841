"""How an operation says no."""

import errno

from django.db import DatabaseError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FULL_WORDS = ("disk is full", "No space left on device")
"""Of SQLite, and of PostgreSQL (53100)."""
DISK_FULL = (
    "The server has no room on its disk. Nothing was changed; the status page is still shown. "
    "Ask an administrator to free space, then try again."
)


class Refused(ValueError):
    """The input cannot be carried out; nothing was written. `field` names what to mend, `str()` says how.

    Where several things were asked for at once, `about` is the code of the incident that was refused.
    """

    about = ""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Conflict(Refused):
    """Somebody else wrote first; the caller's view is older than the row."""


class Busy(Refused):
    """Nothing is wrong with the input; the server cannot look at it just now."""


def is_disk_full(error: BaseException | None) -> bool:
    """Whether a file, or the database, found no room."""
    if isinstance(error, DatabaseError):
        return any(words in str(error) for words in _FULL_WORDS)
    return isinstance(error, OSError) and error.errno in _FULL
