"""The lint names each malformed and odd certificate with its reason, and says nothing of a good one."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from incidents.sip.flaws import LADDER, Flaw, rung
from incidents.sip.lint import Linted, lint_file, read_issuers
from incidents.sip.pem import MAX_BYTES, domain_of
from tests.peers.bad_certificates import BAD, DOMAIN
from tests.peers.certificates import DAY, Authority

NOW = datetime.now(UTC)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "store")


def lint(file: Path, authority: Authority) -> Linted:
    found = lint_file(file, at=datetime.now(UTC), issuers=read_issuers(authority.ca_file))
    assert found is not None
    assert all(finding.words.isprintable() and len(finding.words) < 400 for finding in found.findings)
    return found


def flaws(file: Path, authority: Authority) -> list[Flaw]:
    return [finding.flaw for finding in lint(file, authority).findings]


def test_a_good_certificate_has_no_flaw(authority: Authority) -> None:
    pair = authority.issue(DOMAIN, sans=(DOMAIN,), ends=90 * DAY)
    found = lint(pair.certificate, authority)
    assert (found.findings, found.domain, found.is_bad) == ((), DOMAIN, False)
    assert len(found.fingerprint) == 64


@pytest.mark.parametrize("name", BAD)
def test_each_bad_certificate_is_named_with_its_reason(authority: Authority, name: str) -> None:
    make, flaw = BAD[name]
    pair = make(authority, DOMAIN)
    found = lint(pair.certificate, authority)
    assert flaw in [finding.flaw for finding in found.findings], found.words
    assert found.domain == DOMAIN
    assert found.is_bad == any(not finding.is_odd for finding in found.findings)


def test_the_fifteen_of_the_reference_are_all_there() -> None:
    assert list(BAD)[:15] == [
        "truncated DER",
        "SAN of bad DER",
        "basicConstraints of bad DER",
        "keyUsage of bad DER",
        "month 99",
        "flipped signature",
        "PEM blocks joined",
        "BOM and CRLF",
        "key of another",
        "unknown critical extension",
        "empty",
        "bad base64",
        "no SAN",
        "only a URI SAN",
        "expired",
    ]


def test_what_openssl_passes_is_found_by_cryptography_and_the_other_way_round(authority: Authority) -> None:
    passed = BAD["month 99"][0](authority, "a.example")
    assert flaws(passed.certificate, authority)[0] == Flaw.MALFORMED
    joined = BAD["PEM blocks joined"][0](authority, "b.example")
    assert Flaw.JOINED in flaws(joined.certificate, authority)


def test_a_key_is_found_in_the_file_or_beside_it(authority: Authority, tmp_path: Path) -> None:
    pair = authority.issue("one", sans=(DOMAIN,), ends=90 * DAY)
    assert flaws(pair.certificate, authority) == []
    both = pair.certificate.read_bytes() + pair.key.read_bytes()
    folder = tmp_path / "live" / DOMAIN
    folder.mkdir(parents=True)
    (folder / "fullchain.pem").write_bytes(pair.certificate.read_bytes())
    assert flaws(folder / "fullchain.pem", authority) == [Flaw.KEY_MISSING]
    (folder / "privkey.pem").write_bytes(pair.key.read_bytes())
    assert flaws(folder / "fullchain.pem", authority) == []
    assert lint(folder / "fullchain.pem", authority).domain == DOMAIN
    pair.key.unlink()
    pair.certificate.write_bytes(both)
    assert flaws(pair.certificate, authority) == []


def test_a_file_of_a_key_alone_is_no_certificate_file(authority: Authority) -> None:
    pair = authority.issue("one")
    assert lint_file(pair.key, at=NOW) is None


@pytest.mark.parametrize(
    ("data", "flaw"),
    [
        (b"\0" * 5000, Flaw.EMPTY),
        (os.urandom(100_000), Flaw.EMPTY),
        (b"-----BEGIN CERTIFICATE-----" * 10_000, Flaw.CUT_OFF),
        (b"-----END CERTIFICATE-----" * 10_000, Flaw.EMPTY),
        (b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n" * 10_000, Flaw.MALFORMED),
        (b"-----BEGIN CERTIFICATE-----\n" + b"A" * 900_000 + b"\n-----END CERTIFICATE-----", Flaw.MALFORMED),
    ],
    ids=range(6),
)
def test_rubbish_is_named_and_holds_nothing_up(
    tmp_path: Path, data: bytes, flaw: Flaw, authority: Authority
) -> None:
    file = tmp_path / "rubbish.pem"
    file.write_bytes(data)
    began = time.monotonic()
    assert flaw in flaws(file, authority)
    assert time.monotonic() - began < 5


def test_what_cannot_be_read_is_a_finding_and_holds_nothing_up(tmp_path: Path, authority: Authority) -> None:
    os.mkfifo(tmp_path / "pipe.pem")
    (tmp_path / "huge.pem").write_bytes(b"x" * (MAX_BYTES + 1))
    (tmp_path / "loop.pem").symlink_to(tmp_path / "loop.pem")
    (tmp_path / "folder.pem").mkdir()
    for name in ("pipe.pem", "huge.pem", "loop.pem", "folder.pem", "missing.pem"):
        assert flaws(tmp_path / name, authority) == [Flaw.UNREADABLE], name


def test_a_chain_in_which_one_link_does_not_hold_is_named(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    pair = authority.issue(DOMAIN, sans=(DOMAIN,), ends=90 * DAY)
    alone = pair.certificate.read_bytes()
    pair.certificate.write_bytes(alone + other.ca_file.read_bytes())
    assert Flaw.BAD_SIGNATURE in flaws(pair.certificate, authority)
    pair.certificate.write_bytes(alone + authority.ca_file.read_bytes())
    assert flaws(pair.certificate, authority) == []


def test_a_thousand_certificates_in_one_file_are_bounded(authority: Authority) -> None:
    pair = authority.issue(DOMAIN, sans=(DOMAIN,), ends=90 * DAY)
    pair.certificate.write_bytes(pair.certificate.read_bytes() * 1000)
    began = time.monotonic()
    assert flaws(pair.certificate, authority) == [Flaw.TOO_MANY]
    assert time.monotonic() - began < 5


def chained(authority: Authority, below: Authority) -> Path:
    """A customer's certificate with that of its intermediate authority in one file, as servers want it."""
    pair = below.issue(DOMAIN, sans=(DOMAIN,), ends=90 * DAY)
    pair.certificate.write_bytes(pair.certificate.read_bytes() + below.ca_file.read_bytes())
    return pair.certificate


