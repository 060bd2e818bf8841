"""The one table of probe kinds: a kind is a file beside this one and a line here (DESIGN 2 and 9)."""

from collections.abc import Mapping
from types import MappingProxyType

from incidents.probes import (
    certificate_store,
    heartbeat,
    http_get,
    sip_call,
    sip_dns,
    sip_options,
    sip_register,
    tcp_connect,
    tls_certificate,
)
from incidents.probes.kind import Kind

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            sip_options.KIND,
            sip_register.KIND,
            sip_call.KIND,
            tls_certificate.KIND,
            certificate_store.KIND,
            sip_dns.KIND,
            tcp_connect.KIND,
            http_get.KIND,
            heartbeat.KIND,
        )
    }
)


def choices() -> list[tuple[str, str]]:
    """Name and label of each kind, for callable model choices: a new kind makes no migration."""
    return [(kind.name, kind.label) for kind in KINDS.values()]
