"""What a request gets that is answered before Django: plain words, as JSON below `/v1/`, where scripts read it."""

import json
from http import HTTPStatus
from typing import NamedTuple

from incidents.domain.body_limits import Sender
from incidents.web.answers import Headers

RETRY_SECONDS = 2
BUSY_WORDS = "The server is busy. Try again in a moment; the status page stays available."


class Refusal(NamedTuple):
    """A status of 400 or more, and a sentence that says what to do about it."""

    status: int
    words: str


BUSY = Refusal(HTTPStatus.SERVICE_UNAVAILABLE, BUSY_WORDS)
NO_DATABASE = Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The database cannot be reached. Try again in a moment, with the same Idempotency-Key if you sent one: a change "
    "whose answer was lost is then not made twice. The status page stays available.",
)
TOO_SLOW = Refusal(
    HTTPStatus.REQUEST_TIMEOUT, "The body did not arrive in time. Send it again over a faster connection."
)
TORN = Refusal(HTTPStatus.BAD_REQUEST, "The body is not whole. Send it again.")
AMBIGUOUS = Refusal(
    HTTPStatus.BAD_REQUEST, "Send Content-Length or Transfer-Encoding: chunked, once, and not both."
)
UNKNOWN_SENDER = Refusal(
    HTTPStatus.UNAUTHORIZED,
    "Files are taken from signed-in staff and with a valid API key. Sign in, or check the key, and send it again.",
)
NOT_ALLOWED = Refusal(
    HTTPStatus.FORBIDDEN,
    "Files are taken from staff whose role allows it and with an API key that has the scope rfo or admin.",
)
NOWHERE = Refusal(HTTPStatus.NOT_FOUND, "There is no such page or RFO for this key.")
_OF_SENDERS = {
    Sender.UNKNOWN: UNKNOWN_SENDER,
    Sender.NOT_ALLOWED: NOT_ALLOWED,
    Sender.NOWHERE: NOWHERE,
}
BROKEN = Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side. Try again in a moment.")


def refusal_of_sender(sender: Sender) -> Refusal | None:
    """The refusal for a caller who may send no file; None for one who may."""
    return _OF_SENDERS.get(sender)


def too_large(limit: int) -> Refusal:
    """The body is longer than `limit` bytes."""
    words = f"The body is longer than {limit:,} bytes, the most that is taken here."
    return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words)


def answer_of(refusal: Refusal, path: str, *, closes: bool) -> tuple[int, Headers, bytes]:
    """The response; with `closes` the connection ends with it, since what is left of the body is not read."""
    if path.startswith("/v1/"):
        media_type, body = "application/json", json.dumps({"error": refusal.words}).encode()
    else:
        media_type, body = "text/plain; charset=utf-8", f"{refusal.words}\n".encode()
    headers = [
        ("Content-Type", media_type),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if refusal.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append(("Retry-After", str(RETRY_SECONDS)))
    if closes:
        headers.append(("Connection", "close"))
    return int(refusal.status), headers, body
