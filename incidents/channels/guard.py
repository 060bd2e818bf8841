"""Where a webhook may go: judged on the resolved address, at the moment of connecting (DESIGN 10, 13).

A stranger names the URL, so it must never reach our own network: neither by a literal, nor by a name that resolves to
one, nor by a name that resolves differently the second time. `ipaddress.is_global` alone is not enough (reliability.md
3.1): it lets NAT64, 6to4 and cloud metadata addresses through.
"""

import errno
import socket
from collections.abc import Callable, Sequence
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]
AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]
"""One answer of getaddrinfo: family, type, protocol, canonical name, socket address."""

PORTS = frozenset({80, 443, 8080, 8443})
_IPV4_CLOSED = tuple(
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's host agent, on an otherwise public network
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
_IPV6_OPEN = IPv6Network("2000::/3")
_IPV6_CLOSED = tuple(
    IPv6Network(each)
    for each in (
        "2001::/23",  # Teredo and other protocol assignments
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries any IPv4 address
        "3fff::/20",
    )
)


class RefusedAddress(OSError):
    """The resolved address is not one that a webhook may reach."""


@cache
def networks(words: Sequence[str]) -> Networks:
    """WEBHOOK_ALLOW_PRIVATE as networks; a plain address is a network of one. Raises ValueError naming the word."""
    found = []
    for word in words:
        try:
            found.append(ip_network(word))
        except ValueError as error:
            raise ValueError(f"WEBHOOK_ALLOW_PRIVATE: {error}") from None
    return tuple(found)


def refusal(address: Address, port: int, allowed: Networks) -> str:
    """Why nothing may be sent there, or an empty string where it may."""
    if any(address in network for network in allowed):
        return ""
    if not is_public(address):
        return f"{address} is not a public address"
    return "" if port in PORTS else f"port {port} is not one of {', '.join(map(str, sorted(PORTS)))}"


def is_public(address: Address) -> bool:
    """Whether the address is on the open Internet, by the IANA registries of special addresses and some experience."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _IPV4_CLOSED)
    return (
        address.is_global
        and address in _IPV6_OPEN
        and not any(address in network for network in _IPV6_CLOSED)
    )


def guarded_socket(allowed: Networks) -> Callable[[AddressInfo], socket.socket]:
    """A socket factory for aiohttp: it sees each address just before it is dialled, literals included."""

    def make(info: AddressInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        reason = refusal(ip_address(address[0]), address[1], allowed)
        if reason:
            raise RefusedAddress(errno.EACCES, reason)
        return socket.socket(family, kind, protocol)

    return make
