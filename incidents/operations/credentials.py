"""Secrets that we must be able to read again, encrypted at rest with CREDENTIALS_KEY.

While the key is rotated, what the key before (CREDENTIALS_KEY_PREVIOUS) encrypted is read as well.
"""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

SEALED_PREFIX = "gAAAAA"
"""How each sealed text begins: the version of Fernet and the first bytes of a time before the year 2242."""


class LostKey(ValueError):
    """What was sealed cannot be opened: CREDENTIALS_KEY is not the one it was sealed with."""


def seal(secret: str) -> str:
    """The secret as it may be stored."""
    return _fernet(settings.CREDENTIALS_KEY).encrypt(secret.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """The secret again; an empty text stays empty. Raises LostKey."""
    if not sealed:
        return ""
    for key in credentials_keys():
        secret = _opened(sealed, key)
        if secret is not None:
            return secret
    raise LostKey("CREDENTIALS_KEY: this secret was encrypted with another key.")


def credentials_keys() -> tuple[str, ...]:
    """CREDENTIALS_KEY, and the one before it while that is being replaced."""
    return tuple(filter(None, (settings.CREDENTIALS_KEY, settings.CREDENTIALS_KEY_PREVIOUS)))


def is_current(sealed: str) -> bool:
    """Whether CREDENTIALS_KEY alone opens it, so that the key before is not needed."""
    return not sealed or _opened(sealed, settings.CREDENTIALS_KEY) is not None


def _opened(sealed: str, key: str) -> str | None:
    try:
        return _fernet(key).decrypt(sealed.encode("ascii")).decode()
    except (InvalidToken, UnicodeError):
        return None


@cache
def _fernet(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"dialtone credentials").derive(
        key.encode()
    )
    return Fernet(base64.urlsafe_b64encode(derived))
