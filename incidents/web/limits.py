"""How often a stranger may knock: counts in the cache, in windows of fixed length (DESIGN 13).

A cache that does not answer lets everybody in: what must never happen too often is counted in the database as well.
"""

import hashlib
import logging
import time
from ipaddress import IPv6Address, ip_address, ip_network

from django.core.cache import cache
from django.http import HttpRequest

log = logging.getLogger(__name__)

IPV6_SITE = 64
"""One subscriber line has a whole network of this prefix length."""


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
    """The caller's address, of IPv6 the network.

    Where the connection comes from inside (a proxy of ours) the last address that the proxy added counts; those before
    it are whatever the caller wrote.
    """
    address = request.META.get("REMOTE_ADDR", "")
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return (
        _network(forwarded) or _network(address) if forwarded and _is_inside(address) else _network(address)
    )


def _is_inside(address: str) -> bool:
    try:
        return ip_address(address).is_private
    except ValueError:
        return not address  # a Unix socket has none


def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, IPV6_SITE), strict=False))
