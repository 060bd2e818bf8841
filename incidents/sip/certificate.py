"""What a certificate says of itself, read with cryptography so that a malformed one fails loudly."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import NameOID

from incidents.sip.errors import SipFailure

# cryptography derives only part of its refusals from ValueError.
_MALFORMED = (ValueError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)


class UnreadableCertificate(SipFailure):
    """OpenSSL may have taken it, but its DER is malformed somewhere."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names in a certificate. `has_alternative` tells an absent subjectAltName from an empty one."""

    common: tuple[str, ...]
    has_alternative: bool
    uris: tuple[str, ...]
    dns: tuple[str, ...]
    ips: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Certificate:
    """The facts an operator asks for first."""

    subject: str
    issuer: str
    serial: str
    not_before: datetime
    not_after: datetime
    names: Names

    @property
    def evidence(self) -> tuple[str, ...]:
        """The facts as lines."""
        named = ", ".join([*self.names.uris, *self.names.dns, *self.names.ips]) or "none"
        return (
            f"certificate {self.subject or 'without subject'}, issued by {self.issuer}, serial {self.serial}",
            f"certificate names: {named}",
            f"certificate valid from {_moment(self.not_before)} until {_moment(self.not_after)}",
        )


def read_certificate(der: bytes) -> Certificate:
    """The facts of a DER certificate.

    Raises:
        UnreadableCertificate: any part of it that is looked at is malformed.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        return Certificate(
            subject=certificate.subject.rfc4514_string(),
            issuer=certificate.issuer.rfc4514_string(),
            serial=f"{certificate.serial_number:x}",
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            names=_names(certificate),
        )
    except _MALFORMED as error:
        raise UnreadableCertificate(f"malformed certificate: {error}") from error


def _names(certificate: x509.Certificate) -> Names:
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    try:
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return Names(tuple(str(name.value) for name in common), False, (), (), ())
    return Names(
        common=tuple(str(name.value) for name in common),
        has_alternative=True,
        uris=tuple(alternative.get_values_for_type(x509.UniformResourceIdentifier)),
        dns=tuple(alternative.get_values_for_type(x509.DNSName)),
        ips=tuple(str(address) for address in alternative.get_values_for_type(x509.IPAddress)),
    )


def _moment(at: datetime) -> str:
    return f"{at:%b %d, %Y - %H:%M UTC}"
