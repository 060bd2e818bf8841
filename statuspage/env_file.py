"""The environment file: settings that servers and commands read alike. The process's own environment wins over it.

The syntax is what systemd's EnvironmentFile, `docker --env-file` and a shell read alike: NAME=value, one a line; values
may be in single or double quotes, over several lines too; a comment has a line of its own. Nothing is expanded. What
those three would read differently is refused.
"""

import os
import re
import stat
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from statuspage.owner import require_owner, user_name

FILE_NAME = "dialtone.env"
SYSTEM_FILE = Path("/etc/dialtone/environment")
"""Where the help has the operator put it; read where neither variable names an installation."""
MAX_BYTES = 256 * 1024
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET_NAME = re.compile(r"KEY|SECRET|TOKEN|PASSWORD|OPTIONS")
_PASSWORD = re.compile(r"://[^/\s]*:[^/\s]+@")
_ESCAPED = re.compile(r'\\(["\\$`])')


def load(
    environ: MutableMapping[str, str], *, default_dir: Path, system_file: Path = SYSTEM_FILE
) -> Path | None:
    """Add to `environ` what the file says and `environ` does not. Raises ImproperlyConfigured, in one line."""
    file = _find(environ, default_dir, system_file)
    if file is None:
        return None
    found = parse(_read(file), file)
    if "DIALTONE_ENV_FILE" in found:
        raise ImproperlyConfigured(f"{file}: DIALTONE_ENV_FILE cannot be set in the file that it names")
    if file.name == FILE_NAME and found.get("DATA_DIR", str(file.parent)) != str(file.parent):
        raise ImproperlyConfigured(f"{file}: DATA_DIR says another folder than the one that the file lies in")
    _warn_if_open(file, found)
    for name, value in found.items():
        twin = name.removesuffix("_FILE") if name.endswith("_FILE") else f"{name}_FILE"
        if name not in environ and twin not in environ:
            environ[name] = value
    return file


def _find(environ: Mapping[str, str], default_dir: Path, system_file: Path) -> Path | None:
    if named := environ.get("DIALTONE_ENV_FILE", "").strip():
        return Path(named).expanduser().absolute()
    if data_dir := environ.get("DATA_DIR", "").strip():
        folder = Path(data_dir).expanduser().absolute()
        require_owner(folder)
        return folder / FILE_NAME if _is_there(folder / FILE_NAME) else None
    return next((file for file in (default_dir / FILE_NAME, system_file) if _is_there(file)), None)


def _is_there(file: Path) -> bool:
    """Whether there is one, as far as this user can know: what may not be looked at is not passed over."""
    try:
        file.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _read(file: Path) -> str:
    try:
        facts = file.stat()
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > MAX_BYTES:
            raise ImproperlyConfigured(f"{file}: not a file of at most {MAX_BYTES:,} bytes")
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        user = user_name(os.geteuid())
        raise ImproperlyConfigured(f"{file}: the user {user} cannot read it: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ImproperlyConfigured(f"{file}: not UTF-8 text") from error


def parse(text: str, file: Path) -> dict[str, str]:
    """The settings in the text. Raises ImproperlyConfigured naming the line, and never a value."""
    lines, found, first_line = text.split("\n"), dict[str, str](), dict[str, int]()
    number = 0
    while number < len(lines):
        start, line = number + 1, lines[number].removesuffix("\r").strip()
        number += 1
        if not line or line[0] in "#;":
            continue
        name, equals, value = line.partition("=")
        if not equals or not _NAME.fullmatch(name):
            raise ImproperlyConfigured(
                f"{file}, line {start}: not NAME=value, without `export` and without spaces"
            )
        if name in first_line:
            raise ImproperlyConfigured(
                f"{file}, line {start}: {name} is set in line {first_line[name]} already"
            )
        value, first_line[name] = value.strip(), start
        if value[:1] in {"'", '"'}:
            while not _is_closed(value) and number < len(lines):
                value += "\n" + lines[number].removesuffix("\r").rstrip()
                number += 1
        found[name] = _value(value, f"{file}, line {start}: {name}")
    return found


def _is_closed(value: str) -> bool:
    quote, inside = value[0], value[1:]
    if quote == '"':
        inside = inside.replace("\\\\", "").replace('\\"', "")
    return inside.endswith(quote)


def _value(value: str, where: str) -> str:
    if any(not each.isprintable() and each not in "\n\t" for each in value):
        raise ImproperlyConfigured(f"{where} holds a character that cannot be printed")
    if value[:1] in {"'", '"'}:
        quote, inside = value[0], value[1:-1]
        rest = inside.replace("\\\\", "").replace('\\"', "") if quote == '"' else inside
        if len(value) == 1 or not _is_closed(value) or quote in rest:
            raise ImproperlyConfigured(
                f"{where} has a quote that is not closed, or something behind the closing one"
            )
        return _ESCAPED.sub(r"\1", inside) if quote == '"' else inside
    if re.search(r"['\"\\]|\s#", value):
        raise ImproperlyConfigured(
            f"{where} holds a quote, a backslash or a comment; put it in single quotes, and a comment on its own line"
        )
    return value


def _warn_if_open(file: Path, found: Mapping[str, str]) -> None:
    """Said at each start, in one line."""
    is_secret = any(_SECRET_NAME.search(name) or _PASSWORD.search(value) for name, value in found.items())
    if is_secret and file.stat().st_mode & stat.S_IROTH:
        sys.stderr.write(f"dialtone: {file} holds secrets, and every account may read it: chmod o= {file}\n")
