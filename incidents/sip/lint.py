"""What is wrong with a certificate file, asked of OpenSSL and of cryptography: each passes what the other refuses.

A server reads such files when it starts: one that OpenSSL refuses may keep every customer out. Nothing here raises for
what stands in a file; a file that cannot be looked at is a finding too.
"""

import base64
import binascii
import os
import re
import ssl
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from incidents.sip.certificate import UnreadableCertificate, read_certificate
from incidents.sip.chains import REFUSALS, chain_flaws, leaf_flaws, read_chain
from incidents.sip.flaws import LADDER, Finding, Flaw, expiry
from incidents.sip.identity import domain_identities, proves

MAX_BYTES = 1_000_000
MAX_CHAIN = 20

_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
_JOINED = re.compile(rb"-----END [A-Z ]{1,40}----------BEGIN ")
_KEY = re.compile(rb"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----")
_BOM = b"\xef\xbb\xbf"
_DOMAIN = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+", re.IGNORECASE)


class _Encrypted(Exception):
    """OpenSSL asks for the password of a key."""


@dataclass(frozen=True, slots=True)
class Linted:
    """One file: the domain that it is for (empty where nothing says), what is wrong, and what it would show."""

    file: Path
    domain: str
    findings: tuple[Finding, ...]
    not_after: datetime | None = None
    fingerprint: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether somebody would be kept out by it."""
        return any(not finding.is_odd for finding in self.findings)

    @property
    def words(self) -> str:
        """All findings, the grave ones first."""
        return "; ".join(finding.words for finding in sorted(self.findings, key=lambda each: each.is_odd))


def lint_file(
    file: Path, *, at: datetime, issuers: Sequence[x509.Certificate] = (), warn_days: int = LADDER[0]
) -> Linted | None:
    """Look at one PEM file with the chain it holds; None for a file of keys alone.

    The key is looked for in the file, then beside it (`name.key`, `privkey.pem`, `key.pem`). A file called after a
    domain must prove that domain.
    """
    data, trouble = _read(file)
    if trouble:
        return Linted(file, domain_of(file), (trouble,))
    if _KEY.search(data) and _BEGIN not in data:
        return None
    blocks, findings = _blocks(data)
    chain, malformed = read_chain(blocks)
    findings += malformed
    if chain:
        leaf = chain[0]
        findings += [*leaf_flaws(leaf), *chain_flaws(chain, issuers), *_names(leaf, domain_of(file))]
        ends = expiry(leaf.not_valid_after_utc, at=at, warn_days=warn_days)
        findings += [ends] if ends else []
        if leaf.not_valid_before_utc > at:
            words = f"not valid before {leaf.not_valid_before_utc:%b %d, %Y}"
            findings.append(Finding(Flaw.NOT_YET_VALID, words))
    findings += _openssl(file, data, findings)
    return Linted(
        file=file,
        domain=domain_of(file) or _domain_in(chain),
        findings=tuple(findings),
        not_after=chain[0].not_valid_after_utc if chain else None,
        fingerprint=sha256(blocks[0]).hexdigest() if blocks else "",
    )


def domain_of(file: Path) -> str:
    """The domain that a file is called after: `blf.example.pem`, or `blf.example/fullchain.pem`."""
    for name in (file.stem, file.parent.name):
        if _DOMAIN.fullmatch(name):
            return name.lower()
    return ""


def read_issuers(ca_file: Path) -> list[x509.Certificate]:
    """The certificates of a trust file, for the signatures; none of a file that cannot be read."""
    data, _ = _read(ca_file)
    chain, _ = read_chain(_blocks(data)[0])
    return chain


def _read(file: Path) -> tuple[bytes, Finding | None]:
    """A regular file's bytes. A pipe or a device is not waited for."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        return b"", Finding(Flaw.UNREADABLE, f"cannot be read: {getattr(error, 'strerror', None) or error}")
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return b"", Finding(Flaw.UNREADABLE, "is no regular file")
        if status.st_size > MAX_BYTES:
            return b"", Finding(Flaw.UNREADABLE, f"is larger than {MAX_BYTES} bytes")
        return os.read(handle, MAX_BYTES), None
    except OSError as error:
        return b"", Finding(Flaw.UNREADABLE, f"cannot be read: {error.strerror}")
    finally:
        os.close(handle)


