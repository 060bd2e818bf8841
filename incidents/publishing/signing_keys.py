"""The keys of this installation's signatures: one private key, and every public key that it ever had.

    signing/private.pem   the present private key, for us alone; not there where SIGNING_KEY is set
    signing/keys.json     the public keys with the times in which each signed; the last one is the present one

They lie in DATA_DIR and not in the database, so that whoever writes the database can neither sign nor add a key. Only
who makes documents reads the private key; who serves them does not.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from incidents.domain.signatures import UnusableKey, is_signed, key_id, new_private_pem, public_pem, sign


class NoKey(RuntimeError):
    """There is no key to sign with, and why; `str()` says what to do."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key as PEM; times are ISO 8601 in UTC, `until` empty for the present one."""

    id: str
    pem: str
    since: str
    until: str = ""


@dataclass(frozen=True, slots=True)
class Signer:
    """The present key, ready to sign."""

    key: PublicKey
    private: str

    def sign(self, content: bytes) -> bytes:
        """64 bytes, the same each time for the same content."""
        return sign(self.private, content)


def public_keys() -> tuple[PublicKey, ...]:
    """Every key that ever signed, the oldest first; none before the first signature. Raises NoKey."""
    try:
        return tuple(PublicKey(**each) for each in json.loads(_record().read_bytes()))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError) as error:
        raise NoKey(f"{_record()} cannot be read: {error}. Put it back from a backup.") from error


def signer_of(content: bytes, signature: bytes, keys: tuple[PublicKey, ...]) -> str:
    """The id of the key that made a signature; empty where none of ours did."""
    return next((key.id for key in reversed(keys) if is_signed(key.pem, content, signature)), "")


def the_signer(*, at: datetime) -> Signer:
    """The present key, made on first use and written down among the public keys. Raises NoKey."""
    try:
        private = settings.SIGNING_KEY or _kept_private()
        public = public_pem(private)
        keys = public_keys()
        if not keys or keys[-1].id != key_id(public):
            with _lock():
                keys = _with_key(public_keys(), public, at=at)
                _write(_record(), json.dumps([asdict(each) for each in keys], indent=2).encode(), mode=0o644)
    except (OSError, UnusableKey) as error:
        raise NoKey(_advice(error)) from error
    return Signer(keys[-1], private)


def check_key() -> None:
    """Look whether there is a key, or one can be made, and make none. Raises NoKey."""
    folder, file = Path(settings.SIGNING_DIR), _private()
    try:
        if settings.SIGNING_KEY:
            return
        if file.exists():
            public_pem(file.read_text(encoding="ascii"))
            return
    except (OSError, UnusableKey) as error:
        raise NoKey(_advice(error)) from error
    near = next(each for each in (folder, *folder.parents) if each.exists())
    if not near.is_dir() or not os.access(near, os.W_OK | os.X_OK):
        raise NoKey(_advice(f"{near} cannot be written"))


def rotate(*, at: datetime) -> tuple[str, str]:
    """Replace the private key; the ids of the old key, if there was one, and of the new. Raises NoKey."""
    old = public_keys()
    try:
        _folder()
        _write(_private(), new_private_pem().encode(), mode=0o600)
    except OSError as error:
        raise NoKey(f"A new key cannot be written: {error}.") from error
    return old[-1].id if old else "", the_signer(at=at).key.id


def _advice(error: object) -> str:
    return (
        f"The key that signs RFOs cannot be read or made in {settings.SIGNING_DIR}: {error}. Let the user that "
        "Dialtone runs as write that folder, or name a file with SIGNING_KEY_FILE."
    )


def _with_key(keys: tuple[PublicKey, ...], public: str, *, at: datetime) -> tuple[PublicKey, ...]:
    """The same with the present key at the end; the one before it ends now."""
    if keys and keys[-1].id == key_id(public):
        return keys
    now = at.astimezone(UTC).isoformat(timespec="seconds")
    found = [replace(each, until=each.until or now) for each in keys]
    return (*found, PublicKey(key_id(public), public, now))


def _kept_private() -> str:
    """Made on first use; whoever of several processes is first wins, and none reads half a key."""
    file = _private()
    if not file.exists():
        _folder()
        draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            _put(draft, new_private_pem().encode(), mode=0o600)
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink(missing_ok=True)
    return file.read_text(encoding="ascii")


def _private() -> Path:
    return Path(settings.SIGNING_DIR) / "private.pem"


def _record() -> Path:
    return Path(settings.SIGNING_DIR) / "keys.json"


def _folder() -> Path:
    folder = Path(settings.SIGNING_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextmanager
def _lock() -> Iterator[None]:
    with (_folder() / "lock").open("wb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _write(file: Path, content: bytes, *, mode: int) -> None:
    """In one step, so that no reader sees half of it."""
    draft = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        _put(draft, content, mode=mode)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _put(file: Path, content: bytes, *, mode: int) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
