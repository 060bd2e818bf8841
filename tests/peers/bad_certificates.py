"""One certificate of each kind that is malformed or odd (sip-probing.md section 4), and what should be said of it."""

import base64
import os
import subprocess
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtensionOID, ObjectIdentifier

from incidents.sip.flaws import Flaw
from tests.peers.certificates import DAY, Authority, Pair
from tests.peers.programs import require

DOMAIN = "blf.example"
Make = Callable[[Authority, str], Pair]
_BROKEN_DER = b"\x30\x82\xff\xff\x01\x02"


def _edited(pair: Pair, der: bytes) -> Pair:
    text = base64.encodebytes(der)
    pair.certificate.write_bytes(b"-----BEGIN CERTIFICATE-----\n" + text + b"-----END CERTIFICATE-----\n")
    return pair


def _good(authority: Authority, file: str) -> Pair:
    return authority.issue(file, sans=(DOMAIN,))


def _truncated(authority: Authority, file: str) -> Pair:
    pair = _good(authority, file)
    return _edited(pair, pair.der[:-40])


def _bad_extension(oid: ObjectIdentifier) -> Make:
    def make(authority: Authority, file: str) -> Pair:
        broken = x509.UnrecognizedExtension(oid, _BROKEN_DER)
        if oid == ExtensionOID.BASIC_CONSTRAINTS:
            return authority.issue(file, sans=(DOMAIN,), constraints=broken)
        sans = None if oid == ExtensionOID.SUBJECT_ALTERNATIVE_NAME else (DOMAIN,)
        return authority.issue(file, common_name=DOMAIN, sans=sans, extensions=(broken,))

    return make


def _month_99(authority: Authority, file: str) -> Pair:
    pair = _good(authority, file)
    begins = f"{pair.x509.not_valid_before_utc:%y%m%d%H%M%S}Z".encode()
    assert begins in pair.der
    return _edited(pair, pair.der.replace(begins, begins[:2] + b"99" + begins[4:], 1))


def _flipped_signature(authority: Authority, file: str) -> Pair:
    pair = _good(authority, file)
    return _edited(pair, pair.der[:-1] + bytes([pair.der[-1] ^ 1]))


def _joined(authority: Authority, file: str) -> Pair:
    pair = _good(authority, file)
    both = pair.certificate.read_bytes().rstrip(b"\n") + authority.ca_file.read_bytes()
    pair.certificate.write_bytes(both)
    return pair


def _bom_and_crlf(authority: Authority, file: str) -> Pair:
    pair = _good(authority, file)
    pair.certificate.write_bytes(b"\xef\xbb\xbf" + pair.certificate.read_bytes().replace(b"\n", b"\r\n"))
    return pair


def _other_key(authority: Authority, file: str) -> Pair:
    pair = _good(authority, file)
    other = authority.issue(f"{file}-other")
    pair.key.write_bytes(other.key.read_bytes())
    other.certificate.unlink()
    other.key.unlink()
    return pair


def _unknown_critical(authority: Authority, file: str) -> Pair:
    odd = x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.55555.1"), b"\x05\x00")
    return authority.issue(file, sans=(DOMAIN,), extensions=(odd,), critical=True)


def _duplicate_extension(authority: Authority, file: str) -> Pair:
    """Two extensions of one kind, which cryptography does not make: the second is renamed, then all signed again."""
    first, second = (ObjectIdentifier(f"1.3.6.1.4.1.55555.{number}") for number in (1, 2))
    extensions = [x509.UnrecognizedExtension(oid, b"\x05\x00") for oid in (first, second)]
    pair = authority.issue(file, sans=(DOMAIN,), extensions=extensions)
    old, new = (bytes.fromhex("06092b0601040183b203") + bytes([number]) for number in (2, 1))
    return _edited(pair, authority.signed_again(pair.x509, lambda body: body.replace(old, new)))


def _cut_off(authority: Authority, file: str) -> Pair:
    """What a full disk leaves behind."""
    pair = _good(authority, file)
    pair.certificate.write_bytes(pair.certificate.read_bytes()[:-100])
    return pair


def _text(data: bytes) -> Make:
    def make(authority: Authority, file: str) -> Pair:
        pair = _good(authority, file)
        pair.certificate.write_bytes(data)
        return pair

    return make


