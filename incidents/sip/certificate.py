"""What a certificate says of itself, read with cryptography so that a malformed one fails loudly."""

import re
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import NameOID

from incidents.sip.errors import SipFailure

# cryptography derives only part of its refusals from ValueError.
REFUSALS = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
MAX_WORDS = 160
_PARSE_ERROR = re.compile(r"ParseError \{ kind: (\w+)")
_PLACE = re.compile(r'"([^"]+)"')
_OUTER = ("Certificate::", "Time::")
_KINDS = MappingProxyType(
    {
        "ShortData": "cut short",
        "ExtraData": "too long",
        "InvalidValue": "an invalid value",
        "InvalidLength": "an invalid length",
        "UnexpectedTag": "of another type than it should be",
    }
)


def why(error: Exception) -> str:
    """cryptography's reason in a few words: `not before: an invalid value`."""
    found = _PARSE_ERROR.search(str(error))
    if found is None:
        return str(error)[:MAX_WORDS]
    places = [place for place in _PLACE.findall(str(error)) if not place.startswith(_OUTER)]
    where = places[-1].rpartition("::")[2].replace("_", " ") + ": " if places else ""
    return f"{where}{_KINDS.get(found[1], found[1])}"[:MAX_WORDS]


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
    except REFUSALS as error:
        raise UnreadableCertificate(f"malformed certificate: {why(error)}") from error


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
