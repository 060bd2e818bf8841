"""A batch of webhooks in one event loop: signed, guarded, never following a redirect (Standard Webhooks 1.0.0)."""

import asyncio
import json
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from standardwebhooks import Webhook

from incidents.channels.addresses import webhook_url
from incidents.channels.guard import Networks, guarded_socket
from incidents.channels.messages import Answer, Notice, Recipient, Verdict

DEADLINE_SECONDS = 10.0
IN_FLIGHT = 100
"""Requests at once. A batch of 500 that all hang takes 50 s, which a lease must outlast."""
LOOKUPS = 64
"""Names looked up at once: each takes a thread, and one dead name server must not hold up the rest."""
KEPT_BYTES = 1000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def post_all(
    notice: Notice,
    recipients: Sequence[Recipient],
    *,
    allowed: Networks,
    deadline: float = DEADLINE_SECONDS,
) -> list[Answer]:
    """Post to every recipient, each within its own deadline in seconds, and say what became of it."""
    return asyncio.run(_post_all(notice, recipients, allowed, deadline))


async def _post_all(
    notice: Notice, recipients: Sequence[Recipient], allowed: Networks, deadline: float
) -> list[Answer]:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(LOOKUPS))
    payload = json.dumps(notice.payload, separators=(",", ":"))
    room = asyncio.Semaphore(IN_FLIGHT)
    connector = TCPConnector(limit=0, socket_factory=guarded_socket(allowed))
    async with ClientSession(
        connector=connector,
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        timeout=ClientTimeout(total=deadline),
        headers={"User-Agent": "Dialtone-Webhooks/1", "Accept-Encoding": "identity"},
    ) as session:

        async def one(recipient: Recipient) -> Answer:
            async with room:
                return await _post(session, recipient, body_for(notice, recipient, payload), allowed)

        return await asyncio.gather(*(one(recipient) for recipient in recipients))


def body_for(notice: Notice, recipient: Recipient, payload: str) -> str:
    """The bytes that are signed and sent: the payload, which is the same for all, led by the recipient's `meta`."""
    meta = {
        "unsubscribe": recipient.leave_url,
        "documentation": f"{notice.page_url}/help/notifications/",
        "generated_at": notice.generated_at,
    }
    return f'{{"meta":{json.dumps(meta, separators=(",", ":"))},{payload[1:]}'


async def _post(session: ClientSession, recipient: Recipient, body: str, allowed: Networks) -> Answer:
    try:
        url = webhook_url(recipient.address, allowed=allowed)
    except ValueError as error:
        return Answer(recipient.key, Verdict.REFUSED, str(error))
    try:
        headers = _signed(recipient, body)
        async with session.post(url, data=body.encode(), headers=headers, allow_redirects=False) as response:
            return _judge(recipient, response, await _start_of(response))
    except TimeoutError:
        return Answer(recipient.key, Verdict.RETRY, "no answer in time")
    except Exception as error:  # noqa: BLE001  (one endpoint's surprise must not cost the others their answers)
        return Answer(recipient.key, Verdict.RETRY, _plain(f"{type(error).__name__}: {error}"))


def _signed(recipient: Recipient, body: str) -> dict[str, str]:
    attempted = datetime.now(UTC)
    return {
        "Content-Type": "application/json",
        "webhook-id": recipient.key,
        "webhook-timestamp": str(int(attempted.timestamp())),
        "webhook-signature": Webhook(recipient.secret).sign(recipient.key, attempted, body),
    }


async def _start_of(response: ClientResponse) -> str:
    """The first bytes of the answer. Its status is known by now, so a body that drips changes nothing."""
    try:
        return _plain((await response.content.read(KEPT_BYTES)).decode("utf-8", "replace"))
    except (ClientError, OSError, TimeoutError):
        return ""


def _judge(recipient: Recipient, response: ClientResponse, text: str) -> Answer:
    detail = _plain(f"{response.status} {response.reason or ''} {text}")
    if HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
        return Answer(recipient.key, Verdict.SENT, detail)
    if response.status == HTTPStatus.GONE:
        return Answer(recipient.key, Verdict.REFUSED, detail)
    return Answer(recipient.key, Verdict.RETRY, detail, _retry_after(response.headers.get("Retry-After", "")))


def _retry_after(value: str) -> float | None:
    """Seconds, from a number or a date; anything else counts as nothing (RFC 9110 section 10.2.3)."""
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _plain(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()[:1000]
