"""How often a stranger may knock: counts in the cache, in windows of fixed length (DESIGN 13).

A cache that does not answer lets everybody in: what must never happen too often is counted in the database as well.
"""

import hashlib
import logging
import time

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from incidents.web.clients import client_address, client_network

log = logging.getLogger(__name__)

HOUR = 3600
MISSES_AN_HOUR = 120
"""Links, codes and keys that open nothing, which one network may try at one door."""


def within(name: str, who: str, *, limit: int, seconds: int) -> bool:
    """Count one knock of `who` at `name`, and say whether it is among the first `limit` of this window."""
    digest = hashlib.sha256(who.encode()).hexdigest()[:32]
    key = f"knocks:{name}:{digest}:{int(time.time()) // seconds}"
    try:
        cache.add(key, 0, timeout=seconds)
        return cache.incr(key) <= limit
    except ValueError:
        return True  # the window ended between the two lines
    except Exception:
        log.exception("the cache does not count", extra={"limited": name})
        return True


def caller(request: HttpRequest) -> str:
    """The client's address behind proxies of ours too, of IPv6 the network."""
    return client_network(client_address(request.META))


def missed(request: HttpRequest, door: str) -> HttpResponse | None:
    """Count one guess that opened nothing; from one network's MISSES_AN_HOUR on the plain answer to all further ones.

    Asked only once nothing was found, so that nobody who guesses can close a door for a neighbour who knows the way.
    """
    if within(f"missed-{door}", caller(request), limit=MISSES_AN_HOUR, seconds=HOUR):
        return None
    return too_many()


def too_many() -> HttpResponse:
    """429, at no cost."""
    words = "Too many requests have come from here. Try again in an hour.\n"
    response = HttpResponse(words, status=429, content_type="text/plain; charset=utf-8")
    response["Retry-After"] = str(HOUR)
    response["Cache-Control"] = "no-store"
    return response
