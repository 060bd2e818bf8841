"""Typed settings from the environment; a wrong value stops the boot and names the variable (DESIGN 6).

`NAME_FILE` names a file that holds the value of `NAME`, as container secrets do.
"""

import os
import warnings
from collections.abc import Callable, Mapping
from functools import wraps
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import SplitResult, urlsplit
from zoneinfo import available_timezones

import environ
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.core.exceptions import ImproperlyConfigured

from statuspage import url_options

UNSET: Any = object()
P = ParamSpec("P")
T = TypeVar("T")
BROKERS = ("filesystem://", "redis://", "rediss://")
CACHES = ("locmemcache", "rediscache", "redis", "rediss")
ENGINES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")


class Unreadable(ImproperlyConfigured):
    """The file of a `_FILE` variable: it stops at once, before a key is made in place of the one that it holds."""


Read = Callable[Concatenate["Environment", str, P], T]


def _collected(read: Read[P, T]) -> Read[P, T]:
    """Note what is wrong with a setting and go on with its default, so that all wrong ones are named at once."""

    @wraps(read)
    def reader(self: "Environment", name: str, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return read(self, name, *args, **kwargs)
        except Unreadable:
            raise
        except ImproperlyConfigured as error:
            if self.problems is None:
                raise
            self.problems.append(str(error))
            return read(Environment({}), name, *args, **kwargs)

    return reader


class Environment:
    """Readers over one mapping of variables, by default the process's own.

    They raise ImproperlyConfigured, or collect what is wrong in `problems`, if given, until `stop_if_wrong`.
    """

    def __init__(
        self, variables: Mapping[str, str] | None = None, *, problems: list[str] | None = None
    ) -> None:
        self._variables = os.environ if variables is None else variables
        self.problems = problems

    def text(self, name: str, default: str = UNSET) -> str:
        """The value of `name`, or of the file that `name`_FILE points to, without surrounding space."""
        file = self._variables.get(f"{name}_FILE")
        if file:
            try:
                return Path(file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise Unreadable(f"{name}_FILE: cannot read {file!r}: {error}") from error
        value = self._variables.get(name, default)
        if value is UNSET:
            raise ImproperlyConfigured(f"{name}: not set, and there is no default")
        return value.strip()

    @_collected
    def flag(self, name: str, default: bool = False) -> bool:
        """True for 1, true, yes, on; False for 0, false, no, off and nothing."""
        value = self.text(name, str(default)).lower()
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off", ""}:
            return False
        raise ImproperlyConfigured(f"{name}: {value!r} is neither true nor false")

    @_collected
    def number(self, name: str, default: int, *, least: int = 0, most: int = 1_000_000) -> int:
        """A whole number within least..most."""
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise ImproperlyConfigured(f"{name}: {value!r} is not a whole number from {least} to {most}")
        return int(value)

    def words(self, name: str, default: str = "") -> list[str]:
        """A list separated by commas or spaces."""
        return self.text(name, default).replace(",", " ").split()

    def secrets(self, name: str) -> list[str]:
        """A list of secrets separated by white space, since a secret may hold a comma."""
        return self.text(name, "").split()

    @_collected
    def pairs(self, name: str) -> dict[str, str]:
        """A list of NAME=value; the values may be secret, so an error names none."""
        words = self.words(name)
        if not all("=" in word for word in words):
            raise ImproperlyConfigured(f"{name}: write NAME=value, with commas or spaces between")
        return {key: value for key, _, value in (word.partition("=") for word in words)}

    @_collected
    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """One of a few words."""
        value = self.text(name, default)
        if value not in choices:
            raise ImproperlyConfigured(f"{name}: {value!r} is not one of {', '.join(choices)}")
        return value

    @_collected
    def ed25519(self, name: str) -> str:
        """An Ed25519 private key as PEM (PKCS #8), or nothing; the key is secret, so an error prints none of it."""
        value = self.text(name, "").replace("\\n", "\n").strip()
        if not value:
            return ""
        try:
            is_one = isinstance(load_pem_private_key(value.encode(), password=None), Ed25519PrivateKey)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            is_one = False
        if not is_one:
            raise ImproperlyConfigured(
                f"{name}: not an Ed25519 private key as PEM, such as `openssl genpkey -algorithm ed25519` prints"
            )
        return f"{value}\n"

    def path(self, name: str, default: Path) -> Path:
        """An absolute path; a relative one counts from the working directory, and none at all is the default."""
        return Path(self.text(name, "") or default).expanduser().absolute()

    @_collected
    def zone(self, name: str, default: str) -> str:
        """The IANA name of a time zone."""
        value = self.text(name, default)
        if value not in available_timezones():
            raise ImproperlyConfigured(f"{name}: {value!r} is not an IANA time zone such as Australia/Sydney")
        return value

    @_collected
    def networks(self, name: str, default: str = "") -> list[str]:
        """A list of IP networks in CIDR form, or single addresses."""
        values = self.words(name, default)
        for value in values:
            try:
                ip_network(value)
            except ValueError as error:
                raise ImproperlyConfigured(f"{name}: {error}") from error
        return values

    @_collected
    def web_address(self, name: str, default: str) -> str:
        """An http or https address without a slash at its end."""
        value = self.text(name, default).rstrip("/")
        parts = _parts(name, value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ImproperlyConfigured(f"{name}: {value!r} is not an http or https address")
        return value

    @_collected
    def contacts(self, name: str) -> list[str]:
        """A list of addresses at which people are reached: mailto:, https: or tel: (RFC 9116, section 2.5.3)."""
        values = self.words(name)
        for value in values:
            parts = _parts(name, value)
            reached = parts.hostname if parts.scheme == "https" else parts.path.strip("@")
            is_mail = parts.scheme != "mailto" or "@" in parts.path.strip("@")
            if (
                parts.scheme not in {"mailto", "https", "tel"}
                or not reached
                or not is_mail
                or not value.isprintable()
            ):
                raise ImproperlyConfigured(f"{name}: {value!r} does not begin with mailto:, https:// or tel:")
        return values

    @_collected
    def broker(self, name: str, default: str) -> str:
        """A broker URL; it may hold a password, so an error prints its scheme only."""
        value = self.text(name, default)
        if not value.startswith(BROKERS):
            scheme = value.partition("://")[0]
            raise ImproperlyConfigured(f"{name}: {scheme!r} is none of {', '.join(BROKERS)}")
        if value.startswith("filesystem://"):  # a path
            return value
        _parts(name, value)
        is_tls = value.startswith("rediss://")
        _, options = url_options.split_options(name, value, url_options.TLS if is_tls else {})
        if is_tls and "ssl_cert_reqs" not in options:  # kombu would verify nothing
            value += f"{'&' if options else '?'}ssl_cert_reqs=required"
        return value

    @_collected
    def database(self, name: str, default: str) -> dict[str, Any]:
        """A database URL such as sqlite:////srv/dialtone/db.sqlite3 or postgres://user:secret@host/name?sslmode=require."""
        value = self.text(name, default)
        is_sqlite = value.startswith("sqlite:")
        readers = {"timeout": url_options.whole(1, 600)} if is_sqlite else url_options.postgresql()
        bare, options = url_options.split_options(name, value, readers)
        config = _read(name, bare, environ.Env.db_url_config)
        if config.get("ENGINE") not in ENGINES:
            raise ImproperlyConfigured(f"{name}: neither sqlite:////path nor postgres://user@host/name")
        for option in ("host", "port"):
            if option in options and config.get(option.upper()):
                raise ImproperlyConfigured(f"{name}: the {option} is given twice, before the ? and behind it")
        return {**config, "OPTIONS": options}

    @_collected
    def cache(self, name: str, default: str) -> dict[str, Any]:
        """A cache URL such as locmemcache:// or rediscache://127.0.0.1:6379/1."""
        value = self.text(name, default)
        scheme, _, place = value.partition("://")
        if scheme not in CACHES:
            raise ImproperlyConfigured(f"{name}: {scheme[:20]!r} is none of {', '.join(CACHES)}")
        if scheme == "locmemcache":
            readers: Mapping[str, url_options.Reader] = {"max_entries": url_options.whole(1, 100_000_000)}
        else:
            readers = {**url_options.CACHE_OF_REDIS, **(url_options.TLS if scheme == "rediss" else {})}
            readers |= {"db": url_options.whole(0, 1_000_000)} if place.startswith("/") else {}
        bare, options = url_options.split_options(name, value, readers)
        for host in place.partition("/")[0].split(","):
            _parts(name, f"{scheme}://{host}")
        config = _read(name, bare, environ.Env.cache_url_config)
        prefix = options.pop("key_prefix", "")
        return {
            **config,
            **({"KEY_PREFIX": prefix} if prefix else {}),
            "OPTIONS": {key.upper() if scheme == "locmemcache" else key: options[key] for key in options},
        }

    @_collected
    def email(self, name: str, default: str) -> dict[str, Any]:
        """An e-mail URL such as smtp+tls://user:secret@mail.example:587 or filemail:///var/spool/mails.

        EMAIL_TLS is `never` where `?tls=never` asks for no encryption, else empty.
        """
        bare, options = url_options.split_options(
            name, self.text(name, default), {"tls": url_options.one_of("never")}
        )
        config = _read(name, bare, environ.Env.email_url_config)
        if options and (config.get("EMAIL_USE_TLS") or config.get("EMAIL_USE_SSL")):
            raise ImproperlyConfigured(
                f"{name}: it asks for encryption and for none. Write smtp:// with tls=never."
            )
        return config | {"EMAIL_TLS": options.get("tls", "")}


def _parts(name: str, value: str) -> SplitResult:
    """The URL's parts; one that cannot be taken apart stops here, not in the library that is given it later.

    It may hold a password, so an error prints nothing of it.
    """
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ImproperlyConfigured(
            f"{name}: its host or port cannot be read; a port is a number up to 65535, and [ and ] enclose IPv6 alone"
        ) from None
    return parts


def _read(name: str, value: str, reader: Any) -> dict[str, Any]:
    try:
        with warnings.catch_warnings(action="ignore"):
            config: dict[str, Any] = reader(value)
    except (ImproperlyConfigured, ValueError, KeyError) as error:
        # The URL may hold a password: name the variable, never print its value.
        raise ImproperlyConfigured(
            f"{name}: not a URL of a kind that we know ({type(error).__name__})"
        ) from None
    return config


def stop_if_wrong(env: Environment) -> None:
    """Raises ImproperlyConfigured with a line for each wrong setting that was collected."""
    if env.problems:
        raise ImproperlyConfigured("\n".join(env.problems))
