"""Options behind the `?` of a URL setting: each is honoured or refused by name, none is dropped.

A URL may hold a password, so an error names the variable and the option and prints no value.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from django.core.exceptions import ImproperlyConfigured

Reader = Callable[[str], Any]
"""Makes an option's value of its text. Raises ValueError with what is expected."""


def split_options(name: str, url: str, readers: Mapping[str, Reader]) -> tuple[str, dict[str, Any]]:
    """The URL without its options, and the options. Raises ImproperlyConfigured for one that is not in `readers`."""
    if "#" in url:
        raise ImproperlyConfigured(f"{name}: write # as %23")
    bare, _, query = url.partition("?")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), errors="strict")
    except ValueError:
        raise ImproperlyConfigured(
            f"{name}: what follows the ? is not option=value, with & between; write a ? of a password as %3F"
        ) from None
    found: dict[str, Any] = {}
    for option, value in pairs:
        if option not in readers:
            known = ", ".join(sorted(readers)) or "none"
            raise ImproperlyConfigured(
                f"{name}: the option {option[:40]!r} is not supported here; these are: {known}"
            )
        if option in found:
            raise ImproperlyConfigured(f"{name}: the option {option} is given twice")
        try:
            found[option] = readers[option](value)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name}: the option {option} must be {error}") from None
    return bare, found


def one_of(*words: str) -> Reader:
    """One of a few words."""

    def read(value: str) -> str:
        if value not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return value

    return read


def whole(least: int, most: int) -> Reader:
    """A whole number within least..most."""

    def read(value: str) -> int:
        if not (value.isascii() and value.isdigit()) or not least <= int(value) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(value)

    return read


def seconds(value: str) -> float:
    """More than 0 and at most 60."""
    try:
        found = float(value)
    except ValueError:
        found = 0.0
    if not 0 < found <= 60:  # noqa: PLR2004
        raise ValueError("a number of seconds above 0 and at most 60")
    return found


def file(value: str) -> str:
    """The absolute path of a file that this user can read."""
    try:
        if not Path(value).is_absolute():
            raise ValueError("the absolute path of a file")
        with Path(value).open("rb"):
            return value
    except OSError as error:
        raise ValueError(f"a file that can be read: {error.strerror}") from None


def file_or(*words: str) -> Reader:
    """A file, or one of a few words."""
    return lambda value: value if value in words else file(value)


def text(value: str) -> str:
    """Anything but nothing."""
    if not value:
        raise ValueError("given a value")
    return value


def true_or_false(value: str) -> bool:
    """The words that redis-py and kombu know as well."""
    if value.lower() not in {"true", "false"}:
        raise ValueError("true or false")
    return value.lower() == "true"


TLS: Mapping[str, Reader] = {
    "ssl_ca_certs": file,
    "ssl_cert_reqs": one_of("required", "optional", "none"),
    "ssl_certfile": file,
    "ssl_check_hostname": true_or_false,
    "ssl_keyfile": file,
}
"""Of `rediss://`, under the names that redis-py and kombu have for them."""
CACHE_OF_REDIS: Mapping[str, Reader] = {
    "key_prefix": text,
    "socket_connect_timeout": seconds,
    "socket_timeout": seconds,
}
_COUNT = whole(0, 86_400)
_BIT = one_of("0", "1")
_CHECKED: Mapping[str, Reader] = {
    "channel_binding": one_of("disable", "prefer", "require"),
    "connect_timeout": whole(1, 600),
    "gssencmode": one_of("disable", "prefer", "require"),
    "keepalives": _BIT,
    "keepalives_count": _COUNT,
    "keepalives_idle": _COUNT,
    "keepalives_interval": _COUNT,
    "load_balance_hosts": one_of("disable", "random"),
    "port": whole(1, 65_535),
    "sslcert": file,
    "sslcertmode": one_of("disable", "allow", "require"),
    "sslcrl": file,
    "sslkey": file,
    "sslmode": one_of("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "sslrootcert": file_or("system"),
    "sslsni": _BIT,
    "target_session_attrs": one_of("any", "read-write", "primary"),  # a standby takes no posts
    "tcp_user_timeout": whole(0, 600_000),
}
_OURS = frozenset(
    {"client_encoding", "dbname", "password", "replication", "user", "fallback_application_name"}
)
"""What libpq knows, and Django overrides, or what has its place before the `?`."""


def postgresql() -> dict[str, Reader]:
    """What libpq here knows (PostgreSQL 34.1.2), and `assume_role`, which is Django's."""
    from psycopg.pq import Conninfo  # noqa: PLC0415  (with SQLite no process needs to load it)

    names = {each.keyword.decode() for each in Conninfo.get_defaults()} - _OURS
    return {**{name: _CHECKED.get(name, text) for name in names}, "assume_role": text}
