"""Who asks, and whether by https, where proxies of ours stand in between: only TRUSTED_PROXIES are believed.

Each proxy appends the address that it was asked from to `X-Forwarded-For`, and the scheme to `X-Forwarded-Proto`. Read
hop by hop from the right, the first address that is no proxy of ours is the client's; all before it the client wrote.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

IPV6_SITE_PREFIX = 64
"""One subscriber line has a whole network of this prefix length."""
MAX_HOPS = 16
"""Proxies in a row; whatever stands before them in the header is not read."""


class Client(NamedTuple):
    """`address` is empty where the connection names none (a Unix socket) or nonsense."""

    address: str
    is_https: bool


def client_of(environ: Mapping[str, Any]) -> Client:
    """The client of a WSGI environment."""
    address: str = environ.get("REMOTE_ADDR") or ""
    scheme: str = environ.get("wsgi.url_scheme") or "http"
    proxies = tuple(settings.TRUSTED_PROXIES)
    hops = _listed(environ, "HTTP_X_FORWARDED_FOR")
    schemes = _listed(environ, "HTTP_X_FORWARDED_PROTO")
    while _is_trusted(address, proxies):
        scheme = schemes.pop() if schemes else scheme
        named = _parsed(hops.pop()) if hops else None
        if named is None:
            break
        address = str(named)
    return Client(address, scheme.lower() == "https")


def client_address(environ: Mapping[str, Any]) -> str:
    """The client's IP address; empty where there is none."""
    return client_of(environ).address


def client_network(address: str) -> str:
    """What a limit counts by: the address, of IPv6 its network of /64; empty for what is no address."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, IPV6_SITE_PREFIX), strict=False))
    return str(parsed) if parsed else ""


class TrustedProxyMiddleware:
    """Makes REMOTE_ADDR and the scheme the client's own, so that views, allauth and Django agree on who asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        client = client_of(request.META)
        request.META["REMOTE_ADDR"] = client.address
        request.META["wsgi.url_scheme"] = "https" if client.is_https else "http"
        request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        return self._get_response(request)


def _listed(environ: Mapping[str, Any], name: str) -> list[str]:
    """The last values of a header, as its order is."""
    header: str = environ.get(name) or ""
    return [each.strip() for each in header.rsplit(",", MAX_HOPS)[-MAX_HOPS:]] if header else []


@lru_cache(maxsize=1024)
def _is_trusted(address: str, proxies: tuple[str, ...]) -> bool:
    """Whether the peer is a proxy of ours. A Unix socket has no address: whoever may open it is on this machine."""
    parsed = _parsed(address or "127.0.0.1")
    return parsed is not None and any(parsed in ip_network(each) for each in proxies)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """An address, also with a port behind it as some proxies write; IPv4 in IPv6 is IPv4."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        parsed = ip_address(host)
    except ValueError:
        return None
    return parsed.ipv4_mapped or parsed if isinstance(parsed, IPv6Address) else parsed
