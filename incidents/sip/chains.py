"""What cryptography says of a certificate and of the chain above it (RFC 5280)."""

import re
from collections.abc import Iterator, Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from incidents.sip.flaws import Finding, Flaw

LEAST_RSA_BITS = 2048
LEAST_EC_BITS = 224
# The identifier of id-prime-field (RFC 3279 section 2.3.5), which only a curve that is spelt out contains.
_PRIME_FIELD = bytes.fromhex("06072a8648ce3d0101")
_PARSE_ERROR = re.compile(r'ParseError \{ kind: (\w+).*location: \["?([^"\]]+)')
_WEAK_HASHES = frozenset({"md5", "sha1"})

# cryptography derives only part of its refusals from ValueError.
REFUSALS = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


def why(error: Exception) -> str:
    """cryptography's reason in a few words: `bad DER in subject_alternative_name (ShortData)`."""
    found = _PARSE_ERROR.search(str(error))
    if found is None:
        return str(error)
    kind, place = found.groups()
    return f"bad DER in {place} ({kind})"


def read_chain(blocks: Sequence[bytes]) -> tuple[list[x509.Certificate], list[Finding]]:
    """The certificates of a file, and the first that is malformed."""
    found: list[x509.Certificate] = []
    for place, der in enumerate(blocks):
        try:
            certificate = x509.load_der_x509_certificate(der)
            # Some parts are only read when they are asked for.
            _ = certificate.subject, certificate.issuer, certificate.not_valid_after_utc
        except REFUSALS as error:
            which = "" if not place else f"certificate {place + 1} of the chain is "
            return found, [Finding(Flaw.MALFORMED, f"{which}malformed: {why(error)}")]
        found.append(certificate)
    return found, []


def leaf_flaws(leaf: x509.Certificate) -> Iterator[Finding]:
    """What is wrong with the certificate itself: extensions, key and signature algorithm."""
    try:
        extensions = leaf.extensions
    except REFUSALS as error:
        yield Finding(Flaw.BAD_EXTENSION, f"an extension is malformed: {why(error)}")
    else:
        for extension in extensions:
            if extension.critical and isinstance(extension.value, x509.UnrecognizedExtension):
                words = f"a critical extension that nobody knows: {extension.oid.dotted_string}"
                yield Finding(Flaw.UNKNOWN_CRITICAL, words)
    yield from _key_flaws(leaf)
    try:
        name = leaf.signature_hash_algorithm.name if leaf.signature_hash_algorithm else ""
    except REFUSALS as error:
        yield Finding(Flaw.MALFORMED, f"the signature's algorithm is malformed: {why(error)}")
    else:
        if name in _WEAK_HASHES:
            yield Finding(Flaw.WEAK_SIGNATURE, f"signed with {name.upper()}, which clients refuse")


def _key_flaws(leaf: x509.Certificate) -> Iterator[Finding]:
    try:
        key = leaf.public_key()
    except REFUSALS as error:
        yield Finding(Flaw.MALFORMED, f"the public key is not usable: {why(error)}")
        return
    if isinstance(key, ec.EllipticCurvePublicKey) and _PRIME_FIELD in leaf.tbs_certificate_bytes:
        yield Finding(Flaw.EXPLICIT_CURVE, "spells out its curve instead of naming it, which clients refuse")
    if isinstance(key, rsa.RSAPublicKey | dsa.DSAPublicKey) and key.key_size < LEAST_RSA_BITS:
        yield Finding(Flaw.WEAK_KEY, f"a key of {key.key_size} bits, which clients refuse")
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < LEAST_EC_BITS:
        yield Finding(Flaw.WEAK_KEY, f"a key on {key.curve.name}, which clients refuse")


def key_words(leaf: x509.Certificate) -> str:
    """Key and signature in words: `RSA 2048, SHA256`; what cannot be read is left out."""
    words = []
    try:
        key = leaf.public_key()
        name = type(key).__name__.lstrip("_").removesuffix("PublicKey").replace("EllipticCurve", "EC")
        words.append(f"{name} {getattr(key, 'key_size', '')}".strip())
        if leaf.signature_hash_algorithm:
            words.append(leaf.signature_hash_algorithm.name.upper())
    except REFUSALS:
        words.append("unreadable key")
    return ", ".join(words)


def chain_flaws(chain: Sequence[x509.Certificate], issuers: Sequence[x509.Certificate]) -> Iterator[Finding]:
    """Signatures that do not hold, each checked against the next in the file or an issuer that is known."""
    for place, certificate in enumerate(chain):
        above = chain[place + 1 : place + 2] or [
            issuer for issuer in issuers if issuer.subject == certificate.issuer
        ]
        if certificate.subject == certificate.issuer:
            above = [certificate]
            if not place:
                yield Finding(Flaw.SELF_SIGNED, "self-signed: clients must know it beforehand")
        if above and not any(_is_signed_by(certificate, issuer) for issuer in above):
            yield Finding(Flaw.BAD_SIGNATURE, "its signature is not that of its issuer")


def _is_signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *REFUSALS):
        return False
    return True