def _blocks(data: bytes) -> tuple[list[bytes], list[Finding]]:
    """The DER of each certificate, and what is wrong with the text around them."""
    findings = []
    if data.startswith(_BOM) or b"\r\n" in data:
        findings.append(Finding(Flaw.ODD_TEXT, "written with a byte order mark or Windows line ends"))
    if _JOINED.search(data):
        findings.append(Finding(Flaw.JOINED, "two PEM blocks stand on one line, which OpenSSL refuses"))
    blocks = []
    for text in _bodies(data):
        try:
            blocks.append(base64.b64decode(b"".join(text.split()), validate=True))
        except binascii.Error:
            findings.append(Finding(Flaw.BAD_BASE64, "its base64 is damaged"))
            break
    if not blocks and all(finding.is_odd for finding in findings):
        findings.append(Finding(Flaw.EMPTY, "holds no certificate"))
    return blocks, findings


def _bodies(data: bytes) -> Iterator[bytes]:
    """What stands between the marks of each certificate, of so many at most."""
    position = 0
    for _ in range(MAX_CHAIN):
        start = data.find(_BEGIN, position)
        end = data.find(_END, start)
        if start < 0 or end < 0:
            return
        yield data[start + len(_BEGIN) : end]
        position = end + len(_END)


def _names(leaf: x509.Certificate, domain: str) -> Iterator[Finding]:
    try:
        names = read_certificate(leaf.public_bytes(serialization.Encoding.DER)).names
    except (UnreadableCertificate, *REFUSALS):
        return  # said already
    if not names.has_alternative:
        yield Finding(Flaw.NO_ALTERNATIVE, "has no alternative names: only the common name speaks for it")
    elif names.uris and not names.dns:
        yield Finding(Flaw.ONLY_URI, "has URI names alone, which clients that look for a host do not take")
    if domain and not proves(names, domain):
        shown = ", ".join(domain_identities(names)[:3]) or "nobody"
        yield Finding(Flaw.WRONG_NAME, f"is for {shown}, not for {domain}")


def _domain_in(chain: Sequence[x509.Certificate]) -> str:
    """The first domain that the certificate itself speaks of."""
    try:
        names = read_certificate(chain[0].public_bytes(serialization.Encoding.DER)).names if chain else None
    except (UnreadableCertificate, *REFUSALS):
        return ""
    return next(iter(domain_identities(names)), "").lower() if names else ""


def _openssl(file: Path, data: bytes, known: Sequence[Finding]) -> Iterator[Finding]:
    """Whether a server's OpenSSL would load it with its key; what it says is added where nothing said it yet."""
    key = file if _KEY.search(data) else _key_beside(file)
    if key is None:
        yield Finding(Flaw.KEY_MISSING, "its key is neither in the file nor beside it")
    try:
        if key is None:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=file)
        else:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file, key, password=_no_password)
    except _Encrypted:
        yield Finding(Flaw.KEY_ENCRYPTED, "its key is encrypted, so that no server starts by itself")
    except ssl.SSLError as error:
        reason = (error.reason or "no certificate").replace("_", " ").lower()
        if "mismatch" in reason:
            yield Finding(Flaw.KEY_MISMATCH, "the key beside it is another certificate's")
        elif not any(finding.flaw in _SAID for finding in known):
            yield Finding(Flaw.REFUSED, f"OpenSSL refuses it: {reason}")
    except (OSError, ValueError) as error:
        yield Finding(Flaw.UNREADABLE, f"cannot be loaded: {error}")


_SAID = frozenset({Flaw.EMPTY, Flaw.BAD_BASE64, Flaw.JOINED, Flaw.MALFORMED})


def _key_beside(file: Path) -> Path | None:
    beside = (file.with_suffix(".key"), file.with_name("privkey.pem"), file.with_name("key.pem"))
    return next((key for key in beside if key != file and key.is_file()), None)


def _no_password() -> str:
    raise _Encrypted
