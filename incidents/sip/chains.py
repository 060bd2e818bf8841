"""What cryptography says of a certificate and of the chain above it (RFC 5280)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from incidents.sip.certificate import MAX_WORDS, REFUSALS, why
from incidents.sip.der import extension_name, malformed_extension
from incidents.sip.flaws import LADDER, Finding, Flaw, expiry

LEAST_RSA_BITS = 2048
LEAST_EC_BITS = 224
# The identifier of id-prime-field (RFC 3279 section 2.3.5), which only a curve that is spelt out contains.
_PRIME_FIELD = bytes.fromhex("06072a8648ce3d0101")
_WEAK_HASHES = frozenset({"md5", "sha1"})


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
    except x509.DuplicateExtension as error:
        words = f"the extension {extension_name(error.oid.dotted_string)} stands twice"
        yield Finding(Flaw.DUPLICATE_EXTENSION, words)
    except REFUSALS as error:
        which = malformed_extension(leaf.tbs_certificate_bytes)
        name = f"the extension {which}" if which else "an extension"
        yield Finding(Flaw.BAD_EXTENSION, f"{name} is malformed: {why(error).removeprefix(f'{which}: ')}")
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


def key_bits(leaf: x509.Certificate) -> int | None:
    """The size of the key, where it has one that can be read."""
    try:
        return getattr(leaf.public_key(), "key_size", None)
    except REFUSALS:
        return None


def date_flaws(
    certificate: x509.Certificate, *, at: datetime, warn_days: int = LADDER[0]
) -> Iterator[Finding]:
    """Whether it has run out, soon will, or is not valid yet."""
    ends = expiry(certificate.not_valid_after_utc, at=at, warn_days=warn_days)
    if ends:
        yield ends
    if certificate.not_valid_before_utc > at:
        yield Finding(Flaw.NOT_YET_VALID, f"not valid before {certificate.not_valid_before_utc:%b %d, %Y}")


def is_authority(certificate: x509.Certificate) -> bool:
    """Whether it says that it may issue others."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, *REFUSALS):
        return False


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Whether it names itself as its issuer: a root, or a certificate that nobody vouches for."""
    return certificate.subject == certificate.issuer


def above_flaws(
    chain: Sequence[x509.Certificate], *, at: datetime, warn_days: int = LADDER[0]
) -> Iterator[Finding]:
    """What is wrong with the certificates after the first. Of a root nobody looks at more than the key."""
    for place, certificate in enumerate(chain[1:], 2):
        if not is_self_signed(certificate):
            for finding in (*leaf_flaws(certificate), *date_flaws(certificate, at=at, warn_days=warn_days)):
                yield replace(finding, words=f"certificate {place} of the chain: {finding.words}")


def signature_flaws(
    chain: Sequence[x509.Certificate], issuers: Sequence[x509.Certificate]
) -> Iterator[Finding]:
    """Signatures that do not hold, each checked against the issuer in the file or one that is known."""
    for place, certificate in enumerate(chain):
        named = f"certificate {place + 1} of the chain: " if place else ""
        above = _issuers_of(certificate, chain) or _issuers_of(certificate, issuers)
        if above and not any(_is_signed_by(certificate, issuer) for issuer in above):
            yield Finding(Flaw.BAD_SIGNATURE, f"{named}its signature is not that of its issuer")
        if not above and not place and issuers:
            words = f"its issuer is neither in the file nor trusted: {certificate.issuer.rfc4514_string()}"
            yield Finding(Flaw.ISSUER_MISSING, words[:MAX_WORDS])


def _issuers_of(
    certificate: x509.Certificate, among: Sequence[x509.Certificate]
) -> Sequence[x509.Certificate]:
    return [issuer for issuer in among if issuer.subject == certificate.issuer]


def _is_signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except InvalidSignature:
        return False
    except REFUSALS:
        return True  # of a kind that cryptography does not check, SHA-1 for one: nothing is known against it
    return True
