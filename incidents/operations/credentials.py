"""Secrets that we must be able to read again, encrypted at rest with CREDENTIALS_KEY (DESIGN 13)."""

import base64
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class LostKey(ValueError):
    """What was sealed cannot be opened: CREDENTIALS_KEY is not the one it was sealed with."""


def seal(secret: str) -> str:
    """The secret as it may be stored."""
    return _fernet(settings.CREDENTIALS_KEY).encrypt(secret.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """The secret again; an empty text stays empty. Raises LostKey."""
    if not sealed:
        return ""
    try:
        return _fernet(settings.CREDENTIALS_KEY).decrypt(sealed.encode("ascii")).decode()
    except (InvalidToken, UnicodeError):
        raise LostKey("CREDENTIALS_KEY: this secret was encrypted with another key.") from None


@cache
def _fernet(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"dialtone credentials").derive(
        key.encode()
    )
    return Fernet(base64.urlsafe_b64encode(derived))
