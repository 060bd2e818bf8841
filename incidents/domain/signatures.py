"""Detached Ed25519 signatures (RFC 8032) as 64 raw bytes, which `openssl pkeyutl -verify -rawin` checks."""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)


class UnusableKey(ValueError):
    """A text that is no Ed25519 key as PEM."""


def new_private_pem() -> str:
    """A new private key as PEM (PKCS #8)."""
    made = Ed25519PrivateKey.generate()
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(private_pem: str) -> str:
    """The public half as PEM (SubjectPublicKeyInfo). Raises UnusableKey."""
    found = _private(private_pem).public_key()
    return found.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def key_id(public: str) -> str:
    """A public key's name: the first 16 hexadecimal digits of the SHA-256 of its 32 bytes. Raises UnusableKey."""
    return hashlib.sha256(_public(public).public_bytes_raw()).hexdigest()[:16]


def sign(private_pem: str, content: bytes) -> bytes:
    """The signature, the same each time for the same content. Raises UnusableKey."""
    return _private(private_pem).sign(content)


def is_signed(public: str, content: bytes, signature: bytes) -> bool:
    """Whether the signature is that of the key over the content. Raises UnusableKey."""
    try:
        _public(public).verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _private(pem: str) -> Ed25519PrivateKey:
    try:
        found = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise UnusableKey("This is not a private key as PEM.") from error
    if not isinstance(found, Ed25519PrivateKey):
        raise UnusableKey("This is not an Ed25519 key.")
    return found


def _public(pem: str) -> Ed25519PublicKey:
    try:
        found = load_pem_public_key(pem.encode())
    except (ValueError, TypeError) as error:
        raise UnusableKey("This is not a public key as PEM.") from error
    if not isinstance(found, Ed25519PublicKey):
        raise UnusableKey("This is not an Ed25519 key.")
    return found
