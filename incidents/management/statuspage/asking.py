"""Asking a Statuspage for all that it tells: the public documents and their history, or the v1 API with a key."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp

from incidents.domain.archives import Archive, NoArchive, code_of

TOGETHER = 16
PATIENCE = aiohttp.ClientTimeout(total=60)
LARGEST = 50 * 1024 * 1024
TRIES = 5
MOST_PAGES = 120
"""Of the history, three months each; the first was in 2013."""
EMPTY_PAGES = 12
V1_PAUSE = 1.0
"""Seconds between two requests to v1, which counts one a second."""

Say = Callable[[str], None]


class Asking:
    """Requests to one server, a few at a time, again where it asks for patience."""

    def __init__(self, session: aiohttp.ClientSession, base: str, *, pause: float = 0.0) -> None:
        self._session, self._base, self._pause = session, base.rstrip("/"), pause
        self._turn = asyncio.Semaphore(1 if pause else TOGETHER)

    async def get(self, path: str, **query: Any) -> Any:
        """The JSON there, None for a 404. Raises NoArchive saying what came instead."""
        url = f"{self._base}{path}" + (f"?{urlencode(query)}" if query else "")
        async with self._turn:
            for number in range(1, TRIES + 1):
                await asyncio.sleep(self._pause)
                wait = await self._once(url, last=number == TRIES)
                if not isinstance(wait, float):
                    return wait[0]
                await asyncio.sleep(wait)
        raise NoArchive(f"{url} cannot be read")

    async def _once(self, url: str, *, last: bool) -> float | tuple[Any]:
        """What is there, or how many seconds to wait for it."""
        try:
            async with self._session.get(url) as reply:
                if reply.status in {420, 429, 502, 503, 504} and not last:
                    after = reply.headers.get("Retry-After", "")
                    return min(float(after) if after.isdigit() else 2.0, 60.0)
                if reply.status == 404:  # noqa: PLR2004
                    return (None,)
                if reply.status != 200:  # noqa: PLR2004
                    raise NoArchive(f"{url} answers {reply.status}")
                raw = await reply.content.read(LARGEST + 1)
                while len(raw) <= LARGEST and (more := await reply.content.read(LARGEST)):
                    raw += more
        except (aiohttp.ClientError, TimeoutError) as error:
            if last:
                raise NoArchive(f"{url} cannot be reached: {error or type(error).__name__}") from error
            return 1.0
        if len(raw) > LARGEST:
            raise NoArchive(f"{url} is larger than {LARGEST:,} bytes")
        try:
            return (json.loads(raw),)
        except (ValueError, RecursionError) as error:
            raise NoArchive(f"{url} is no JSON") from error


async def ask_public(base: str, say: Say) -> Archive:
    """What the public documents tell, past their limit of 50 by the history's pages. Raises NoArchive."""
    archive = Archive()
    async with _asking(base) as asking:
        summary = await asking.get("/api/v2/summary.json")
        if not isinstance(summary, dict):
            raise NoArchive(f"{base} has no /api/v2/summary.json, so it is no Statuspage")
        archive.take(summary)
        for path in ("/api/v2/incidents.json", "/api/v2/scheduled-maintenances.json"):
            archive.take(await asking.get(path) or {"page": {}})
        say(
            f"{len(archive.components)} components, {len(archive.incidents)} incidents in the public documents"
        )
        older = [code for code in await _history(asking) if code_of(code) not in archive.incidents]
        say(f"{len(older)} older ones in the history")
        found = await asyncio.gather(
            *(asking.get(f"/incidents/{quote(code, safe='')}.json") for code in older)
        )
        for code, document in zip(older, found, strict=True):
            if isinstance(document, dict):
                archive.take(document)
            else:
                archive.lost(f"incident {code} stands in the history and is gone")
    return archive


async def _history(asking: Asking) -> list[str]:
    """The codes of all pages of the history, until a few in a row are empty."""
    codes: dict[str, None] = {}
    empty = 0
    for number in range(1, MOST_PAGES + 1):
        document = await asking.get("/history.json", page=number)
        months = document.get("months") if isinstance(document, dict) else None
        here = [
            str(each.get("code"))
            for month in months or []
            if isinstance(month, dict)
            for each in month.get("incidents") or []
            if isinstance(each, dict)
        ]
        codes |= dict.fromkeys(code for code in here if code_of(code))
        empty = 0 if here else empty + 1
        if not months or empty >= EMPTY_PAGES:
            break
    return list(codes)


async def ask_v1(base: str, page_id: str, key: str, say: Say, *, pause: float = V1_PAUSE) -> Archive:
    """What the v1 API tells of one page to a key, subscribers among it. Raises NoArchive."""
    archive, place = Archive(), f"/pages/{quote(page_id, safe='')}"
    async with _asking(base, key=key, pause=pause) as asking:
        page = await asking.get(place)
        if not isinstance(page, dict):
            raise NoArchive(f"{base} knows no page {page_id} for this key")
        archive.take_page(page)
        archive.take_components([each async for each in _all(asking, f"{place}/component-groups")])
        archive.take_components([each async for each in _all(asking, f"{place}/components")])
        archive.take_incidents([each async for each in _all(asking, f"{place}/incidents", size="limit")])
        say(f"{len(archive.components)} components, {len(archive.incidents)} incidents")
        for state in ("active", "unconfirmed", "quarantined"):
            rows = _all(asking, f"{place}/subscribers", size="limit", first=0, state=state)
            archive.take_subscribers([each | {"state": state} async for each in rows])
        archive.take_templates([each async for each in _all(asking, f"{place}/incident_templates")])
        say(f"{len(archive.subscribers)} subscribers, {len(archive.templates)} templates")
    return archive


async def _all(
    asking: Asking, path: str, *, size: str = "per_page", first: int = 1, **query: Any
) -> AsyncIterator[dict[str, Any]]:
    """All parts of a list; a short one is the last, as is one that only repeats."""
    seen: set[str] = set()
    for number in range(first, 100_000):
        rows = await asking.get(path, **{size: 100}, page=number, **query)
        fresh = [each for each in _objects(rows) if str(each.get("id")) not in seen]
        for each in fresh:
            yield each
        seen |= {str(each.get("id")) for each in fresh}
        if not fresh or len(rows) < 100:  # noqa: PLR2004
            return


def _objects(rows: Any) -> Iterable[dict[str, Any]]:
    return [each for each in rows if isinstance(each, dict)] if isinstance(rows, list) else []


@asynccontextmanager
async def _asking(base: str, *, key: str = "", pause: float = 0.0) -> AsyncIterator[Asking]:
    headers = {"User-Agent": "Dialtone import", "Accept": "application/json"}
    headers |= {"Authorization": f"OAuth {key}"} if key else {}
    async with aiohttp.ClientSession(timeout=PATIENCE, headers=headers) as session:
        yield Asking(session, base, pause=pause)
