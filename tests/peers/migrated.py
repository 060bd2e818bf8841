"""A database with all its tables, made once and then copied: sixty installations that migrate cost minutes."""

import fcntl
import hashlib
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.peers.postgres import programs

ROOT = Path(__file__).resolve().parent.parent.parent


def migrated(data_dir: Path, database_url: str, migrate: Callable[[], object]) -> None:
    """Give the database at `database_url` (SQLite in `data_dir` where there is none) the tables that it makes."""
    kept = Path(tempfile.gettempdir()) / f"dialtone-migrated-{_digest()}"
    kept.mkdir(exist_ok=True)
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if database_url.startswith("postgres"):
            _postgres(kept / "tables.sql", database_url, migrate)
        elif not database_url:
            _sqlite(kept / "tables.sqlite3", data_dir / "dialtone.sqlite3", migrate)
        else:
            migrate()


def _sqlite(kept: Path, wanted: Path, migrate: Callable[[], object]) -> None:
    if wanted.exists():  # rows of an earlier run: theirs to keep, and nothing for others to begin with
        migrate()
        return
    if kept.exists():
        wanted.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(kept, wanted)
        return
    migrate()
    made = kept.with_suffix(".new")
    with closing(sqlite3.connect(wanted)) as source, closing(sqlite3.connect(made)) as copy:
        source.backup(copy)
    made.rename(kept)


def _postgres(kept: Path, url: str, migrate: Callable[[], object]) -> None:
    if kept.exists():
        _run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", str(kept))
        return
    migrate()
    made = kept.with_suffix(".new")
    _run("pg_dump", "--no-owner", "-f", str(made), url)
    made.rename(kept)


def _run(program: str, *arguments: str) -> None:
    subprocess.run([str(programs() / program), *arguments], check=True, stdout=subprocess.DEVNULL)


def _digest() -> str:
    """Changes with the migrations, and with the packages that have some of their own."""
    found = hashlib.sha256((ROOT / "requirements" / "base.txt").read_bytes())
    for file in sorted((ROOT / "incidents" / "migrations").glob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()[:16]