def test_a_chain_through_an_intermediate_is_sound(authority: Authority, tmp_path: Path) -> None:
    file = chained(authority, authority.intermediate(tmp_path / "below", "Below", ends=60 * DAY))
    found = lint(file, authority)
    assert found.findings == ()
    assert found.not_after is not None
    assert (found.not_after - NOW).days in (59, 60)


def test_an_intermediate_that_has_run_out_is_named(authority: Authority, tmp_path: Path) -> None:
    file = chained(authority, authority.intermediate(tmp_path / "below", "Below", ends=-DAY))
    found = lint(file, authority)
    assert [finding.flaw for finding in found.findings] == [Flaw.EXPIRED]
    assert found.words.startswith("certificate 2 of the chain: expired on ")


def test_an_intermediate_that_is_not_sent_is_named(authority: Authority, tmp_path: Path) -> None:
    below = authority.intermediate(tmp_path / "below", "Below", ends=60 * DAY)
    pair = below.issue(DOMAIN, sans=(DOMAIN,), ends=90 * DAY)
    found = lint(pair.certificate, authority)
    assert [finding.flaw for finding in found.findings] == [Flaw.ISSUER_MISSING]
    assert found.words == "its issuer is neither in the file nor trusted: CN=Below"
    assert flaws(pair.certificate, below) == []


def test_the_files_of_certbot_are_sound(authority: Authority, tmp_path: Path) -> None:
    below = authority.intermediate(tmp_path / "below", "Below", ends=60 * DAY)
    pair = below.issue(DOMAIN, sans=(DOMAIN,), ends=90 * DAY)
    folder = tmp_path / "live" / f"{DOMAIN}-0001"
    folder.mkdir(parents=True)
    own, issuer = pair.certificate.read_bytes(), below.ca_file.read_bytes()
    for name, data in (("cert", own), ("chain", issuer), ("fullchain", own + issuer)):
        (folder / f"{name}.pem").write_bytes(data)
    (folder / "privkey.pem").write_bytes(pair.key.read_bytes())
    for name, is_issuer in (("cert", False), ("chain", True), ("fullchain", False)):
        found = lint_file(
            folder / f"{name}.pem",
            at=NOW,
            issuers=read_issuers(authority.ca_file) + read_issuers(below.ca_file),
        )
        assert found is not None
        assert (found.findings, found.domain, found.is_issuer) == ((), DOMAIN, is_issuer), name
    assert lint_file(folder / "privkey.pem", at=NOW) is None


def test_a_self_signed_server_is_no_issuer_though_it_says_so(authority: Authority) -> None:
    """`openssl req -x509` makes an authority of every server."""
    pair = BAD["SHA-1"][0](authority, DOMAIN)
    assert Flaw.SELF_SIGNED in flaws(pair.certificate, authority)
    pair.key.write_bytes(authority.issue("other").key.read_bytes())
    assert Flaw.KEY_MISMATCH in flaws(pair.certificate, authority)


