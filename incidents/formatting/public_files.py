"""Modes of what is published: readable by every account that may enter the folder.

Everything else that this installation writes is its user's alone, by the umask that the settings set. The umask is one
for all threads of a process, so what is published gets its mode file by file.
"""

import contextlib
from pathlib import Path

PUBLIC_FILE, PUBLIC_FOLDER = 0o644, 0o755


def public_folder(folder: Path) -> None:
    """Make `folder`, and those above it that are missing, for everybody to read; one that exists keeps its mode."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        with contextlib.suppress(FileExistsError):  # another process was first
            each.mkdir()
            each.chmod(PUBLIC_FOLDER)
