"""Giving an answer to granian, which sends it by itself: no thread of ours waits for whoever reads slowly.

What waits is memory: an answer is held until it has been read. Small ones are bounded by the number of connections, big
ones are counted here; a reader who stops reading is cut off by the kernel (`sockets`).
"""

import asyncio
import logging
from collections import Counter
from typing import Any

from incidents.web.front import Reply
from incidents.web.refusals import BUSY, Refusal, answer_of
from incidents.web.wsgi_bridge import Response

BIG_ANSWER = 64 * 1024
MAX_UNREAD = 64 * 1024 * 1024
MAX_UNREAD_PER_NETWORK = 16 * 1024 * 1024
"""Bytes of big answers that may be on their way at a time."""
MAX_UNREAD_SECONDS = 120.0
KEPT_OPEN_SECONDS = 30.0
"""A temporary file stays open so long after granian was told of it, which opens it again and then needs us no more."""
TOLD_SECONDS = 60.0
"""Refusals are logged with the first, and then in one line for all of so long a time."""
_CLOSE = ("Connection", "close")

log = logging.getLogger(__name__)


def send(scope: Any, proto: Any, reply: Reply) -> None:
    """Status, headers and, to whoever did not ask for the head alone, the body."""
    status, headers, body = reply
    if scope.method == "HEAD" or not body:
        proto.response_empty(status, headers)
    else:
        proto.response_bytes(status, headers, body)


class Outbox:
    """What goes out of this process, and how much of it is big."""

    def __init__(self) -> None:
        self._unread: Counter[str] = Counter()
        self._refused: Counter[int] = Counter()

    def refuse(self, refusal: Refusal, scope: Any, proto: Any, *, closes: bool) -> None:
        """In words; with `closes` nothing more is read from the connection."""
        send(scope, proto, answer_of(refusal, scope.path, closes=closes))
        status = int(refusal.status)  # an HTTPStatus prints its name as well
        if not self._refused:
            log.warning("a request is refused", extra={"status": status, "why": refusal.words})
            asyncio.get_running_loop().call_later(TOLD_SECONDS, self._tell)
        self._refused[status] += 1

    def _tell(self) -> None:
        """How many since the first."""
        if self._refused.total() > 1:
            counts = {str(status): count for status, count in sorted(self._refused.items())}
            log.warning("requests were refused", extra={"seconds": TOLD_SECONDS, "by_status": counts})
        self._refused.clear()

    async def send(self, scope: Any, proto: Any, reply: Reply, network: str) -> None:
        """Any answer. A big one ends its connection, which tells us that it has been read."""
        status, headers, body = reply
        size = len(body)
        if size <= BIG_ANSWER or scope.method == "HEAD":
            send(scope, proto, reply)
            return
        unread = self._unread[network] + size
        if unread > MAX_UNREAD_PER_NETWORK or self._unread.total() + size > MAX_UNREAD:
            self.refuse(BUSY, scope, proto, closes=False)
            return
        self._unread[network] += size
        try:
            transport = proto.response_stream(status, [*headers, _CLOSE])
            await transport.send_bytes(body)
            del transport  # the end of the answer
            async with asyncio.timeout(MAX_UNREAD_SECONDS):
                await proto.client_disconnect()
        except (TimeoutError, RuntimeError):  # granian's, where the connection is gone already
            pass
        finally:
            self._unread[network] -= size
            if not self._unread[network]:
                del self._unread[network]

    async def send_response(self, scope: Any, proto: Any, response: Response, network: str) -> None:
        """What Django answered; a file is read by granian as fast as its reader is, a piece at a time."""
        if response.file is not None:
            descriptor = response.file.fileno()
            asyncio.get_running_loop().call_later(KEPT_OPEN_SECONDS, response.file.close)
            proto.response_file(response.status, response.headers, f"/proc/self/fd/{descriptor}")
        elif response.path:
            proto.response_file(response.status, response.headers, response.path)
        else:
            await self.send(scope, proto, (response.status, response.headers, response.body), network)
