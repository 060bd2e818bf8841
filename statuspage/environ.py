"""Typed settings from the environment; a wrong value stops the boot and names the variable (DESIGN 6).

`NAME_FILE` names a file that holds the value of `NAME`, as container secrets do.
"""

import os
import warnings
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import environ
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.core.exceptions import ImproperlyConfigured

UNSET: Any = object()
BROKERS = ("filesystem://", "redis://", "rediss://")
ENGINES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")


class Environment:
    """Readers over one mapping of variables, by default the process's own."""

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = os.environ if variables is None else variables

    def text(self, name: str, default: str = UNSET) -> str:
        """The value of `name`, or of the file that `name`_FILE points to, without surrounding space."""
        file = self._variables.get(f"{name}_FILE")
        if file:
            try:
                return Path(file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise ImproperlyConfigured(f"{name}_FILE: cannot read {file!r}: {error}") from error
        value = self._variables.get(name, default)
        if value is UNSET:
            raise ImproperlyConfigured(f"{name}: not set, and there is no default")
        return value.strip()

    def flag(self, name: str, default: bool = False) -> bool:
        """True for 1, true, yes, on; False for 0, false, no, off and nothing."""
        value = self.text(name, str(default)).lower()
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off", ""}:
            return False
        raise ImproperlyConfigured(f"{name}: {value!r} is neither true nor false")

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

    def pairs(self, name: str) -> dict[str, str]:
        """A list of NAME=value; the values may be secret, so an error names none."""
        words = self.words(name)
        if not all("=" in word for word in words):
            raise ImproperlyConfigured(f"{name}: write NAME=value, with commas or spaces between")
        return {key: value for key, _, value in (word.partition("=") for word in words)}

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """One of a few words."""
        value = self.text(name, default)
        if value not in choices:
            raise ImproperlyConfigured(f"{name}: {value!r} is not one of {', '.join(choices)}")
        return value

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
        """An absolute path; a relative one counts from the working directory."""
        return Path(self.text(name, str(default))).expanduser().absolute()

    def zone(self, name: str, default: str) -> str:
        """The IANA name of a time zone."""
        value = self.text(name, default)
        if value not in available_timezones():
            raise ImproperlyConfigured(f"{name}: {value!r} is not an IANA time zone such as Australia/Sydney")
        return value

    def networks(self, name: str, default: str = "") -> list[str]:
        """A list of IP networks in CIDR form, or single addresses."""
        values = self.words(name, default)
        for value in values:
            try:
                ip_network(value)
            except ValueError as error:
                raise ImproperlyConfigured(f"{name}: {error}") from error
        return values

    def web_address(self, name: str, default: str) -> str:
        """An http or https address without a slash at its end."""
        value = self.text(name, default).rstrip("/")
        if urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname:
            raise ImproperlyConfigured(f"{name}: {value!r} is not an http or https address")
        return value

    def contacts(self, name: str) -> list[str]:
        """A list of addresses at which people are reached: mailto:, https: or tel: (RFC 9116, section 2.5.3)."""
        values = self.words(name)
        for value in values:
            parts = urlsplit(value)
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

    def broker(self, name: str, default: str) -> str:
        """A broker URL; it may hold a password, so an error prints its scheme only."""
        value = self.text(name, default)
        if not value.startswith(BROKERS):
            scheme = value.partition("://")[0]
            raise ImproperlyConfigured(f"{name}: {scheme!r} is none of {', '.join(BROKERS)}")
        return value

    def database(self, name: str, default: str) -> dict[str, Any]:
        """A database URL such as sqlite:////srv/dialtone/db.sqlite3 or postgres://user:secret@host/name."""
        config = self._url(name, default, environ.Env.db_url_config)
        if config.get("ENGINE") not in ENGINES:
            raise ImproperlyConfigured(f"{name}: neither sqlite:////path nor postgres://user@host/name")
        return config

    def cache(self, name: str, default: str) -> dict[str, Any]:
        """A cache URL such as locmemcache:// or rediscache://127.0.0.1:6379/1."""
        return self._url(name, default, environ.Env.cache_url_config)

    def email(self, name: str, default: str) -> dict[str, Any]:
        """An e-mail URL such as smtp+tls://user:secret@mail.example:587 or filemail:///var/spool/mails.

        EMAIL_TLS is `never` where `?tls=never` asks for no encryption, else empty. Anything else after the question
        mark is refused.
        """
        config = self._url(name, default, environ.Env.email_url_config)
        options = {key.lower(): value for key, value in config.pop("OPTIONS", {}).items()}
        tls = options.pop("tls", "")
        if options or tls not in {"", "never"}:
            raise ImproperlyConfigured(f"{name}: after the ? only tls=never can be written.")
        if tls and (config.get("EMAIL_USE_TLS") or config.get("EMAIL_USE_SSL")):
            raise ImproperlyConfigured(
                f"{name}: it asks for encryption and for none. Write smtp:// with tls=never."
            )
        return config | {"EMAIL_TLS": tls}

    def _url(self, name: str, default: str, reader: Any) -> dict[str, Any]:
        value = self.text(name, default)
        try:
            with warnings.catch_warnings(action="ignore"):
                config: dict[str, Any] = reader(value)
        except (ImproperlyConfigured, ValueError, KeyError) as error:
            # The URL may hold a password: name the variable, never print its value.
            raise ImproperlyConfigured(f"{name}: not a URL of a kind that we know ({error})") from None
        return config
