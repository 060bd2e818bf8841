"""A folder that takes another's place in one step, so that whoever looks sees the old one or the new one, whole.

The step is Linux's `renameat2(2)` with RENAME_EXCHANGE; ext4, XFS, Btrfs and tmpfs have it, NFS has not.
"""

import ctypes
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path

from incidents.formatting.public_files import public_folder

_FROM_HERE = -100
"""AT_FDCWD of fcntl.h: relative paths count from the working directory."""
_EXCHANGE = 2
"""RENAME_EXCHANGE of linux/fs.h."""


class Occupied(RuntimeError):
    """The place is taken by something that must not be replaced, or is being written just now."""


@contextmanager
def whole_folder(place: Path, *, mark: str, replace: bool) -> Iterator[Path]:
    """A new folder to fill, for everybody to read; it becomes `place` when the block ends well, and else is gone.

    What may be replaced, and only with `replace`, is a folder that holds a file called `mark`, as the new one must.
    What a killed writer left beside `place` is swept up. Raises Occupied and OSError; then `place` is as it was.
    """
    place = place.resolve()
    public_folder(place.parent)
    with _alone_beside(place), _readable_by_all():
        if not (_is_vacant(place) or (replace and (place / mark).is_file())):
            what = "neither an empty folder nor an earlier export" if replace else "not an empty folder"
            raise Occupied(f"{place} is there already and {what}.")
        for left in place.parent.glob(f".{escape(place.name)}.new-{'[0-9a-f]' * 8}"):
            shutil.rmtree(left)
        made = place.with_name(f".{place.name}.new-{secrets.token_hex(4)}")
        made.mkdir()
        try:
            (made / mark).touch()
            yield made
            if _is_vacant(place):
                made.rename(place)
            else:
                _exchange(made, place)
        finally:
            shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _alone_beside(place: Path) -> Iterator[None]:
    handle = os.open(place.parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Occupied(f"Something else is being written into {place.parent} just now.") from None
        yield
    finally:
        os.close(handle)


@contextmanager
def _readable_by_all() -> Iterator[None]:
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


def _is_vacant(place: Path) -> bool:
    return not place.exists() or (place.is_dir() and not any(place.iterdir()))


def _exchange(one: Path, other: Path) -> None:
    """Give each folder the other's name. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(_FROM_HERE, os.fsencode(one), _FROM_HERE, os.fsencode(other), _EXCHANGE):
        number = ctypes.get_errno()
        raise OSError(number, f"cannot swap folders here ({os.strerror(number)})", str(other))
