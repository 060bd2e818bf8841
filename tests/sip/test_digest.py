"""Digest: the vectors of RFC 7616 and 2617, several challenges, and challenges that are none."""

import pytest

from incidents.sip.digest import Challenge, Credentials, NoUsableChallenge, choose
from incidents.sip.errors import MalformedMessage
from incidents.sip.grammar import split
from incidents.sip.headers import Headers

MUFASA = Credentials("Mufasa", "Circle of Life")
NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def challenge(
    algorithm: str, *, nonce: str = NONCE, qop: str = "auth", realm: str = "http-auth@example.org"
) -> Challenge:
    return Challenge(realm, nonce, algorithm, qop, None, stale=False)


def chosen(*fields: str, name: str = "WWW-Authenticate") -> Challenge:
    return choose(Headers([(name, field) for field in fields]), name)


def part(header: str, name: str) -> str:
    values = dict(piece.split("=", 1) for piece in split(header.removeprefix("Digest "), ","))
    return values[name].strip('"')


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_vectors_of_rfc_7616(algorithm: str, response: str) -> None:
    answer = MUFASA.answer(challenge(algorithm), method="GET", uri="/dir/index.html", cnonce=CNONCE)
    assert part(answer, "response") == response
    assert (part(answer, "nc"), part(answer, "qop"), part(answer, "cnonce")) == ("00000001", "auth", CNONCE)


def test_the_vector_of_rfc_2617() -> None:
    old = challenge("MD5", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", realm="testrealm@host.com")
    answer = Credentials("Mufasa", "Circle Of Life").answer(
        old, method="GET", uri="/dir/index.html", cnonce="0a4f113b"
    )
    assert part(answer, "response") == "6629fae49393a05397450978507c4ef1"


def test_without_qop_the_answer_is_that_of_rfc_2069() -> None:
    answer = MUFASA.answer(challenge("MD5", qop=""), method="REGISTER", uri="sip:example.org")
    assert "qop" not in answer
    assert "cnonce" not in answer


def test_sha_512_256_and_session_keys_are_answered() -> None:
    assert (
        len(part(MUFASA.answer(challenge("SHA-512-256"), method="REGISTER", uri="sip:a"), "response")) == 64
    )
    plain = MUFASA.answer(challenge("MD5"), method="REGISTER", uri="sip:a", cnonce="c")
    bound = MUFASA.answer(challenge("MD5-sess"), method="REGISTER", uri="sip:a", cnonce="c")
    assert part(plain, "response") != part(bound, "response")


def test_the_strongest_of_several_challenges_is_taken_whether_in_one_field_or_several() -> None:
    md5 = 'Digest realm="a, b", nonce="1", algorithm=MD5, qop="auth,auth-int"'
    sha = 'Digest realm="a, b", nonce="2", algorithm=SHA-256, qop="auth", opaque=""'
    odd = 'Digest realm="a, b", nonce="3", algorithm=SHA3-512'
    for fields in (
        (md5, sha, odd),
        (odd, sha, md5),
        (f"{md5}, {sha}, {odd}",),
        (f'Basic realm="x", {md5}', sha),
    ):
        found = chosen(*fields)
        assert (found.algorithm, found.nonce, found.realm, found.opaque) == ("SHA-256", "2", "a, b", "")


def test_stale_and_opaque_are_read_and_opaque_is_sent_back() -> None:
    found = chosen('Digest realm="r",nonce="n",stale=TRUE,opaque="5ccc\\"09"', name="Proxy-Authenticate")
    assert (found.stale, found.algorithm, found.qop, found.opaque) == (True, "MD5", "", '5ccc"09')
    assert 'opaque="5ccc\\"09"' in MUFASA.answer(found, method="REGISTER", uri="sip:a")


@pytest.mark.parametrize(
    "field",
    [
        'Basic realm="x"',
        'Digest realm="r", nonce="n", algorithm=AKAv1-MD5',
        'Digest realm="r", nonce="n", qop="auth-int"',
    ],
)
def test_what_we_cannot_answer_says_so(field: str) -> None:
    with pytest.raises(NoUsableChallenge, match="no challenge that we can answer"):
        chosen(field)


@pytest.mark.parametrize(
    "fields",
    [
        (),
        ("",),
        ("Digest",),
        ('Digest realm="r"',),
        ('Digest nonce="n"',),
        ('Digest realm="r", nonce="n", nonce="m"',),
        ('Digest realm="r, nonce="n"',),
        ('realm="r", nonce="n"',),
        (f'Digest realm="{"r" * 5000}", nonce="n"',),
        ('Digest realm="r", nonce="n"',) * 17,
        ("Digest " + ",".join(f"a{n}={n}" for n in range(500)),),
    ],
    ids=range(11),
)
def test_a_challenge_that_is_none_is_malformed(fields: tuple[str, ...]) -> None:
    with pytest.raises(MalformedMessage):
        chosen(*fields)


def test_a_password_is_never_shown() -> None:
    assert "Circle" not in repr(MUFASA)
    assert "Circle" not in MUFASA.answer(challenge("MD5"), method="REGISTER", uri="sip:a")


def test_quotes_in_a_name_are_escaped() -> None:
    answer = Credentials('a"b\\c', "p").answer(challenge("MD5"), method="REGISTER", uri="sip:a")
    assert 'username="a\\"b\\\\c"' in answer
