"""What is wrong with a certificate file, asked of OpenSSL and of cryptography: each passes what the other refuses.

A server reads such files when it starts: one that OpenSSL refuses may keep every customer out. Nothing here raises for
what stands in a file; a file that cannot be looked at is a finding too.
"""

import os
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from incidents.sip.certificate import REFUSALS, Names, UnreadableCertificate, read_certificate
from incidents.sip.chains import (
    above_flaws,
    date_flaws,
    is_authority,
    is_self_signed,
    leaf_flaws,
    read_chain,
    signature_flaws,
)
from incidents.sip.flaws import LADDER, Finding, Flaw
from incidents.sip.identity import domain_identities, proves
from incidents.sip.pem import (
    MAX_BYTES,
    Key,
    domain_of,
    holds_other_things,
    is_domain,
    key_of,
    read_blocks,
    read_bytes,
)

MOST_ISSUERS = 1000
"""The system's own trust file holds some 150."""


class _Encrypted(Exception):
    """OpenSSL asks for the password of a key."""


@dataclass(frozen=True, slots=True)
class Linted:
    """One file: the domain that it is for (empty where nothing says), what is wrong, and what it would show.

    `not_after` is the first end in the chain, roots apart. Certificates of issuers alone (`is_issuer`) stand there for
    others to be checked against; no server shows them by themselves.
    """

    file: Path
    domain: str
    findings: tuple[Finding, ...]
    not_after: datetime | None = None
    fingerprint: str = ""
    is_issuer: bool = False

    @property
    def is_bad(self) -> bool:
        """Whether somebody would be kept out by it."""
        return any(not finding.is_odd for finding in self.findings)

    @property
    def words(self) -> str:
        """All findings, the grave ones first."""
        return "; ".join(finding.words for finding in sorted(self.findings, key=lambda each: each.is_odd))


def lint_file(
    file: Path,
    *,
    at: datetime,
    issuers: Sequence[x509.Certificate] = (),
    warn_days: int = LADDER[0],
    keys: bool = True,
) -> Linted | None:
    """Look at one PEM file with the chain it holds; None for a file of keys, parameters or requests alone.

    The key is looked for in the file, then beside it (`name.key`, `privkey.pem`, `key.pem`), unless `keys` is off. A
    file called after a domain must prove that domain.
    """
    data, trouble = read_bytes(file)
    if trouble:
        return Linted(file, domain_of(file), (trouble,))
    if holds_other_things(data):
        return None
    blocks, findings = read_blocks(data)
    chain, malformed = read_chain(blocks)
    findings += malformed
    key = key_of(file, data) if keys else None
    loading = list(_openssl(file, key, findings))
    is_issuer = bool(chain) and is_authority(chain[0]) and _is_for_others(key, loading)
    if chain:
        findings += [*leaf_flaws(chain[0]), *date_flaws(chain[0], at=at, warn_days=warn_days)]
        findings += [*above_flaws(chain, at=at, warn_days=warn_days), *signature_flaws(chain, issuers)]
        findings += [] if is_issuer else _names(chain[0], domain_of(file))
    if keys and key is None and blocks:
        loading.append(Finding(Flaw.KEY_MISSING, "its key is neither in the file nor beside it"))
    usual = _usual(chain[0]) if is_issuer else frozenset()
    return Linted(
        file=file,
        domain=domain_of(file) or _domain_in(chain),
        findings=tuple(finding for finding in (*findings, *loading) if finding.flaw not in usual),
        not_after=_first_end(chain),
        fingerprint=sha256(blocks[0]).hexdigest() if blocks else "",
        is_issuer=is_issuer,
    )


def _usual(issuer: x509.Certificate) -> frozenset[Flaw]:
    """What is no flaw of an issuer's file: its key is elsewhere, nobody checks a root's signature, bundles are long."""
    keys = {Flaw.KEY_MISSING, Flaw.KEY_MISMATCH}
    return frozenset(keys | {Flaw.TOO_MANY, Flaw.WEAK_SIGNATURE} if is_self_signed(issuer) else keys)


def read_issuers(ca_file: Path) -> list[x509.Certificate]:
    """The certificates of a trust file, for the signatures; none of a file that cannot be read."""
    data, _ = read_bytes(ca_file)
    chain, _ = read_chain(read_blocks(data, most=MOST_ISSUERS)[0])
    return chain


