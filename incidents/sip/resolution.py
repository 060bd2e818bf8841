"""Names to addresses through the system's resolver: A and AAAA, the last step of RFC 3263 section 4.2."""

import ipaddress
import socket
from functools import lru_cache
from typing import Literal, NamedTuple

from incidents.sip.errors import LocalFault, NotResolved, SipFailure
from incidents.sip.threads import in_thread

REMEMBERED = 16_384
Family = Literal["any", "ipv4", "ipv6"]

# What a resolver says of the name itself. Anything else, EAI_AGAIN above all, is said of the resolver.
_NO_SUCH_NAME = {socket.EAI_NONAME, socket.EAI_NODATA, socket.EAI_ADDRFAMILY}
_FAMILIES = {"any": socket.AF_UNSPEC, "ipv4": socket.AF_INET, "ipv6": socket.AF_INET6}


class Endpoint(NamedTuple):
    """An IP address and a port."""

    ip: str
    port: int

    def __str__(self) -> str:
        return f"{bracketed(self.ip)}:{self.port}"


def bracketed(host: str) -> str:
    """`host` as it stands in a URI: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


@lru_cache(maxsize=REMEMBERED)
def is_ip(host: str) -> bool:
    """Whether `host` is an IPv4 or IPv6 address rather than a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def resolve(host: str, port: int, *, family: Family = "any") -> tuple[Endpoint, ...]:
    """The addresses of `host` in the order the system prefers; an address stands for itself.

    Raises:
        NotResolved: there is none, and the resolver knows it.
        LocalFault: our resolver could not tell, or there was no thread to ask with.
    """
    if is_ip(host):
        return (_of_family(host, port, family),)
    found = await _look_up(host, port, _FAMILIES[family])
    return tuple(dict.fromkeys(Endpoint(ip, port) for ip in found))


def _of_family(host: str, port: int, family: Family) -> Endpoint:
    version = ipaddress.ip_address(host).version
    if family not in ("any", f"ipv{version}"):
        raise NotResolved(f"{host} is no {family.upper()} address")
    return Endpoint(host, port)


async def _look_up(host: str, port: int, family: int) -> list[str]:
    def ask() -> list[str]:
        return [str(item[4][0]) for item in socket.getaddrinfo(host, port, family, socket.SOCK_DGRAM)]

    try:
        return await in_thread(ask, name="resolve")
    except (OSError, UnicodeError) as error:
        raise _failure_of(host, error) from error


def _failure_of(host: str, error: OSError | UnicodeError) -> SipFailure:
    if isinstance(error, UnicodeError):
        return NotResolved(f"{host}: not a host name")
    words = (error.strerror or "no reason given").lower()
    if isinstance(error, socket.gaierror) and error.errno in _NO_SUCH_NAME:
        return NotResolved(f"{host}: {words}")
    return LocalFault(f"our resolver could not look up {host}: {words}")
