"""Which addresses are on the open Internet, by the IANA registries of special addresses and some experience.

`ipaddress.is_global` alone is not enough (reliability.md 3.1): it lets NAT64, 6to4, ISATAP and cloud metadata through.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

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
_WITHOUT_FLAGS = 0xFCFF_FFFF
_ISATAP = 0x0000_5EFE
"""The third quarter of an address that carries an IPv4 address of its site in the fourth (RFC 5214 section 6.1)."""


def is_public(address: Address) -> bool:
    """Whether strangers may be led there: not our own network, this machine, a cloud's metadata or a tunnel to them."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _IPV4_CLOSED)
    return (
        address.is_global
        and address.scope_id is None
        and address in _IPV6_OPEN
        and not any(address in network for network in _IPV6_CLOSED)
        and int(address) >> 32 & _WITHOUT_FLAGS != _ISATAP
    )
