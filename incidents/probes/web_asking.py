"""One GET over a connection of our own: no cookies, no proxy, no redirect, and no body without end (RFC 9110)."""

import asyncio
from collections.abc import Sequence

import aiohttp
from aiohttp.client_proto import ResponseHandler

from incidents.probes.evidence import Evidence
from incidents.probes.web_connection import WebConnection, open_connection
from incidents.probes.web_question import Question, Reply
from incidents.sip.errors import MalformedMessage, Refused, SipFailure, Stalled
from incidents.sip.resolution import Endpoint

MOST_BYTES = 1_000_000


async def get(question: Question, found: Sequence[Endpoint], *, evidence: Evidence, deadline: float) -> Reply:
    """Ask the first address that accepts, until `deadline` (loop time).

    Raises:
        SipFailure: no connection, no answer, or one that is no HTTP.
    """
    opened = await open_connection(found, question.tls, evidence=evidence, deadline=deadline)
    came: list[str] = []
    try:
        with evidence.timed("http"):
            async with asyncio.timeout_at(deadline):
                return await _ask(question, opened, evidence, came)
    except TimeoutError:
        raise Stalled(
            f"{came[0]}, but the body did not end in time"
            if came
            else "accepted the connection, never answered"
        ) from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise _failure_of(error) from error
    finally:
        if opened.transport is not None:
            opened.transport.abort()


async def _ask(question: Question, opened: ResponseHandler, evidence: Evidence, came: list[str]) -> Reply:
    """Ask over the open connection; `came` is told the status as soon as it is known."""
    url, headers = question.url, {"User-Agent": "Dialtone", "Accept-Encoding": "identity"}
    if question.server_name:
        headers["Host"] = f"{question.server_name}:{url.port}" if url.port else question.server_name
    async with aiohttp.ClientSession(
        connector=WebConnection(opened),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None),
        headers=headers,
    ) as session:
        evidence.note(f"GET {url.geturl()}")
        async with session.get(url.geturl(), allow_redirects=False) as response:
            came.append(f"{response.status} {response.reason or ''}".strip())
            body = await _body(response) if question.wants_body else b""
            return Reply(response.status, response.reason, response.headers, body)


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """The start of the body: a page of a gigabyte, or one that never ends, is read no further."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) >= MOST_BYTES:
            break
    return bytes(body[:MOST_BYTES])


def _failure_of(error: Exception) -> SipFailure:
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError | OSError):
        return Refused("connection closed without a reply")
    if isinstance(error, aiohttp.ClientPayloadError):
        return MalformedMessage("the body ended before its end")
    return MalformedMessage("the reply is not HTTP")
