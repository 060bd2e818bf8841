"""The sign of life that lets a page say "not confirmed" when any engine has died, or all of them (DESIGN 11).

It is a file beside the public documents, because whoever serves those needs no database. Its time is that of the
engine that has been silent longest, set by those that are still alive.
"""

import logging
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from incidents.domain.pulses import Role
from incidents.formatting.public_files import public_folder
from incidents.operations.pulses import note_pulse

log = logging.getLogger(__name__)


def beat(role: Role, *, at: datetime | None = None) -> None:
    """Say that `role` is alive; the web front compares the file's age with what each page allows.

    A folder that cannot be written is logged and keeps no engine from its work: the file grows old, and pages say so.
    """
    oldest = note_pulse(role, at=at or datetime.now(UTC)).timestamp()
    try:
        _date(Path(settings.PUBLISH_DIR) / "heartbeat", oldest)
    except OSError:
        log.exception("the sign of life could not be written; pages will say that they are not confirmed")


def _date(file: Path, instant: float) -> None:
    """Give the file its time in one step: it must not look newer for even a moment, since readers look at any."""
    try:
        os.utime(file, (instant, instant))
    except FileNotFoundError:
        public_folder(file.parent)
        draft = file.with_name(f".heartbeat.{os.getpid()}.{secrets.token_hex(6)}")
        draft.touch()
        os.utime(draft, (instant, instant))
        draft.replace(file)
