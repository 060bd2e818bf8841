"""What follows the ? of a URL setting is honoured or refused, never dropped; nothing of a URL is printed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import ConnectionHandler
from kombu import Connection

from statuspage.environ import Environment
from statuspage.fallback_cache import FallbackCache, _circuits
from statuspage.helpers import configured_cache, configured_database
from tests.peers.certificates import Authority
from tests.peers.postgres import Postgres
from tests.peers.redis import Redis

POSTGRES = "postgres://dialtone:s3cret@db.example"


def database(url: str, *, has_pooler: bool = False) -> dict[str, Any]:
    config = Environment({"DATABASE_URL": url}).database("DATABASE_URL", "")
    return configured_database(config, has_pooler=has_pooler)


def test_options_of_the_database_are_merged_with_ours(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    url = f"{POSTGRES}/rows?sslmode=verify-full&sslrootcert={tmp_path}/ca.pem&connect_timeout=3"
    config = database(
        f"{url}&options=-c%20statement_timeout%3D5000&target_session_attrs=read-write&application_name=web"
    )
    assert config["OPTIONS"] == {
        "sslmode": "verify-full",
        "sslrootcert": f"{tmp_path}/ca.pem",
        "connect_timeout": 3,
        "options": "-c statement_timeout=5000",
        "target_session_attrs": "read-write",
        "application_name": "web",
        "tcp_user_timeout": 15_000,
        "prepare_threshold": None,
    }
    assert (config["CONN_HEALTH_CHECKS"], config["DISABLE_SERVER_SIDE_CURSORS"]) == (True, False)
    assert database(f"{POSTGRES}/rows", has_pooler=True)["DISABLE_SERVER_SIDE_CURSORS"] is True
    assert database("postgres:///rows?host=/run/postgresql")["OPTIONS"]["host"] == "/run/postgresql"
    assert database("sqlite:////srv/rows.sqlite3?timeout=7")["OPTIONS"]["timeout"] == 7


@pytest.mark.parametrize(
    ("name", "url", "words"),
    [
        ("DATABASE_URL", f"{POSTGRES}/rows?sslmod=require", "'sslmod' is not supported"),
        ("DATABASE_URL", f"{POSTGRES}/rows?sslmode=verify_full", "sslmode must be one of disable"),
        ("DATABASE_URL", f"{POSTGRES}/rows?sslmode=require&sslmode=disable", "sslmode is given twice"),
        (
            "DATABASE_URL",
            f"{POSTGRES}/rows?sslrootcert=/no/such.pem",
            "sslrootcert must be a file that can be read",
        ),
        ("DATABASE_URL", f"{POSTGRES}/rows?connect_timeout=soon", "connect_timeout must be a whole number"),
        (
            "DATABASE_URL",
            f"{POSTGRES}/rows?target_session_attrs=standby",
            "target_session_attrs must be one of",
        ),
        ("DATABASE_URL", f"{POSTGRES}/rows?host=other.example", "host is given twice"),
        ("DATABASE_URL", f"{POSTGRES}/rows?dbname=other", "'dbname' is not supported"),
        ("DATABASE_URL", f"{POSTGRES}/rows?CONN_MAX_AGE=5", "'CONN_MAX_AGE' is not supported"),
        ("DATABASE_URL", f"{POSTGRES}/rows?sslmode", "not option=value"),
        ("DATABASE_URL", "postgres://dialtone:s3cret#1@db.example/rows", "write # as %23"),
        ("DATABASE_URL", "postgres://dialtone:s3cret?1@db.example/rows", "write a \\? of a password as %3F"),
        (
            "DATABASE_URL",
            "postgres://dialtone:s3cret@db.example:70x/rows",
            "not a URL of a kind that we know",
        ),
        ("DATABASE_URL", "sqlite:////srv/rows.sqlite3?mode=ro", "'mode' is not supported"),
        ("DATABASE_URL", "mysql://dialtone:s3cret@db.example/rows", "mysql"),
        (
            "CACHE_URL",
            "rediscache://:s3cret@cache.example/1?sockettimeout=1",
            "'sockettimeout' is not supported",
        ),
        (
            "CACHE_URL",
            "rediscache://:s3cret@cache.example/1?ssl_cert_reqs=none",
            "'ssl_cert_reqs' is not supported",
        ),
        ("CACHE_URL", "memcache://:s3cret@cache.example:11211", "'memcache' is none of"),
        ("CACHE_URL", "locmemcache://?max_entries=many", "max_entries must be a whole number"),
        (
            "CELERY_BROKER_URL",
            "redis://:s3cret@queue.example/0?ssl_ca_certs=/ca.pem",
            "'ssl_ca_certs' is not supported",
        ),
        (
            "CELERY_BROKER_URL",
            "rediss://:s3cret@queue.example/0?ssl_ca_cert=/ca.pem",
            "'ssl_ca_cert' is not supported",
        ),
        (
            "CELERY_BROKER_URL",
            "rediss://:s3cret@queue.example/0?ssl_cert_reqs=maybe",
            "ssl_cert_reqs must be one of",
        ),
        ("EMAIL_URL", "smtp+tls://user:s3cret@mail.example:587?timeout=3", "'timeout' is not supported"),
    ],
)
def test_an_option_that_cannot_be_honoured_is_refused_by_name(name: str, url: str, words: str) -> None:
    env, readers = Environment({name: url}), {"DATABASE_URL": "database", "CACHE_URL": "cache"}
    read = getattr(env, readers.get(name, "broker" if "BROKER" in name else "email"))
    with pytest.raises(ImproperlyConfigured, match=f"^{name}: ") as error:
        config = read(name, "")
        if name == "DATABASE_URL" and "ENGINE" in config:
            configured_database(config, has_pooler=False)
    assert re.search(words, str(error.value)) or words == "mysql", str(error.value)
    assert "s3cret" not in str(error.value)
    assert "\n" not in str(error.value)


def test_what_a_pooler_would_lose_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL: a pooler"):
        database(f"{POSTGRES}/rows?options=-c%20statement_timeout%3D5000", has_pooler=True)
    with pytest.raises(ImproperlyConfigured, match="DATABASE_POOLER: SQLite"):
        database("sqlite:////srv/rows.sqlite3", has_pooler=True)


@pytest.fixture
def authorities(tmp_path: Path) -> tuple[Authority, Authority]:
    return Authority(tmp_path / "ours"), Authority(tmp_path / "theirs", "Another authority")


def asked(url: str) -> bool:
    """Whether Django's connection to the database is encrypted."""
    wrapper = ConnectionHandler({"default": database(url)})["default"]
    with wrapper.get_new_connection(wrapper.get_connection_params()) as connection:
        return bool(connection.pgconn.ssl_in_use)


