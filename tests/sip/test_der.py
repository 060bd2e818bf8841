"""The extension that is malformed is named, and no bytes at all upset whoever looks for it."""

import random
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID, ObjectIdentifier

from incidents.sip.chains import leaf_flaws
from incidents.sip.der import malformed_extension
from tests.peers.certificates import Authority

BROKEN = b"\x30\x82\xff\xff\x01\x02"
NAMES = [
    (ExtensionOID.KEY_USAGE, "key usage"),
    (ExtensionOID.EXTENDED_KEY_USAGE, "extended key usage"),
    (ExtensionOID.NAME_CONSTRAINTS, "name constraints"),
    (ExtensionOID.AUTHORITY_INFORMATION_ACCESS, "authority information access"),
    (ObjectIdentifier("1.3.6.1.4.1.55555.1"), "1.3.6.1.4.1.55555.1"),
]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.mark.parametrize(("oid", "name"), NAMES, ids=[name for _, name in NAMES])
def test_the_malformed_extension_is_named(authority: Authority, oid: ObjectIdentifier, name: str) -> None:
    pair = authority.issue("bad", extensions=(x509.UnrecognizedExtension(oid, BROKEN),))
    assert malformed_extension(pair.x509.tbs_certificate_bytes) == name


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\x05",
        b"\x05\x00\x00",
        b"\x30\x03\x02\x02\x01",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x85\x01\x01\x01\x01\x01",
        b"\x1f\x00",
    ],
    ids=range(7),
)
def test_a_value_that_is_not_one_whole_element_is_malformed(authority: Authority, value: bytes) -> None:
    pair = authority.issue("bad", extensions=(x509.UnrecognizedExtension(ExtensionOID.KEY_USAGE, value),))
    assert malformed_extension(pair.x509.tbs_certificate_bytes) == "key usage"
    said = [finding.words for finding in leaf_flaws(pair.x509)]
    assert len(said) == 1
    assert said[0].startswith("the extension key usage is malformed: ")


def test_of_a_good_certificate_and_of_rubbish_nothing_is_named(authority: Authority) -> None:
    body = authority.issue("good").x509.tbs_certificate_bytes
    assert malformed_extension(body) == ""
    for length in range(len(body)):
        assert malformed_extension(body[:length]) == ""
    assert malformed_extension(b"\x30\x80" * 10_000) == ""


def test_edited_bytes_never_upset_it(authority: Authority) -> None:
    dice = random.Random(4)
    body = authority.issue("good").x509.tbs_certificate_bytes
    for _ in range(5000):
        edited = bytearray(body)
        for _ in range(dice.randint(1, 4)):
            edited[dice.randrange(len(edited))] = dice.randrange(256)
        assert isinstance(malformed_extension(bytes(edited)), str)
