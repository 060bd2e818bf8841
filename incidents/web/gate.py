"""The gate before every door: what is published is answered at once, all else waits here for its body and its place.

It speaks RSGI, granian's interface, which hands a request over before its body. Django runs in threads, as many as
there are places, and a request gets one of them only when its body is whole: a client that sends slowly holds none.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from django.db import Error as DatabaseError

from incidents.domain.body_limits import WORDS_BYTES, BodyLimit, Sender, body_limit
from incidents.publishing.bundles import Bundle
from incidents.web.answers import Answers, answers
from incidents.web.bodies import BodyRefused, Ledger
from incidents.web.clients import client_address, client_network, client_of
from incidents.web.front import Front, Reply
from incidents.web.places import PLACES, Caller, NoPlace, Places
from incidents.web.refusals import AMBIGUOUS, BROKEN, BUSY, NO_DATABASE, refusal_of_sender
from incidents.web.sending import BIG_ANSWER, Outbox, send
from incidents.web.sockets import cut_off_silent_readers
from incidents.web.staff_cookie import is_staff
from incidents.web.staff_session import sender_by_session
from incidents.web.wsgi_bridge import call, environ_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

SCRIPTS = ("/v1/", "/beats/")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEALTHY: Reply = (
    200,
    [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "3"), ("Cache-Control", "no-store")],
    b"ok\n",
)


class Gate:
    """An RSGI application.

    `sender_by_key` says, in a thread, who sends a file below `/v1/`; `release_documents` gives those that come with the
    code, for an address and an Accept header, once they have been rendered.
    """

    def __init__(
        self,
        front: Front,
        django: "WSGIApplication",
        *,
        sender_by_key: Callable[["WSGIEnvironment"], Sender],
        release_documents: Callable[[str, str], Bundle | None],
    ) -> None:
        self._front, self._django, self._sender_by_key = front, django, sender_by_key
        self._release_documents = release_documents
        self._release_answers: dict[str, Answers] = {}
        self._places, self._ledger, self._outbox = Places(), Ledger(), Outbox()
        self._threads = ThreadPoolExecutor(PLACES, thread_name_prefix="django")

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Answer what lies ready in the thread that hands requests over; a turn of the loop costs as much again."""
        hand_over = loop.call_soon_threadsafe

        def call_soon_threadsafe(callback: Callable[..., Any], *args: Any, context: Any = None) -> Any:
            # granian's: the coroutine of a request, and the request
            if args and isinstance(args[0], CoroutineType) and hasattr(args[-1], "scope"):
                request = args[-1]
                if self.answers(request.scope, request.proto):
                    args[0].close()
                    return None
            return hand_over(callback, *args, context=context)

        loop.call_soon(cut_off_silent_readers)  # by then granian listens
        loop.call_soon_threadsafe = call_soon_threadsafe  # type: ignore[method-assign,assignment]

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """granian has let every request finish before."""
        self._threads.shutdown(wait=True)

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        """Answer one request."""
        try:
            await self._answer(scope, proto)
        except Exception:
            log.exception("the gate failed")
            self._outbox.refuse(BROKEN, scope, proto, closes=True)

    def answers(self, scope: Any, proto: Any) -> bool:
        """Whether the answer lay ready and has been given. Any thread may ask."""
        try:
            reply = self._ready(scope)
        except Exception:
            log.exception("the front failed")
            return False
        if reply is None or len(reply[2]) > BIG_ANSWER:
            return False
        send(scope, proto, reply)
        return True

    def _ready(self, scope: Any) -> Reply | None:
        if scope.method not in {"GET", "HEAD"}:
            return None
        path: str = scope.path
        if path == "/healthz":
            return HEALTHY
        headers = scope.headers
        if self._front.https_only and not client_of(_peer(scope)).is_https:
            return None
        hosts = headers.get_all("host")
        known, encodings = headers.get("if-none-match", ""), headers.get("accept-encoding", "")
        # With two hosts no page is meant (RFC 9112, section 3.2).
        host = hosts[0] if len(hosts) == 1 else ""
        reply = self._front.find(host, path, scope.query_string, known, encodings)
        if reply is None and path.startswith("/v1/") and (found := self._of_release(scope)):
            return self._front.choose(found.fresh, known, encodings)
        return reply

    def _of_release(self, scope: Any) -> Answers | None:
        """What comes with the code; the same under every host."""
        query: str = scope.query_string
        address = f"{scope.path}?{query}" if query else scope.path
        found = self._release_documents(address, scope.headers.get("accept", ""))
        if found is None:
            return None
        if address not in self._release_answers:
            self._release_answers[address] = answers(found, vary="Accept, Accept-Encoding")
        return self._release_answers[address]

    async def _answer(self, scope: Any, proto: Any) -> None:
        ready = self._ready(scope)
        if ready is not None:
            await self._outbox.send(scope, proto, ready, client_network(client_address(_peer(scope))))
            return
        headers: list[tuple[str, str]] = scope.headers.items()
        environ = environ_of(scope, headers)
        caller, network = _caller(environ), client_network(client_address(environ))
        try:
            declared = _declared(headers)
            limit, is_staffs = await self._limit(environ, caller, network, declared)
            is_empty = declared == 0
            with self._ledger.body(network, limit, is_staff=is_staffs, is_empty=is_empty) as body:
                if not is_empty:
                    await body.receive(proto, declared, is_held_back="HTTP_EXPECT" in environ)
                environ["wsgi.input"], environ["CONTENT_LENGTH"] = body.file(), str(body.size)
                async with self._places.one(caller, network):
                    response = await self._in_thread(call, self._django, environ)
        except BodyRefused as refused:
            self._outbox.refuse(refused.refusal, scope, proto, closes=refused.closes)
        except NoPlace:
            self._outbox.refuse(BUSY, scope, proto, closes=False)
        except DatabaseError:  # of the question who sends a file
            log.warning("the database cannot be reached", exc_info=True)
            self._outbox.refuse(NO_DATABASE, scope, proto, closes=True)
        else:
            await self._outbox.send_response(scope, proto, response, network)

    async def _limit(
        self, environ: "WSGIEnvironment", caller: Caller, network: str, declared: int | None
    ) -> tuple[BodyLimit, bool]:
        """How much may come, and whether as staff. Raises BodyRefused, and NoPlace.

        Whoever sends files is looked up before they come: the signed cookie outlives the session and the account.
        """
        path = environ["PATH_INFO"]
        limit = body_limit(path, environ.get("CONTENT_TYPE", ""))
        if not limit.is_upload:
            return limit, caller is Caller.STAFF
        if declared is not None and declared <= WORDS_BYTES:
            return BodyLimit(WORDS_BYTES), caller is Caller.STAFF
        asked = self._sender_by_key if path.startswith(SCRIPTS) else sender_by_session
        async with self._places.one(caller, network):
            sender = await self._in_thread(asked, environ)
        if refusal := refusal_of_sender(sender):
            raise BodyRefused(refusal)
        return limit, sender is Sender.STAFF

    async def _in_thread(self, work: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)


