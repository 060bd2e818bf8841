"""A self-signed certificate for a SIP server on this machine, made once and kept (RFC 5922 section 7.1: SAN)."""

import ipaddress
import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CERTIFICATE = "sip-ca.pem"
PRIVATE_KEY = "sip-key.pem"
VALID_FOR = timedelta(days=365)
RENEW_BEFORE = timedelta(days=30)


def ensure(directory: Path, *, at: datetime) -> tuple[Path, Path]:
    """The certificate and key files in `directory`; new ones if they are missing, unfit or soon expired."""
    certificate, key = directory / CERTIFICATE, directory / PRIVATE_KEY
    if not _is_fit(certificate, key, at):
        directory.mkdir(parents=True, exist_ok=True)
        _make(certificate, key, at)
    return certificate, key


def _is_fit(certificate: Path, key: Path, at: datetime) -> bool:
    try:
        found = x509.load_pem_x509_certificate(certificate.read_bytes())
        private = serialization.load_pem_private_key(key.read_bytes(), password=None)
        return found.public_key() == private.public_key() and found.not_valid_after_utc - at > RENEW_BEFORE
    except (OSError, ValueError, TypeError):
        return False


def _make(certificate: Path, key: Path, at: datetime) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Dialtone test responder")])
    names: list[x509.GeneralName] = [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
        x509.IPAddress(ipaddress.ip_address("::1")),
    ]
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(hours=1))
        .not_valid_after(at + VALID_FOR)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    # The key first: a crash in between leaves a pair that does not fit, which the next start replaces.
    _write(
        key,
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        mode=0o600,
    )
    _write(certificate, signed.public_bytes(serialization.Encoding.PEM), mode=0o644)


def _write(path: Path, data: bytes, *, mode: int) -> None:
    new = path.with_suffix(f".{os.getpid()}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(data)
    new.replace(path)
