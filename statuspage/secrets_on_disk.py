"""Secrets that an installation makes for itself once and keeps beside its data."""

import os
import secrets
from pathlib import Path


def kept_secret(file: Path) -> str:
    """The secret in `file`, made on first use; whoever of several processes is first wins.

    The file is linked into place whole, so that no reader ever sees half a secret.
    """
    if not file.exists():
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