def test_old_roots_and_long_bundles_of_them_are_sound(authority: Authority) -> None:
    pair = BAD["SHA-1"][0](authority, DOMAIN)
    assert Flaw.WEAK_SIGNATURE in flaws(pair.certificate, authority)
    root = pair.certificate.with_name("roots.pem")
    root.write_bytes(pair.certificate.read_bytes() * 30)
    found = lint(root, authority)
    assert (found.is_issuer, found.findings) == (True, ())


@pytest.mark.parametrize(
    "label",
    ["PRIVATE KEY", "EC PRIVATE KEY", "DH PARAMETERS", "X509 CRL", "CERTIFICATE REQUEST", "PUBLIC KEY"],
)
def test_files_of_other_things_are_passed_over(tmp_path: Path, label: str) -> None:
    (tmp_path / "other.pem").write_text(f"-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n")
    assert lint_file(tmp_path / "other.pem", at=NOW) is None


def test_der_in_the_place_of_pem_is_named(authority: Authority) -> None:
    pair = authority.issue(DOMAIN, sans=(DOMAIN,), ends=90 * DAY)
    pair.certificate.write_bytes(pair.der)
    assert "holds DER, not PEM" in lint(pair.certificate, authority).words


def test_a_key_without_end_is_not_read(authority: Authority) -> None:
    pair = authority.issue(DOMAIN, sans=(DOMAIN,), ends=90 * DAY)
    os.truncate(pair.key, 10**12)
    began = time.monotonic()
    assert "its key is larger than" in lint(pair.certificate, authority).words
    assert time.monotonic() - began < 1


def test_keys_are_not_looked_for_where_they_are_kept_elsewhere(authority: Authority) -> None:
    pair = authority.issue(DOMAIN, sans=(DOMAIN,), ends=90 * DAY)
    pair.key.unlink()
    assert flaws(pair.certificate, authority) == [Flaw.KEY_MISSING]
    without = lint_file(pair.certificate, at=NOW, issuers=read_issuers(authority.ca_file), keys=False)
    assert without is not None
    assert without.findings == ()


@pytest.mark.parametrize(
    ("path", "domain"),
    [
        ("blf.example.pem", "blf.example"),
        ("BLF.Example.crt", "blf.example"),
        ("blf.example.fullchain.pem", "blf.example"),
        ("live/blf.example-0001/cert.pem", "blf.example"),
        ("live/xn--bcher-kva.example/cert.pem", "xn--bcher-kva.example"),
        ("kamailio/server.pem", ""),
        ("server-v1.2.pem", ""),
        ("203.0.113.5.pem", ""),
        ("a..b.pem", ""),
        ("x" * 64 + ".example.pem", ""),
    ],
    ids=range(10),
)
def test_a_file_is_for_the_domain_that_it_is_called_after(path: str, domain: str) -> None:
    assert domain_of(Path("/etc") / path) == domain


@pytest.mark.parametrize(
    "name", ["a..b", "*.example", "x" * 300, "-", "a\0b.example", ".example"], ids=range(6)
)
def test_a_name_that_is_no_domain_is_nobody_s(authority: Authority, name: str) -> None:
    pair = authority.issue("one", sans=(name,), ends=90 * DAY)
    found = lint(pair.certificate, authority)
    assert (found.domain, found.findings) == ("", ())


def test_an_rsa_key_of_2048_bits_is_fine(authority: Authority) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pair = authority.issue(DOMAIN, sans=(DOMAIN,), ends=90 * DAY, key=key)
    assert flaws(pair.certificate, authority) == []


@pytest.mark.parametrize(
    ("days", "expected"),
    [(31, None), (30, 30), (15, 30), (14, 14), (8, 14), (7, 7), (3, 3), (2, 3), (1, 1), (0, 1)],
)
def test_the_ladder_has_a_rung_for_thirty_fourteen_seven_three_and_one_day(
    days: int, expected: int | None
) -> None:
    assert LADDER == (30, 14, 7, 3, 1)
    assert rung(timedelta(days=days)) == expected


def test_a_certificate_on_the_ladder_says_when_it_runs_out(authority: Authority) -> None:
    for ends, words in (
        (4 * DAY + DAY / 2, "runs out in 4 days"),
        (DAY * 1.5, "runs out tomorrow"),
        (DAY / 2, "in less than a day"),
    ):
        pair = authority.issue(DOMAIN, sans=(DOMAIN,), ends=ends)
        found = lint_file(pair.certificate, at=datetime.now(UTC), issuers=read_issuers(authority.ca_file))
        assert found is not None
        assert words in found.words
        assert not found.is_bad