def _declared(headers: list[tuple[str, str]]) -> int | None:
    """The length of the body: 0 where there is none, None where it comes in chunks. Raises BodyRefused."""
    lengths = [value for name, value in headers if name == "content-length"]
    codings = [value for name, value in headers if name == "transfer-encoding"]
    if codings:
        if lengths or [each.strip().lower() for each in codings] != ["chunked"]:
            raise BodyRefused(AMBIGUOUS)
        return None
    if not lengths:
        return 0
    if len(set(lengths)) > 1 or not (lengths[0].isascii() and lengths[0].isdecimal()):
        raise BodyRefused(AMBIGUOUS)
    return int(lengths[0])


def _caller(environ: "WSGIEnvironment") -> Caller:
    if is_staff(environ.get("HTTP_COOKIE", "")):
        return Caller.STAFF
    if environ["PATH_INFO"].startswith(SCRIPTS):
        return Caller.SCRIPT
    return Caller.STRANGER if environ["REQUEST_METHOD"] in SAFE else Caller.STRANGER_WRITING


def _peer(scope: Any) -> dict[str, str]:
    """As much of a WSGI environment as says who the client is."""
    every = scope.headers.get_all  # a proxy may have added a line of its own
    return {
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.url_scheme": scope.scheme,
        "HTTP_X_FORWARDED_FOR": ",".join(every("x-forwarded-for")),
        "HTTP_X_FORWARDED_PROTO": ",".join(every("x-forwarded-proto")),
    }
