"""RFC 5922 sections 7.1 and 7.2: which domain a certificate stands for."""

from pathlib import Path

import pytest
from cryptography import x509

from incidents.sip.certificate import UnreadableCertificate, read_certificate
from incidents.sip.identity import domain_identities, proves
from tests.peers.certificates import Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("identity"))


@pytest.mark.parametrize(
    ("sans", "identities"),
    [
        (["sip:example.test"], ("example.test",)),
        (["sip:example.test", "example.org"], ("example.test",)),
        (["sip:alice@example.test", "example.org"], ("example.org",)),
        (["sips:example.test", "example.org"], ("example.org",)),
        (["sip:example.test;lr", "sip:second.test:5061"], ("example.test", "second.test")),
        (["example.org", "example.net"], ("example.org", "example.net")),
        (["192.0.2.1"], ()),
        (None, ("common.test",)),
    ],
)
def test_the_identities_are_those_of_the_rfc(
    authority: Authority, sans: list[str] | None, identities: tuple[str, ...]
) -> None:
    names = read_certificate(authority.issue("one", common_name="common.test", sans=sans).der).names
    assert domain_identities(names) == identities


@pytest.mark.parametrize(
    ("sans", "expected", "proved"),
    [
        (["example.test"], "EXAMPLE.test", True),
        (["example.test"], "example.test.", True),
        (["*.example.test"], "pbx.example.test", False),
        (["example.test"], "pbx.example.test", False),
        (["pbx.example.test"], "example.test", False),
        (["sip:example.test", "pbx.example.test"], "pbx.example.test", False),
        (["192.0.2.1"], "192.0.2.1", True),
        (["192.0.2.1"], "192.0.2.2", False),
        (["2001:db8::1"], "2001:DB8:0::1", True),
        (["example.test"], "192.0.2.1", False),
        (["common.test.other"], "common.test", False),
        (None, "common.test", True),
        (None, "192.0.2.1", False),
    ],
)
def test_a_name_is_proved_whole_without_case_and_without_wildcards(
    authority: Authority, sans: list[str] | None, expected: str, proved: bool
) -> None:
    names = read_certificate(authority.issue("one", common_name="common.test", sans=sans).der).names
    assert proves(names, expected) is proved


def test_a_malformed_alternative_name_is_an_unreadable_certificate(authority: Authority) -> None:
    """The seed's outage: properly signed, but the DER inside subjectAltName is cut short."""
    broken = x509.UnrecognizedExtension(x509.OID_SUBJECT_ALTERNATIVE_NAME, b"\x30\x20\x82\x0bexam")
    pair = authority.issue("broken", sans=None, extensions=[broken])
    with pytest.raises(UnreadableCertificate, match="malformed certificate"):
        read_certificate(pair.der)


@pytest.mark.parametrize("cut", [0, 1, 10, 100, -1])
def test_a_truncated_certificate_is_unreadable(authority: Authority, cut: int) -> None:
    with pytest.raises(UnreadableCertificate):
        read_certificate(authority.issue("cut").der[:cut])


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_every_damaged_byte_is_read_or_unreadable(authority: Authority) -> None:
    der = authority.issue("damaged").der
    for at in range(len(der)):
        for value in (0x00, 0xFF, der[at] ^ 0x01):
            try:
                read_certificate(der[:at] + bytes([value]) + der[at + 1 :])
            except UnreadableCertificate:
                continue


def test_the_evidence_names_subject_names_and_dates(authority: Authority, tmp_path: Path) -> None:
    lines = " | ".join(read_certificate(authority.issue("facts", sans=["sip:example.test"]).der).evidence)
    assert "CN=sip.example.test" in lines
    assert "issued by CN=Private test authority" in lines
    assert "names: sip:example.test" in lines
    assert "UTC until" in lines
