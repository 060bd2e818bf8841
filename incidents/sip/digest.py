"""Digest access authentication as SIP uses it (RFC 3261 section 22, RFC 7616, RFC 8760)."""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from incidents.sip.errors import MalformedMessage, SipFailure
from incidents.sip.grammar import TOKEN, split, unquote
from incidents.sip.headers import Headers

MAX_CHALLENGES = 16
MAX_VALUE = 4096

# The strongest first. A "-sess" form binds the key to the first nonce.
_HASHES: Mapping[str, Callable[[bytes], "hashlib._Hash"]] = MappingProxyType(
    {
        "SHA-512-256": lambda data: hashlib.new("sha512_256", data),
        "SHA-256": hashlib.sha256,
        "MD5": lambda data: hashlib.md5(data, usedforsecurity=False),
    }
)
_STRENGTH = MappingProxyType({name: index for index, name in enumerate(_HASHES)})


class NoUsableChallenge(SipFailure):
    """The server asks for a proof that we cannot give: another scheme, algorithm or quality of protection."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """One Digest challenge. `qop` is the quality of protection to answer with, empty in the manner of RFC 2069."""

    realm: str
    nonce: str
    algorithm: str
    qop: str
    opaque: str | None
    stale: bool

    @property
    def hash_name(self) -> str:
        """The algorithm without its `-sess`."""
        return self.algorithm.removesuffix("-sess")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Whom to sign in as; the password is shown nowhere."""

    username: str
    password: str = field(repr=False)

    def answer(
        self,
        challenge: Challenge,
        *,
        method: str,
        uri: str,
        count: int = 1,
        cnonce: str = "",
    ) -> str:
        """The value of Authorization or Proxy-Authorization for a request of `method` to `uri`.

        `count` is how often this nonce has been used, from 1; a `cnonce` is only given to check test vectors.
        """
        cnonce = cnonce or secrets.token_hex(8)
        nc = f"{count:08x}"
        key = _hashed(challenge, f"{self.username}:{challenge.realm}:{self.password}")
        if challenge.algorithm.endswith("-sess"):
            key = _hashed(challenge, f"{key}:{challenge.nonce}:{cnonce}")
        asked = _hashed(challenge, f"{method}:{uri}")
        middle = f"{nc}:{cnonce}:{challenge.qop}:" if challenge.qop else ""
        response = _hashed(challenge, f"{key}:{challenge.nonce}:{middle}{asked}")
        parts = [
            ("username", _quoted(self.username)),
            ("realm", _quoted(challenge.realm)),
            ("nonce", _quoted(challenge.nonce)),
            ("uri", _quoted(uri)),
            ("response", _quoted(response)),
            ("algorithm", challenge.algorithm),
        ]
        if challenge.opaque is not None:
            parts.append(("opaque", _quoted(challenge.opaque)))
        if challenge.qop:
            parts += [("qop", challenge.qop), ("cnonce", _quoted(cnonce)), ("nc", nc)]
        elif challenge.algorithm.endswith("-sess"):
            parts.append(("cnonce", _quoted(cnonce)))
        return "Digest " + ", ".join(f"{name}={value}" for name, value in parts)


def choose(headers: Headers, name: str) -> Challenge:
    """The strongest challenge of all the `name` fields (WWW-Authenticate or Proxy-Authenticate) that we can answer.

    Raises:
        MalformedMessage: a challenge is malformed, or there is none.
        NoUsableChallenge: none of them is one of ours.
    """
    found = list(_challenges(headers.all(name)))
    if not found:
        raise MalformedMessage(f"no {name} header")
    usable = [challenge for scheme, values in found if (challenge := _read(scheme, values))]
    if not usable:
        asked = ", ".join(f"{scheme} {values.get('algorithm', '')}".strip() for scheme, values in found[:3])
        raise NoUsableChallenge(f"no challenge that we can answer ({asked})")
    return min(usable, key=lambda challenge: _STRENGTH[challenge.hash_name])


def read_answer(text: str) -> Mapping[str, str]:
    """The parameters of an Authorization header, for whoever challenges.

    Raises:
        MalformedMessage: it is no Digest answer.
    """
    for scheme, values in _challenges([text]):
        if scheme.lower() == "digest":
            return values
    raise MalformedMessage("no Digest answer")


def _challenges(fields: Iterable[str]) -> Iterable[tuple[str, dict[str, str]]]:
    """Each challenge as its scheme and parameters; a field may hold several (RFC 9110 section 11.6.1)."""
    number = 0
    for text in fields:
        scheme, values = "", dict[str, str]()
        for piece in filter(None, split(text, ",")):
            first, blank, rest = piece.partition(" ")
            begins = bool(blank and TOKEN.fullmatch(first) and not rest.lstrip().startswith("="))
            if begins:
                if scheme:
                    yield scheme, values
                number += 1
                if number > MAX_CHALLENGES:
                    raise MalformedMessage(f"more than {MAX_CHALLENGES} challenges")
                scheme, values = first, {}
            name, value = _parameter(rest if begins else piece)
            if not scheme or name in values:
                raise MalformedMessage("malformed challenge")
            values[name] = value
        if scheme:
            yield scheme, values


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = (part.strip(" \t") for part in text.partition("="))
    if not equals or not TOKEN.fullmatch(name) or len(value) > MAX_VALUE:
        raise MalformedMessage("malformed challenge")
    return name.lower(), unquote(value)


def _read(scheme: str, values: Mapping[str, str]) -> Challenge | None:
    """The challenge, or None where we cannot answer it."""
    if scheme.lower() != "digest":
        return None
    if "realm" not in values or "nonce" not in values:
        raise MalformedMessage("a challenge without realm or nonce")
    name, sess, rest = values.get("algorithm", "MD5").partition("-sess")
    algorithm = name.upper()
    offered = [each.strip().lower() for each in values.get("qop", "").split(",") if each.strip()]
    if algorithm not in _HASHES or rest or (offered and "auth" not in offered):
        return None
    return Challenge(
        realm=values["realm"],
        nonce=values["nonce"],
        algorithm=algorithm + sess,
        qop="auth" if offered else "",
        opaque=values.get("opaque"),
        stale=values.get("stale", "").lower() == "true",
    )


def _hashed(challenge: Challenge, text: str) -> str:
    return _HASHES[challenge.hash_name](text.encode()).hexdigest()


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
