"""What an earlier export holds already: a document that has not changed since is linked, not written again.

So a copy that is renewed every minute costs by what has changed, not by how long the history is.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

SETTLED = 2_000_000_000
"""Nanoseconds that a document must have rested before the earlier export began: within one tick of a file system's
clock it may have been written twice, with the same time."""


class Earlier:
    """The files of one page below `place`, exported by a run that began at `began`, in nanoseconds since 1970.

    Each file has the time of the published document that it was written from. `endings` are those of its neighbours.
    """

    def __init__(self, place: Path, *, began: int, endings: Sequence[str]) -> None:
        self._place = place
        self._began = began
        self._endings = endings

    def link(self, name: str, changed: int, place: Path) -> Path | None:
        """Link the document of a bundle's file `name` below `place`; None where it must be written.

        `changed` is the bundle's time in nanoseconds since 1970.
        """
        if "~" in name or changed > self._began - SETTLED:
            return None
        path = unquote(name).strip("/")
        for inner in (f"{path}/index.html".lstrip("/"), path):
            old = self._place / inner
            if inner and _time(old) == changed:
                return self._link(old, place / inner)
        return None

    def below(self, folder: str) -> Iterator[str]:
        """The names of all files below a folder, apart from their neighbours."""
        root = self._place / folder
        for file in root.rglob("*"):
            if file.is_file() and not file.name.endswith(tuple(filter(None, self._endings))):
                yield file.relative_to(root).as_posix()

    def _link(self, old: Path, new: Path) -> Path | None:
        try:
            new.parent.mkdir(parents=True, exist_ok=True)
            for ending in self._endings:
                with suppress(FileNotFoundError):
                    os.link(f"{old}{ending}", f"{new}{ending}")
        except OSError:  # another file system, or another owner's file: it is written then
            return None
        return new


def _time(file: Path) -> int | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns if stat.S_ISREG(found.st_mode) else None
