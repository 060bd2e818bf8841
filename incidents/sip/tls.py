"""TLS to a SIP server: the verified handshake, and a second, lenient look that explains why it failed."""

import asyncio
import ssl
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from incidents.sip.certificate import UnreadableCertificate, read_certificate
from incidents.sip.errors import CertificateRejected, HandshakeFailed, LocalFault
from incidents.sip.identity import domain_identities, proves
from incidents.sip.resolution import Endpoint, is_ip
from incidents.sip.transport import StreamWire, open_stream, tls_words

NAME_MISMATCH = 62
ADDRESS_MISMATCH = 64
UNSPECIFIED = 1

_WORDS = {
    9: "certificate not yet valid",
    10: "certificate expired",
    18: "self-signed certificate",
    19: "self-signed certificate in the chain",
    20: "certificate issuer not trusted",
    21: "certificate issuer not trusted",
}


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """Whom to expect (`server_name`, also SNI unless an address) and whom to trust besides the system."""

    server_name: str
    verify: bool = True
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Secured:
    """What a handshake agreed on; `certificate` is DER, empty where the peer showed none."""

    version: str
    cipher: str
    certificate: bytes


def verify_words(error: ssl.SSLCertVerificationError) -> str:
    """Why a certificate was not taken, as people write it."""
    return _WORDS.get(error.verify_code, error.verify_message)


async def secure(wire: StreamWire, settings: TlsSettings) -> Secured:
    """Turn `wire` into a TLS connection; with `verify`, prove chain, dates and RFC 5922 identity.

    Raises:
        CertificateRejected: the handshake worked, the certificate does not prove what it should.
        HandshakeFailed: there was no handshake.
        LocalFault: the trust file cannot be read.
    """
    context = _verifying(*_trust(settings.ca_file)) if settings.verify else _lenient()
    secured = await _handshake(wire, context, settings.server_name)
    if settings.verify:
        _check_identity(secured.certificate, settings.server_name)
    return secured


async def look(endpoint: Endpoint, server_name: str) -> Secured:
    """Shake hands with anything that speaks any TLS and take its certificate; nothing is verified.

    Raises:
        SipFailure: not even that worked.
    """
    wire = await open_stream(endpoint)
    try:
        return await _handshake(wire, _lenient(), server_name)
    finally:
        wire.close()


async def _handshake(wire: StreamWire, context: ssl.SSLContext, server_name: str) -> Secured:
    loop = asyncio.get_running_loop()
    try:
        # ssl sends no SNI for an address, as RFC 6066 section 3 demands.
        transport = await loop.start_tls(wire.transport, wire, context, server_hostname=server_name)
    except ssl.SSLCertVerificationError as error:
        raise CertificateRejected(verify_words(error), error.verify_code) from error
    except ssl.SSLError as error:
        raise HandshakeFailed(f"TLS handshake failed: {tls_words(error)}") from error
    except OSError as error:
        raise HandshakeFailed("connection closed during the TLS handshake") from error
    except ValueError as error:
        raise LocalFault(f"TLS cannot ask for a name such as {server_name[:60]}") from error
    if transport is None:
        raise HandshakeFailed("connection closed during the TLS handshake")
    wire.secured(transport)
    layer: ssl.SSLObject = transport.get_extra_info("ssl_object")
    cipher = layer.cipher()
    return Secured(
        version=layer.version() or "",
        cipher=cipher[0] if cipher else "",
        certificate=layer.getpeercert(binary_form=True) or b"",
    )


def _check_identity(der: bytes, expected: str) -> None:
    try:
        names = read_certificate(der).names
    except UnreadableCertificate as error:
        raise CertificateRejected(str(error), UNSPECIFIED) from error
    if not proves(names, expected):
        found = names.ips if is_ip(expected) else domain_identities(names)
        code = ADDRESS_MISMATCH if is_ip(expected) else NAME_MISMATCH
        shown = ", ".join(found[:3]) or "nobody"
        raise CertificateRejected(f"certificate is for {shown}, not for {expected}", code)


def _trust(ca_file: str) -> tuple[str, int]:
    if not ca_file:
        return "", 0
    try:
        return ca_file, Path(ca_file).stat().st_mtime_ns
    except (OSError, ValueError) as error:
        raise LocalFault(f"trust file cannot be read: {ca_file}") from error


@lru_cache(maxsize=64)
def _verifying(ca_file: str, changed: int) -> ssl.SSLContext:  # noqa: ARG001  (a changed file is another context)
    """Cached: reading the system's trust store costs milliseconds, and a sweep has thousands of targets."""
    context = ssl.create_default_context()
    context.check_hostname = False  # the web's rules; RFC 5922's are checked after the handshake
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if ca_file:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise LocalFault(f"trust file holds no certificate: {ca_file}") from error
    return context


@lru_cache(maxsize=1)
def _lenient() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context