def test_postgresql_is_verified_against_the_authority_that_is_named(
    authorities: tuple[Authority, Authority],
) -> None:
    ours, theirs = authorities
    pair = ours.issue("server", sans=("localhost",))
    with Postgres() as postgres:
        postgres.kill()
        postgres.take_tls_alone(pair.certificate, pair.key)
        postgres.start()
        by_name = postgres.url.replace("127.0.0.1", "localhost") + "?hostaddr=127.0.0.1&"
        assert asked(f"{by_name}sslmode=verify-full&sslrootcert={ours.ca_file}")
        for wrong in (
            f"{by_name}sslmode=verify-full&sslrootcert={theirs.ca_file}",
            f"{postgres.url}?sslmode=verify-full&sslrootcert={ours.ca_file}",
            f"{by_name}sslmode=disable",
        ):
            with pytest.raises(psycopg.OperationalError):
                asked(wrong)


@pytest.fixture
def secured(tmp_path: Path, authorities: tuple[Authority, Authority]) -> Iterator[Redis]:
    with Redis(tmp_path) as server:
        server.kill()
        pair = authorities[0].issue("redis", sans=("localhost", "127.0.0.1"))
        server.more_options = ["--port", "0", "--tls-port", str(server.port), "--tls-auth-clients", "no"]
        server.more_options += ["--tls-cert-file", str(pair.certificate), "--tls-key-file", str(pair.key)]
        server.more_options += ["--tls-ca-cert-file", str(authorities[0].ca_file)]
        server.start()
        yield server


def test_redis_is_verified_against_the_authority_that_is_named(
    secured: Redis, authorities: tuple[Authority, Authority]
) -> None:
    ours, theirs = (f"ssl_cert_reqs=required&ssl_ca_certs={each.ca_file}" for each in authorities)
    place = f"rediss://127.0.0.1:{secured.port}"
    assert reaches(f"{place}/1?{ours}") == (True, True)
    assert reaches(f"{place}/1?{theirs}") == (False, False)
    assert reaches(f"{place}/1") == (False, False)
    assert reaches(f"{place}/1?ssl_cert_reqs=none&ssl_check_hostname=false") == (True, True)


def reaches(url: str) -> tuple[bool, bool]:
    """Whether the cache and the broker of such a URL talk to Redis."""
    config = configured_cache(Environment({"CACHE_URL": url}).cache("CACHE_URL", ""))
    _circuits.clear()  # each URL for itself
    patient = {**config["OPTIONS"], "socket_timeout": 20, "socket_connect_timeout": 20}
    cache = FallbackCache(config["LOCATION"], {**config, "OPTIONS": patient})
    cache.set("key", 1)
    answers = cache._circuit.is_closed
    broker = Connection(
        Environment({"BROKER": url}).broker("BROKER", ""), transport_options={"socket_timeout": 5}
    )
    try:
        broker.ensure_connection(max_retries=1, timeout=20)
    except Exception:  # noqa: BLE001  (each transport fails in its own way)
        return answers, False
    finally:
        broker.release()
    return answers, True
