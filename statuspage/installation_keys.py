"""The keys of an installation: from the environment, else from files beside its data, made once on first use."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from statuspage.databases_in_use import holds_rows
from statuspage.environ import Environment
from statuspage.secrets_on_disk import kept_secret

PREVIOUS = {
    "SECRET_KEY": "SECRET_KEY_FALLBACKS",
    "CREDENTIALS_KEY": "CREDENTIALS_KEY_PREVIOUS",
    "AUDIT_KEY": "AUDIT_KEY_PREVIOUS",
}
"""The setting that names the key before, by the setting of each key."""


class InstallationKeys:
    """Reads them; makes none beside a database that others have already been used with."""

    def __init__(self, env: Environment, data_dir: Path, database: Mapping[str, Any]) -> None:
        self._env, self._data_dir, self._database = env, data_dir, database

    def value(self, name: str, *, previous: Collection[str]) -> str:
        """The key of a setting; `previous` are the keys before, which whoever replaces a key on purpose names.

        Raises ImproperlyConfigured where it is neither set nor in its file, and the database is in use.
        """
        file = self._data_dir / name.lower()

        def before_making() -> None:
            if not previous:
                self._refuse_in_use(name, file)

        return self._env.text(name, "") or kept_secret(file, before_making=before_making)

    def _refuse_in_use(self, name: str, file: Path) -> None:
        try:
            is_in_use = holds_rows(self._database)
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}: {file} does not exist, and whether the database already uses another key cannot be "
                f"found out: {error}. Start the database, or set {name}."
            ) from error
        if is_in_use:
            raise ImproperlyConfigured(
                f"{name}: {file} does not exist, but the database is in use: a new key would make what the old one "
                f"protects unreadable. Restore the file from your backup or from another host, or set {name}. To "
                f"replace the key on purpose, name the old one in {PREVIOUS[name]}; if it is lost for good, write a "
                f"new one of 50 random characters into the file."
            )
