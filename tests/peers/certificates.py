"""A private certificate authority for peers: good certificates, and each kind of bad one."""

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_ECDSA_WITH_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
NO_AUTHORITY = x509.BasicConstraints(ca=False, path_length=None)


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, each a PEM file; the certificate is there as an object, too."""

    certificate: Path
    key: Path
    x509: x509.Certificate

    @property
    def der(self) -> bytes:
        """The certificate as it goes over the wire."""
        return self.x509.public_bytes(serialization.Encoding.DER)


class Authority:
    """Issues certificates into `directory`; `ca_file` is what its clients trust."""

    def __init__(self, directory: Path, name: str = "Private test authority") -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        now = datetime.now(UTC)
        own = (
            _builder(self._name, self._name, self._key, now - DAY, now + 30 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.ca_file = directory / "ca.pem"
        self.ca_file.write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def issue(
        self,
        file: str,
        *,
        common_name: str = "sip.example.test",
        sans: Sequence[str] | None = ("127.0.0.1", "localhost"),
        starts: timedelta = -DAY,
        ends: timedelta = 30 * DAY,
        self_signed: bool = False,
        extensions: Sequence[x509.ExtensionType] = (),
        critical: bool = False,
        constraints: x509.ExtensionType = NO_AUTHORITY,
        key: Key | None = None,
    ) -> Pair:
        """A server certificate: `sans` are addresses, URIs or DNS names by their look, None for no SAN at all.

        The `extensions` are added as they are, `critical` or not.
        """
        key = key or ec.generate_private_key(ec.SECP256R1())
        subject = _name(common_name)
        now = datetime.now(UTC)
        builder = _builder(subject, subject if self_signed else self._name, key, now + starts, now + ends)
        builder = builder.add_extension(constraints, critical=True)
        if sans is not None:
            names = x509.SubjectAlternativeName([_general(name) for name in sans])
            builder = builder.add_extension(names, critical=False)
        for extension in extensions:
            builder = builder.add_extension(extension, critical=critical)
        signed = builder.sign(key if self_signed else self._key, hashes.SHA256())
        return self._save(file, signed, key)

    def intermediate(self, directory: Path, name: str, *, ends: timedelta = 30 * DAY) -> "Authority":
        """An authority in `directory` whose own certificate, its `ca_file`, is issued by this one."""
        below = Authority(directory, name)
        own = x509.BasicConstraints(ca=True, path_length=0)
        pair = self.issue(
            "below",
            common_name=name,
            sans=None,
            starts=-60 * DAY,
            ends=ends,
            constraints=own,
            key=below._key,
        )
        below.ca_file.write_bytes(pair.certificate.read_bytes())
        pair.certificate.unlink()
        pair.key.unlink()
        return below

    def signed_again(self, certificate: x509.Certificate, edit: Callable[[bytes], bytes]) -> bytes:
        """The DER of a certificate that was issued here, its body edited and then signed as it should be."""
        body = edit(certificate.tbs_certificate_bytes)
        assert body != certificate.tbs_certificate_bytes
        signature = self._key.sign(body, ec.ECDSA(hashes.SHA256()))
        return _der(0x30, body + _ECDSA_WITH_SHA256 + _der(0x03, b"\0" + signature))

    def _save(self, file: str, signed: x509.Certificate, key: Key) -> Pair:
        pair = Pair(self.directory / f"{file}.pem", self.directory / f"{file}.key", signed)
        pair.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        pair.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption(),
            )
        )
        return pair


def _der(tag: int, value: bytes) -> bytes:
    size = len(value)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + value


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general(name: str) -> x509.GeneralName:
    if name.startswith(("sip:", "sips:")):
        return x509.UniformResourceIdentifier(name)
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: Key,
    starts: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts)
        .not_valid_after(ends)
    )
