"""PEM files (RFC 7468) as servers keep them: the certificates in one, the key beside it, the domain that it is for."""

import base64
import binascii
import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

from incidents.sip.flaws import Finding, Flaw

MAX_BYTES = 1_000_000
MAX_CHAIN = 20
MAX_DOMAIN = 253

_BEGIN = re.compile(rb"-----BEGIN (?:X509 )?CERTIFICATE-----")
_END = re.compile(rb"-----END (?:X509 )?CERTIFICATE-----")
_JOINED = re.compile(rb"-----END [A-Z0-9 ]{1,40}----------BEGIN ")
_KEY = re.compile(rb"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----")
_OTHER = re.compile(rb"-----BEGIN [A-Z0-9 ]{0,30}(?:KEY|PARAMETERS|CRL|REQUEST)-----")
_BOM = b"\xef\xbb\xbf"
_DER_SEQUENCE = b"\x30\x82"
_DOMAIN = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.[a-z0-9-]{0,62}[a-z]", re.IGNORECASE)
# What tools append to a domain in names of files: `blf.example.chain.pem`, certbot's `blf.example-0001/`.
_APPENDED = re.compile(r"(\.(full)?chain|\.cert|\.crt|\.bundle|\.combined|-[0-9]{4})$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Key:
    """The file with a certificate's key; one that is not its `own` may be another's in the same directory."""

    file: Path
    own: bool


def read_bytes(file: Path) -> tuple[bytes, Finding | None]:
    """A regular file's bytes, or why there are none. A pipe or a device is not waited for."""
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


def holds_other_things(data: bytes) -> bool:
    """Whether it is a sound file of keys, parameters or requests, in which no certificate is to be looked for."""
    return bool(_OTHER.search(data)) and not _BEGIN.search(data)


def read_blocks(data: bytes, *, most: int = MAX_CHAIN) -> tuple[list[bytes], list[Finding]]:
    """The DER of each certificate, `most` of them, and what is wrong with the text around them."""
    findings = []
    if data.startswith(_BOM) or b"\r\n" in data:
        findings.append(Finding(Flaw.ODD_TEXT, "written with a byte order mark or Windows line ends"))
    if _JOINED.search(data):
        findings.append(Finding(Flaw.JOINED, "two PEM blocks stand on one line, which OpenSSL refuses"))
    bodies, trouble = _bodies(data, most)
    findings += trouble
    blocks = []
    for text in bodies:
        try:
            blocks.append(base64.b64decode(b"".join(text.split()), validate=True))
        except binascii.Error:
            findings.append(Finding(Flaw.BAD_BASE64, "its base64 is damaged"))
            break
    if not blocks and all(finding.is_odd for finding in findings):
        form = "holds DER, not PEM" if data.startswith(_DER_SEQUENCE) else "holds no certificate"
        findings.append(Finding(Flaw.EMPTY, form))
    return blocks, findings


def _bodies(data: bytes, most: int) -> tuple[Sequence[bytes], list[Finding]]:
    """What stands between the marks of each certificate."""
    begins = [mark.end() for mark in islice(_BEGIN.finditer(data), most + 1)]
    found: list[bytes] = []
    for start, following in pairwise([*begins, len(data)]):
        end = _END.search(data, start, following)
        if end is None:
            return found, [Finding(Flaw.CUT_OFF, "is cut off: a certificate in it has no end")]
        found.append(data[start : end.start()])
    if len(found) > most:
        return found[:most], [Finding(Flaw.TOO_MANY, f"holds more than {most} certificates")]
    return found, []


def key_of(file: Path, data: bytes) -> Key | None:
    """Where a certificate's key is: in its file, or beside it as `name.key`, `privkey.pem` or `key.pem`."""
    if _KEY.search(data):
        return Key(file, own=True)
    own = file.with_suffix(".key")
    if own != file and own.is_file():
        return Key(own, own=True)
    shared = (file.with_name("privkey.pem"), file.with_name("key.pem"))
    return next((Key(key, own=False) for key in shared if key != file and key.is_file()), None)


def domain_of(file: Path) -> str:
    """The domain that a file is called after: `blf.example.pem`, or `blf.example/fullchain.pem`."""
    names = (_APPENDED.sub("", name).lower() for name in (file.stem, file.parent.name))
    return next(filter(is_domain, names), "")


def is_domain(name: str) -> bool:
    """Whether it has the form of a domain of two labels or more, so that a server can be asked for it."""
    return len(name) <= MAX_DOMAIN and _DOMAIN.fullmatch(name) is not None