def _is_for_others(key: Key | None, loading: Sequence[Finding]) -> bool:
    """Whether no key in sight makes an authority's certificate that of a server, as with certbot's `chain.pem`."""
    if key is None:
        return True
    return not key.own and any(finding.flaw == Flaw.KEY_MISMATCH for finding in loading)


def _first_end(chain: Sequence[x509.Certificate]) -> datetime | None:
    ends = [each.not_valid_after_utc for each in chain[1:] if not is_self_signed(each)]
    return min([chain[0].not_valid_after_utc, *ends]) if chain else None


def _names_in(leaf: x509.Certificate) -> Names | None:
    try:
        return read_certificate(leaf.public_bytes(serialization.Encoding.DER)).names
    except (UnreadableCertificate, *REFUSALS):
        return None  # which is said of the extensions


def _names(leaf: x509.Certificate, domain: str) -> Iterator[Finding]:
    if is_self_signed(leaf):
        yield Finding(Flaw.SELF_SIGNED, "self-signed: clients must know it beforehand")
    names = _names_in(leaf)
    if names is None:
        return
    if not names.has_alternative:
        yield Finding(Flaw.NO_ALTERNATIVE, "has no alternative names: only the common name speaks for it")
    elif names.uris and not names.dns:
        yield Finding(Flaw.ONLY_URI, "has URI names alone, which clients that look for a host do not take")
    if domain and not proves(names, domain):
        shown = ", ".join(domain_identities(names)[:3]) or "nobody"
        yield Finding(Flaw.WRONG_NAME, f"is for {shown}, not for {domain}")


def _domain_in(chain: Sequence[x509.Certificate]) -> str:
    """The first domain that the certificate itself speaks of; what is none may stand there, too."""
    names = _names_in(chain[0]) if chain else None
    return next(filter(is_domain, domain_identities(names)), "").lower() if names else ""


_SAID = frozenset({Flaw.EMPTY, Flaw.BAD_BASE64, Flaw.CUT_OFF, Flaw.JOINED, Flaw.MALFORMED})

# With a key of another type OpenSSL finds no certificate in the place for that type.
_MISMATCHES = frozenset({"KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED"})


def _openssl(file: Path, key: Key | None, known: Sequence[Finding]) -> Iterator[Finding]:
    """Whether a server's OpenSSL would load it with its key; what it says is added where nothing said it yet."""
    try:
        trouble = _key_trouble(key) if key else None
        if trouble:
            yield trouble
        if key is None or trouble:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=file)
        else:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file, key.file, password=_no_password)
    except _Encrypted:
        yield Finding(Flaw.KEY_ENCRYPTED, "its key is encrypted, so that no server starts by itself")
    except ssl.SSLError as error:
        yield from _refusal(error, key, known)
    except (OSError, ValueError) as error:
        yield Finding(Flaw.UNREADABLE, f"cannot be loaded: {error}")


def _refusal(error: ssl.SSLError, key: Key | None, known: Sequence[Finding]) -> Iterator[Finding]:
    reason = error.reason or ""
    if reason in _MISMATCHES:
        yield Finding(Flaw.KEY_MISMATCH, "the key beside it is another certificate's")
    elif any(finding.flaw in _SAID for finding in known):
        return
    elif key and not reason:
        # Of a PEM file that it cannot read OpenSSL gives no reason, and the certificate is one that it can.
        yield Finding(Flaw.KEY_DAMAGED, "its key is damaged")
    else:
        words = reason.replace("_", " ").lower() or "no certificate"
        yield Finding(Flaw.REFUSED, f"OpenSSL refuses it: {words}")


def _key_trouble(key: Key) -> Finding | None:
    """Why OpenSSL is not asked to read the key. That we may not is how it should be, if the server may."""
    if not os.access(key.file, os.R_OK):
        return Finding(
            Flaw.KEY_UNREADABLE, "its key may not be read from here, so that nobody knows if it fits"
        )
    if key.file.stat().st_size > MAX_BYTES:
        return Finding(Flaw.UNREADABLE, f"its key is larger than {MAX_BYTES} bytes")
    return None


def _no_password() -> str:
    raise _Encrypted
