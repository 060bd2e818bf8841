"""Public codes: 12 lowercase alphanumerics, chosen at creation, never reused (DESIGN 6)."""

import secrets
import string

ALPHABET = string.ascii_lowercase + string.digits
LENGTH = 12
NAMING = "dialtone.invalid"
"""What names that must outlive every move end in: no address that anybody configures."""


def new_code() -> str:
    """A fresh random code: 62 bits, so that a clash is a broken generator rather than bad luck."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
