"""The registrar of the responder: one account, by digest, without a memory (RFC 3261 section 10.3).

It forgets a contact as soon as it has named it, which is all that a registration probe can see. A nonce is good for a
few minutes and for whoever asks, since it is made of the time and a key of this process.
"""

import hmac
import os
import secrets
import time
from pathlib import Path

from incidents.sip.digest import Challenge, Credentials, read_answer
from incidents.sip.errors import MalformedMessage
from incidents.sip.message import Request, Response
from incidents.sip.resolution import Endpoint

USER = "probe"
REALM = "responder"
NONCE_SECONDS = 300
_KEPT_IN = "sip-password"
_KEY = secrets.token_bytes(16)


def ensure_password(directory: Path) -> str:
    """The account's password, made at the first call and kept in `directory` for this user's eyes alone.

    Raises:
        OSError: the directory cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / _KEPT_IN
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(handle, "w") as opened:
        opened.write(password := secrets.token_urlsafe(12))
    return password


class Registrar:
    """Says who may register."""

    def __init__(self, password: str) -> None:
        self._credentials = Credentials(USER, password)

    def answer(
        self, request: Request, source: Endpoint, *, tag: str, extra: list[tuple[str, str]]
    ) -> Response:
        """Challenge, refuse or accept a REGISTER."""
        if not self._proves(request):
            digest = (
                f'Digest realm="{REALM}", nonce="{_nonce(int(time.time()))}", algorithm=SHA-256, qop="auth"'
            )
            challenge = [("WWW-Authenticate", digest), *extra]
            return request.answer(401, "Unauthorized", source=source, tag=tag, extra=challenge)
        leaves = request.headers.first("Expires") == "0"
        contacts = (
            [] if leaves else [("Contact", f"{each};expires=60") for each in request.headers.all("Contact")]
        )
        return request.answer(200, "OK", source=source, tag=tag, extra=[*contacts, *extra])

    def _proves(self, request: Request) -> bool:
        try:
            given = read_answer(request.headers.first("Authorization"))
            made = int(given["nonce"].partition("-")[0])
            if abs(time.time() - made) > NONCE_SECONDS or given["nonce"] != _nonce(made):
                return False
            challenge = Challenge(REALM, given["nonce"], "SHA-256", "auth", None, stale=False)
            expected = self._credentials.answer(
                challenge,
                method=request.method,
                uri=request.uri,
                count=int(given["nc"], 16),
                cnonce=given["cnonce"],
            )
        except (MalformedMessage, KeyError, ValueError):
            return False
        return given["username"] == USER and hmac.compare_digest(
            given["response"].encode(), read_answer(expected)["response"].encode()
        )


def _nonce(made: int) -> str:
    return f"{made}-{hmac.digest(_KEY, str(made).encode(), 'sha256').hex()[:32]}"
