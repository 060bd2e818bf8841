"""The sign of life that lets a page say "not confirmed" when any engine has died, or all of them (DESIGN 11).

It is a file beside the public documents, because whoever serves those needs no database. Its time is that of the
engine that has been silent longest, set by those that are still alive.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from incidents.domain.pulses import Role
from incidents.operations.pulses import note_pulse


def beat(role: Role, *, at: datetime | None = None) -> None:
    """Say that `role` is alive; the web front compares the file's age with what each page allows."""
    oldest = note_pulse(role, at=at or datetime.now(UTC)).timestamp()
    file = Path(settings.PUBLISH_DIR) / "heartbeat"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    os.utime(file, (oldest, oldest))
