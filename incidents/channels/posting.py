"""HTTP for every channel that posts: guarded, never following a redirect, slow endpoints beside the others' way.

One event loop serves all batches of a relay, so that connections are used again. An endpoint that takes longer than
PATIENCE leaves its place to the next one, up to SLOW_ROOM of them.
"""

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Self
from urllib.parse import quote, unquote, urlsplit

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

from incidents.channels.addresses import checked_url
from incidents.channels.guard import Networks, guarded_socket
from incidents.channels.lookups import FewAddresses
from incidents.channels.messages import Answer, Notice, Pack, Recipient, Verdict

DEADLINE_SECONDS = 10.0
IN_FLIGHT = 100
"""Requests at once that are within their PATIENCE."""
PATIENCE_SECONDS = 0.25
SLOW_ROOM = 600
"""Requests beyond their patience; each holds a socket until its deadline. A lease must outlast them and the queue."""
LOOKUPS = 64
"""Names looked up at once: each takes a thread, and one dead name server must not hold up the rest."""
KEPT_BYTES = 1000
TELLING_CHARS = 6
"""A part of a URL that is shorter is a word such as `hooks`, and no secret."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


class Poster:
    """A sender over HTTP; `pack` is what one channel differs by from another, and the answers by which its endpoints
    say that they are `gone`, beside 410.

    It works in the caller's thread while that waits, or is asked to `work` for a moment: a thread of its own would cost
    as much again in taking turns.
    """

    def __init__(
        self,
        answer: Callable[[Answer], None],
        pack: Pack,
        *,
        allowed: Networks,
        deadline: float = DEADLINE_SECONDS,
        gone: Collection[str] = (),
    ) -> None:
        self._answer, self._pack = answer, pack
        self._allowed, self._deadline, self._gone = allowed, deadline, gone
        self._loop = asyncio.new_event_loop()
        self._queue: deque[tuple[Notice, Recipient]] = deque()
        self._changed = asyncio.Event()
        self._at_work: dict[object, float] = {}
        self._held_up: set[object] = set()
        self._enough, self._ending = 0, False

    def __enter__(self) -> Self:
        """Begin."""
        self._serving = self._loop.create_task(self._serve())
        return self

    def __exit__(self, *why: object) -> None:
        """Wait until every recipient has its answer."""
        self._ending = True
        self._changed.set()
        try:
            self._loop.run_until_complete(self._serving)
        finally:
            self._loop.close()  # without waiting for look-ups that nobody waits for any more

    def send(self, notice: Notice, recipients: Sequence[Recipient]) -> None:
        """Queue a batch."""
        self._queue.extend((notice, recipient) for recipient in recipients)
        self._changed.set()

    def work(self, seconds: float, *, enough: int) -> None:
        """Post for so long, or until there are so many answers, or nothing is left to post."""
        self._enough = enough
        timer = self._loop.call_later(seconds, self._loop.stop)
        self._loop.run_forever()
        timer.cancel()
        self._enough = 0
        if self._serving.done():
            self._serving.result()

    async def _serve(self) -> None:
        """As many hands as there is work and room for, until the end is near and nothing is left."""
        self._loop.set_default_executor(ThreadPoolExecutor(LOOKUPS))
        session = ClientSession(
            connector=TCPConnector(
                limit=0, resolver=FewAddresses(), socket_factory=guarded_socket(self._allowed)
            ),
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=ClientTimeout(total=self._deadline),
            headers={"User-Agent": "Dialtone-Webhooks/1", "Accept-Encoding": "identity"},
        )
        async with session, asyncio.TaskGroup() as group:
            watch = group.create_task(self._watch())
            while self._queue or self._at_work or self._held_up or not self._ending:
                self._changed.clear()
                while self._queue and len(self._at_work) < IN_FLIGHT and len(self._held_up) < SLOW_ROOM:
                    hand = object()
                    self._at_work[hand] = self._loop.time()
                    group.create_task(self._work(session, hand))
                await self._changed.wait()
            watch.cancel()

    async def _work(self, session: ClientSession, hand: object) -> None:
        """One recipient after another, until one of them is slow or nothing is left."""
        while self._queue and hand in self._at_work:
            notice, recipient = self._queue.popleft()
            self._at_work[hand] = self._loop.time()
            self._answer(await self._post(session, notice, recipient))
            if self._enough:
                self._enough -= 1
                if not self._enough or not (self._queue or len(self._at_work) > 1 or self._held_up):
                    self._loop.stop()
        self._at_work.pop(hand, None)
        self._held_up.discard(hand)
        self._changed.set()

    async def _watch(self) -> None:
        """A hand that is held up for long is no longer counted: another may be hired in its place."""
        while True:
            await asyncio.sleep(PATIENCE_SECONDS / 4)
            late = self._loop.time() - PATIENCE_SECONDS
            for hand in [hand for hand, since in self._at_work.items() if since < late]:
                del self._at_work[hand]
                self._held_up.add(hand)
                self._changed.set()

    async def _post(self, session: ClientSession, notice: Notice, recipient: Recipient) -> Answer:
        began = time.monotonic()
        try:
            url = checked_url(recipient.address, allowed=self._allowed)
        except ValueError as error:
            return Answer(recipient.key, Verdict.REFUSED, str(error), is_theirs=True)
        try:
            parcel = self._pack(notice, recipient)
            async with session.post(
                url, data=parcel.body, headers=parcel.headers, allow_redirects=False
            ) as response:
                text = await _start_of(response)
                is_gone = response.status == HTTPStatus.GONE or text in self._gone
                return _judge(recipient, response, text, is_gone=is_gone, took=time.monotonic() - began)
        except Exception as error:  # noqa: BLE001  (one endpoint's surprise must not cost the others their answers)
            words = (
                "no answer in time" if isinstance(error, TimeoutError) else f"{type(error).__name__}: {error}"
            )
            took = time.monotonic() - began
            detail = without_url(_plain(words), recipient.address)
            return Answer(recipient.key, Verdict.RETRY, detail, took=took, is_theirs=True)


async def _start_of(response: ClientResponse) -> str:
    """The first bytes of the answer. Its status is known by now, so a body that drips changes nothing."""
    try:
        return _plain((await response.content.read(KEPT_BYTES)).decode("utf-8", "replace"))
    except (ClientError, OSError, TimeoutError):
        return ""


def _judge(
    recipient: Recipient, response: ClientResponse, text: str, *, is_gone: bool, took: float
) -> Answer:
    verdict, wait = Verdict.SENT, None
    if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
        verdict = Verdict.REFUSED if is_gone else Verdict.RETRY
        wait = _retry_after(response.headers.get("Retry-After", ""))
    detail = _plain(f"{response.status} {response.reason or ''} {text}")
    is_silent = verdict == Verdict.SENT and not text  # the usual answer, which is worth no search
    return Answer(
        recipient.key,
        verdict,
        detail if is_silent else without_url(detail, recipient.address),
        wait,
        code=response.status,
        took=took,
        is_theirs=True,
        is_gone=is_gone and verdict == Verdict.REFUSED,
    )


def _retry_after(value: str) -> float | None:
    """Seconds, from a number or a date; anything else counts as nothing (RFC 9110 section 10.2.3)."""
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def without_url(text: str, url: str) -> str:
    """An answer without what makes the URL a secret: many servers quote the path that they were asked for."""
    parts = urlsplit(url)
    segments = [
        each for each in re.split(r"[/&=]", f"{parts.path}&{parts.query}") if len(each) >= TELLING_CHARS
    ]
    found = [url, f"{parts.path}?{parts.query}" if parts.query else "", parts.path.strip("/"), *segments]
    for each in sorted({word for raw in found for word in (raw, unquote(raw), quote(raw, safe=""))}, key=len)[
        ::-1
    ]:
        if len(each) >= TELLING_CHARS:
            text = text.replace(each, "…")
    return text


def _plain(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()[:1000]
