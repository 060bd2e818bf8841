"""Whether a database already holds an installation, asked before any of Django is set up.

New keys beside old rows would make every sealed secret unreadable and every audit chain broken, so whoever lost the
keys has to be told before a process makes others.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

QUESTIONS = {
    "auth_user": "SELECT 1 FROM auth_user LIMIT 1",
    "incidents_page": "SELECT 1 FROM incidents_page LIMIT 1",
}
"""By table: an installation that somebody uses has rows in one of them."""
CONNECT_SECONDS = 5
DJANGO_OPTIONS = {"pool", "isolation_level", "assume_role", "server_side_binding"}
"""Options that libpq does not know."""


def holds_rows(database: Mapping[str, Any]) -> bool:
    """Whether the database of Django's settings has people or pages. Raises OSError when it cannot be asked."""
    if database["ENGINE"] == "django.db.backends.sqlite3":
        return _sqlite_holds_rows(Path(database["NAME"]))
    return _postgres_holds_rows(database)


def _sqlite_holds_rows(file: Path) -> bool:
    if not file.exists() or not file.stat().st_size:
        return False
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            known = {
                name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            }
            return any(connection.execute(QUESTIONS[name]).fetchone() for name in known & QUESTIONS.keys())
    except sqlite3.Error as error:
        raise OSError(str(error)) from error


def _postgres_holds_rows(database: Mapping[str, Any]) -> bool:
    import psycopg  # noqa: PLC0415  (9 MB that an installation on SQLite need not hold)

    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    options = {key: value for key, value in database.get("OPTIONS", {}).items() if key not in DJANGO_OPTIONS}
    given = {key: str(database[name]) for key, name in named.items() if database.get(name)}
    try:
        with psycopg.connect(**{"connect_timeout": CONNECT_SECONDS, **options, **given}) as connection:
            rows = connection.execute(
                "SELECT name FROM unnest(%s::text[]) name WHERE to_regclass(name) IS NOT NULL",
                [list(QUESTIONS)],
            )
            known = [name for (name,) in rows]
            return any(connection.execute(QUESTIONS[name]).fetchone() for name in known)
    except psycopg.Error as error:
        raise OSError(str(error).strip().partition("\n")[0]) from error
