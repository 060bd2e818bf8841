"""Whose certificate is it? The rules of RFC 5922 sections 7.1 and 7.2, which differ from those of the web."""

import ipaddress

from incidents.sip.certificate import Names
from incidents.sip.errors import MalformedMessage
from incidents.sip.resolution import is_ip
from incidents.sip.uri import parse_sip_uri


def domain_identities(names: Names) -> tuple[str, ...]:
    """The SIP domains a certificate stands for.

    A SAN URI `sip:domain` without a user part; only if there is none, the SAN DNS names; only if there is no
    SAN at all, the common name.
    """
    if not names.has_alternative:
        return names.common
    return tuple(filter(None, map(_domain_of, names.uris))) or names.dns


def _domain_of(uri: str) -> str:
    try:
        parsed = parse_sip_uri(uri)
    except MalformedMessage:
        return ""
    # sips: is no identity of a domain, and a user part makes it the identity of a person.
    return "" if parsed.scheme != "sip" or parsed.user else parsed.host


def proves(names: Names, expected: str) -> bool:
    """Whether the certificate proves to be `expected`, a domain (whole, without case, no wildcards) or an IP.

    RFC 5922 knows domains only; for a target that is an address the SAN must hold that address.
    """
    if is_ip(expected):
        address = ipaddress.ip_address(expected)
        return any(ipaddress.ip_address(ip) == address for ip in names.ips)
    wanted = _plain(expected)
    return any(_plain(name) == wanted for name in domain_identities(names))


def _plain(domain: str) -> str:
    return domain.rstrip(".").lower()
