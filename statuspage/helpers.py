"""How the database and the cache are spoken to, on top of what their URLs say."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

CONNECT_SECONDS = 5
"""How long a request waits for a database whose host does not answer."""
SILENCE_MILLISECONDS = 15_000
"""After which TCP gives up a database that acknowledges nothing; the kernel's own limit is a quarter of an hour."""
CONNECTION_SECONDS = 60
"""How long a thread keeps its connection. A server that was demoted is left after that, too."""
FALLBACK = "statuspage.fallback_cache.FallbackCache"


def configured_database(config: dict[str, Any], *, has_pooler: bool) -> dict[str, Any]:
    """Django's settings of the database; options of the URL win. Raises ImproperlyConfigured for what is impossible."""
    options = config["OPTIONS"]
    if config["ENGINE"] == "django.db.backends.sqlite3":
        if has_pooler:
            raise ImproperlyConfigured(
                "DATABASE_POOLER: SQLite has no pooler; set DATABASE_URL to PostgreSQL"
            )
        # SQLite takes the write lock at BEGIN, else 8 writers lose a fifth of their work (reliability.md 1.6).
        ours = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
        return {**config, "OPTIONS": {**ours, **options}}
    if has_pooler and "options" in options:
        # PgBouncer refuses them, or drops them where it is told to ignore them.
        raise ImproperlyConfigured(
            "DATABASE_URL: a pooler passes no `options` on; set them for the role in PostgreSQL"
        )
    return {
        **config,
        "OPTIONS": {
            "connect_timeout": CONNECT_SECONDS,
            "tcp_user_timeout": SILENCE_MILLISECONDS,
            "prepare_threshold": None,  # a prepared statement belongs to one server connection
            **options,
        },
        # One connection for each thread, looked at before each request's first query: a pool of psycopg's would go on
        # waiting between its own attempts for long after the database is back.
        "CONN_MAX_AGE": CONNECTION_SECONDS,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": has_pooler,
    }


def configured_cache(config: dict[str, Any]) -> dict[str, Any]:
    """Django's settings of the cache: Redis with this process's memory behind it."""
    return {**config, "BACKEND": FALLBACK} if config["BACKEND"].endswith("RedisCache") else config
