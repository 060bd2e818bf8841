"""Files that are this installation's own: the folder they lie in, and the secrets that it makes for itself once."""

import contextlib
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

OTHERS = 0o077
"""The permissions of everybody but the owner."""


def keep_private(folder: Path) -> None:
    """Make `folder` and close it to other accounts; all that this process writes from here on is its user's alone.

    The umask holds whoever starts us: a shell's 022 would let every account of the machine read the database. A folder
    that somebody else owns stays as it is, and so does one on a file system without modes: `manage.py check` names it.
    """
    os.umask(OTHERS)
    folder.mkdir(parents=True, exist_ok=True)
    found = folder.stat()
    if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) & OTHERS:
        with contextlib.suppress(OSError):
            folder.chmod(stat.S_IMODE(found.st_mode) & ~OTHERS)


def kept_secret(file: Path, *, before_making: Callable[[], None] = lambda: None) -> str:
    """The secret in `file`, made on first use; whoever of several processes is first wins.

    `before_making` may raise to forbid it. The file is linked into place whole, so that no reader ever sees half a
    secret.
    """
    if not file.exists():
        before_making()
        draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text(encoding="ascii")


def earlier_secrets(file: Path) -> list[str]:
    """The secrets that `file` had before, newest first, one a line in a file beside it; none where there is no such."""
    beside = file.with_name(f"{file.name}_previous")
    return beside.read_text(encoding="ascii").split() if beside.exists() else []
