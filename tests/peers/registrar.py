"""A registrar of our own on loopback, honest unless a test makes it do one thing wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from incidents.sip.digest import Challenge, Credentials
from incidents.sip.grammar import split
from incidents.sip.message import Request
from tests.peers.faults import ok

Extra = Sequence[tuple[str, str]]


@dataclass
class Registrar:
    """Its `reply` goes into `udp_peer` or, made into bytes, into `saying`. It keeps what it was told."""

    password: str = "s3cret"
    algorithm: str = "MD5"
    code: int = 401
    fresh_nonces: int = 0
    """So many nonces are void when they come back, as if they had run out."""
    says_stale: bool = False
    spare: Sequence[str] = ()
    """Challenges that are sent before our own."""
    override: Callable[[Request, int], list[bytes] | None] = lambda *_: None
    bindings: dict[str, int] = field(default_factory=dict)
    seen: list[Request] = field(default_factory=list)
    nonces: int = 0

    def reply(self, request: Request, count: int = 0) -> list[bytes]:
        """What an honest registrar says (RFC 3261 section 10.3)."""
        del count
        self.seen.append(request)
        own = self.override(request, len(self.seen))
        if own is not None:
            return own
        header = "Authorization" if self.code == 401 else "Proxy-Authorization"
        if not self._proves(request, request.headers.first(header)):
            return [self.challenge(request)]
        return [self.accept(request)]

    def challenge(self, request: Request) -> bytes:
        """Ask for a proof."""
        self.nonces += 1
        stale = ", stale=true" if self.says_stale and self.nonces > 1 else ""
        own = f'Digest realm="r", nonce="{self.nonces}", algorithm={self.algorithm}, qop="auth"{stale}'
        name = "WWW-Authenticate" if self.code == 401 else "Proxy-Authenticate"
        fields = [(name, text) for text in (*self.spare, own)]
        return ok(request, code=self.code, reason="Unauthorized", extra=fields)

    def accept(self, request: Request) -> bytes:
        """Do as asked, and list what is bound."""
        contact, expires = request.headers.only("Contact"), int(request.headers.only("Expires"))
        self.bindings.pop(contact, None)
        if expires:
            self.bindings[contact] = expires
        return ok(
            request, extra=[("Contact", f"{who};expires={left}") for who, left in self.bindings.items()]
        )

    def _proves(self, request: Request, text: str) -> bool:
        values = dict(piece.split("=", 1) for piece in split(text.removeprefix("Digest "), ",") if piece)
        given = {name: value.strip('"') for name, value in values.items()}
        number = int(given.get("nonce", "0"))
        if not number or number <= self.fresh_nonces:
            return False
        challenge = Challenge(given["realm"], given["nonce"], self.algorithm, "auth", None, stale=False)
        expected = Credentials(given["username"], self.password).answer(
            challenge,
            method="REGISTER",
            uri=request.uri,
            count=int(given["nc"], 16),
            cnonce=given["cnonce"],
        )
        return f'response="{given["response"]}"' in expected
