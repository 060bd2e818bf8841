"""Replacing a secret that an installation made for itself, so that a crash on any line loses neither of the two."""

import os
import secrets
from pathlib import Path


def replace_secret(file: Path) -> str:
    """A new secret in `file`; the old one goes to the top of `<file>_previous` first. Raises OSError."""
    beside = file.with_name(f"{file.name}_previous")
    earlier = beside.read_text(encoding="ascii").split() if beside.exists() else []
    old = file.read_text(encoding="ascii").strip()
    _write(beside, "".join(f"{each}\n" for each in dict.fromkeys([old, *earlier])))
    new = secrets.token_urlsafe(48)
    _write(file, new)
    return new


def _write(file: Path, text: str) -> None:
    draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(text.encode("ascii"))
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