def _named(*sans: str) -> Make:
    return lambda authority, file: authority.issue(file, common_name=DOMAIN, sans=sans or None)


def _dated(starts: timedelta, ends: timedelta) -> Make:
    return lambda authority, file: authority.issue(file, sans=(DOMAIN,), starts=starts, ends=ends)


def _weak_key(authority: Authority, file: str) -> Pair:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    return authority.issue(file, sans=(DOMAIN,), key=key)


def _by_openssl(*words: str) -> Make:
    """Self-signed by the command line of OpenSSL, which still makes what cryptography refuses to."""

    def make(authority: Authority, file: str) -> Pair:
        pair = _good(authority, file)
        made = ("-nodes", "-keyout", str(pair.key), "-out", str(pair.certificate), "-days", "60")
        names = ("-subj", f"/CN={DOMAIN}", "-addext", f"subjectAltName=DNS:{DOMAIN}")
        command = (require("openssl", "openssl"), "req", "-x509", *words, *made, *names)
        subprocess.run(command, check=True, capture_output=True)
        return pair

    return make


def _key_of_another_type(authority: Authority, file: str) -> Pair:
    pair = _other_key(authority, file)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    pair.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return pair


def _damaged_key(authority: Authority, file: str) -> Pair:
    pair = _good(authority, file)
    pair.key.write_bytes(pair.key.read_bytes()[:100])
    return pair


def _encrypted_key(authority: Authority, file: str) -> Pair:
    pair = _good(authority, file)
    key = ec.generate_private_key(ec.SECP256R1())
    lock = serialization.BestAvailableEncryption(os.urandom(8))
    form = serialization.PrivateFormat.PKCS8
    pair.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, lock))
    return pair


_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit")

BAD: Mapping[str, tuple[Make, Flaw]] = MappingProxyType(
    {
        "truncated DER": (_truncated, Flaw.MALFORMED),
        "SAN of bad DER": (_bad_extension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME), Flaw.BAD_EXTENSION),
        "basicConstraints of bad DER": (_bad_extension(ExtensionOID.BASIC_CONSTRAINTS), Flaw.BAD_EXTENSION),
        "keyUsage of bad DER": (_bad_extension(ExtensionOID.KEY_USAGE), Flaw.BAD_EXTENSION),
        "month 99": (_month_99, Flaw.MALFORMED),
        "flipped signature": (_flipped_signature, Flaw.BAD_SIGNATURE),
        "PEM blocks joined": (_joined, Flaw.JOINED),
        "BOM and CRLF": (_bom_and_crlf, Flaw.ODD_TEXT),
        "key of another": (_other_key, Flaw.KEY_MISMATCH),
        "unknown critical extension": (_unknown_critical, Flaw.UNKNOWN_CRITICAL),
        "empty": (_text(b""), Flaw.EMPTY),
        "bad base64": (
            _text(b"-----BEGIN CERTIFICATE-----\nMII*\n-----END CERTIFICATE-----\n"),
            Flaw.BAD_BASE64,
        ),
        "no SAN": (_named(), Flaw.NO_ALTERNATIVE),
        "only a URI SAN": (_named(f"sip:{DOMAIN}"), Flaw.ONLY_URI),
        "expired": (_dated(-30 * DAY, -DAY), Flaw.EXPIRED),
        "not yet valid": (_dated(DAY, 90 * DAY), Flaw.NOT_YET_VALID),
        "RSA of 1024 bits": (_weak_key, Flaw.WEAK_KEY),
        "SHA-1": (_by_openssl("-newkey", "rsa:2048", "-sha1"), Flaw.WEAK_SIGNATURE),
        "another name": (_named("other.example"), Flaw.WRONG_NAME),
        "encrypted key": (_encrypted_key, Flaw.KEY_ENCRYPTED),
        "explicit curve": (_by_openssl(*_CURVE), Flaw.EXPLICIT_CURVE),
        "duplicate extension": (_duplicate_extension, Flaw.DUPLICATE_EXTENSION),
        "key of another type": (_key_of_another_type, Flaw.KEY_MISMATCH),
        "damaged key": (_damaged_key, Flaw.KEY_DAMAGED),
        "cut off": (_cut_off, Flaw.CUT_OFF),
    }
)
"""By name: how to make it, and the flaw that must be named. The first fifteen are the reference's."""
