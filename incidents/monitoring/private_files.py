"""A system check: may other accounts of this machine read what is this installation's own?

The settings set a umask and close DATA_DIR, so what is written from now on is private. What was written before, by an
older release or by hand, and what lies outside of DATA_DIR is looked at here, at every `manage.py` command.
"""

import shlex
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004  (Django's own name)

OTHERS = stat.S_IRWXG | stat.S_IRWXO
SQLITE_SUFFIXES = ("", "-wal", "-shm", "-journal")
BROKER_SCHEME = "filesystem://"


@register(Tags.security)
def check_private_files(**_: Any) -> list[CheckMessage]:
    """One warning with the lines that close what is open; none where all is."""
    folder = Path(settings.DATA_DIR)
    open_ones = [each for each in dict.fromkeys(_private_files(folder)) if _is_open(each)]
    if not open_ones and not _is_open(folder):
        return []
    lines = [f"chmod go-rwx {shlex.quote(str(folder))}"] if _is_open(folder) else []
    lines += [_closing_line(each) for each in open_ones]
    return [
        Warning(
            "Other accounts of this machine may read what is this installation's own.",
            hint="Run as the owner or as root:\n" + "".join(f"\t{line}\n" for line in lines),
            id="incidents.W001",
        )
    ]


def _closing_line(path: Path) -> str:
    options = "-R " if path.is_dir() else ""
    return f"chmod {options}go-rwx {shlex.quote(str(path))}"


def _private_files(folder: Path) -> Iterator[Path]:
    """What lies in DATA_DIR but for published documents and style sheets, and what the settings keep elsewhere."""
    public = {Path(settings.PUBLISH_DIR), Path(settings.STATIC_ROOT or "")}
    yield from (each for each in sorted(_entries(folder)) if each not in public)
    yield Path(settings.MEDIA_ROOT)
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        yield from (Path(f"{database['NAME']}{suffix}") for suffix in SQLITE_SUFFIXES)
    if settings.EMAIL_BACKEND == "django.core.mail.backends.filebased.EmailBackend":
        yield Path(settings.EMAIL_FILE_PATH)
    if settings.CELERY_BROKER_URL.startswith(BROKER_SCHEME):
        yield Path(settings.CELERY_BROKER_URL.removeprefix(BROKER_SCHEME))


def _entries(folder: Path) -> Iterable[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _is_open(path: Path) -> bool:
    try:
        return bool(stat.S_IMODE(path.stat().st_mode) & OTHERS)
    except OSError:  # not there, or not even we may look
        return False
