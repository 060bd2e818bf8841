"""Where a webhook may go: judged on the resolved address, at the moment of connecting (DESIGN 10, 13).

A stranger names the URL, so it must never reach our own network or machine: neither by a literal, nor by a name that
resolves to one, nor by a name that resolves differently the second time.
"""

import errno
import socket
from collections.abc import Callable, Sequence
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from incidents.domain.networks import Address, is_public

Networks = tuple[IPv4Network | IPv6Network, ...]
AddressInfo = tuple[int, int, int, str, tuple[Any, ...]]
"""One answer of getaddrinfo: family, type, protocol, canonical name, socket address."""

PORTS = frozenset({80, 443, 8080, 8443})


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
    if _is_own(address):
        return f"{address} is this server itself"
    return "" if port in PORTS else f"port {port} is not one of {', '.join(map(str, sorted(PORTS)))}"


def _is_own(address: Address) -> bool:
    """Whether this machine answers there, past its own firewall. Asks the kernel for the way, sends nothing."""
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asked:
            asked.connect((str(address), 443))
            return ip_address(asked.getsockname()[0]) == address
    except OSError:
        return False


def guarded_socket(allowed: Networks) -> Callable[[AddressInfo], socket.socket]:
    """A socket factory for aiohttp: it sees each address just before it is dialled, literals included."""

    def make(info: AddressInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        reason = refusal(ip_address(address[0]), address[1], allowed)
        if reason:
            raise RefusedAddress(errno.EACCES, reason)
        return socket.socket(family, kind, protocol)

    return make
