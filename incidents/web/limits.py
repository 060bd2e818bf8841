"""How often a stranger may knock: counts in the cache, in windows of fixed length (DESIGN 13).

A cache that does not answer lets everybody in: what must never happen too often is counted in the database as well.
"""

import hashlib
import logging
import time

from django.core.cache import cache
from django.http import HttpRequest

from incidents.web.clients import client_address, client_network

log = logging.getLogger(__name__)


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
